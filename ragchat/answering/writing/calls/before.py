"""A model's answer to the very prompt that it was sent before, given again without asking it.

The prompt holds all that an answer in chat mode depends on: instructions, passages, what was said before, the question.
So an answer outlives a new generation of the index for as long as it would be asked with the same passages, which an
answer that is kept whole (ragchat.runtime.cache) does not.
"""

import json
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from hashlib import sha256
from typing import TYPE_CHECKING, Final, Protocol

from ragchat.answering.writing.calls.upstream import Delta, Streamed

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

_WHOLE: Final = frozenset({"stop", "end_turn"})
"""Why a model ends an answer that is whole."""


class Kept(Protocol):
    """Bytes by key; never raises, and has nothing where it fails."""

    async def get(self, key: str) -> bytes | None: ...

    async def put(self, key: str, value: bytes) -> None: ...


def as_before(
    streamed: Streamed, kept: Kept, *asked_with: object, fence: str = "", fresh: bool = False
) -> Streamed:
    """`streamed`, with whole answers kept, and given again as one delta that cost nothing; `fresh` asks anew.

    `asked_with` are JSON values that make two equal prompts differ: the model, its parameters, whose question it is;
    `fence` is the random line in them, which makes none differ.
    """

    async def again(messages: "Sequence[BaseMessage]") -> AsyncGenerator[Delta, None]:
        key = _key(asked_with, messages, fence)
        if not fresh and (known := await kept.get(key)) is not None:
            yield _read(known)
            return
        text, finish = "", ""
        async with aclosing(streamed(messages)) as deltas:
            async for delta in deltas:
                text, finish = text + delta.text, delta.finish or finish
                yield delta
        if text and finish in _WHOLE:
            await kept.put(key, json.dumps([text, finish]).encode())

    return again


def _key(asked_with: Sequence[object], messages: "Sequence[BaseMessage]", fence: str) -> str:
    said = [[message.type, message.text] for message in messages]
    written = json.dumps([asked_with, said], sort_keys=True)
    return sha256((written.replace(fence, "") if fence else written).encode()).hexdigest()


def _read(kept: bytes) -> Delta:
    text, finish = json.loads(kept)
    return Delta(text, finish)
