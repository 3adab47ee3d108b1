"""One streamed call to a chat model: retried before its first words only, inside one deadline, closed in every case.

Errors of providers are translated once, here, into UpstreamFailed. The time-out is the reading task's own: one around
the whole generator would fire inside whoever consumes it.
"""

import asyncio
import random
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias, cast

from ragchat.answering.events import Usage
from ragchat.answering.writing.calls.ahead import read_ahead
from ragchat.answering.writing.calls.thinking import Thinking
from ragchat.errors import UpstreamFailed
from ragchat.models.providers import retry_after, upstream_failed
from ragchat.models.streams.direct import reader_of

if TYPE_CHECKING:
    from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
    from langchain_core.runnables import Runnable

FIRST_PAUSE, LONGEST_PAUSE, MOST_ATTEMPTS = 0.4, 8.0, 4


@dataclass(frozen=True, slots=True)
class Delta:
    """A piece of the model's answer; the last one carries its `finish` reason and, where told, its usage."""

    text: str = ""
    finish: str = ""
    usage: Usage | None = None


Streamed: TypeAlias = "Callable[[Sequence[BaseMessage]], AsyncGenerator[Delta, None]]"
"""A call of a model: messages in, the deltas of its answer out."""


class BrokenOff(UpstreamFailed):
    """The stream broke after its first words: never retried, what was said stays."""


async def streamed(
    model: "Runnable[list[BaseMessage], BaseMessage]",
    messages: "Sequence[BaseMessage]",
    *,
    name: str,
    deadline: float,
    attempts: int = MOST_ATTEMPTS,
    called: Callable[[], None] = lambda: None,
) -> AsyncGenerator[Delta, None]:
    """The answer's deltas. `deadline` is seconds from now for everything, waiting and retries included; `called`
    is told of each attempt.

    Raises UpstreamFailed when nothing could be had, BrokenOff when the stream broke after the first words.
    """
    until = time.monotonic() + deadline
    attempt, before = 0, None
    while True:
        spoken = False
        called()
        try:
            async with aclosing(_thoughtless(_once(model, messages, name, until))) as deltas:
                async for delta in deltas:
                    spoken = spoken or bool(delta.text)
                    yield delta
                return
        except _Refused as refused:
            if spoken:
                raise BrokenOff(str(refused.failure), retryable=False, code="broken_off") from refused
            if before is not None and isinstance(refused.__cause__, TimeoutError):
                raise before from refused  # time ran out within another try: what failed is what the first one met
            attempt, before = attempt + 1, refused.failure
            pause = pause_before(attempt, refused.after)
            if not refused.failure.retryable or attempt >= attempts or time.monotonic() + pause >= until:
                raise refused.failure from refused
        await asyncio.sleep(pause)


async def _thoughtless(deltas: AsyncGenerator[Delta, None]) -> AsyncGenerator[Delta, None]:
    """The deltas without what the model thinks aloud."""
    thinking = Thinking()
    async with aclosing(deltas):
        async for delta in deltas:
            text = thinking.feed(delta.text)
            yield delta if text == delta.text else replace(delta, text=text)
    if rest := thinking.flush():
        yield Delta(rest)


class _Refused(Exception):
    """One attempt failed; `after` is how long the service asks to wait (seconds, None: it does not say)."""

    def __init__(self, failure: UpstreamFailed, after: float | None = None) -> None:
        super().__init__(str(failure))
        self.failure = failure
        self.after = after


def pause_before(attempt: int, after: float | None) -> float:
    """Seconds to wait: what the service asks for (`after`), else exponential with full jitter (AWS, 2015)."""
    if after is not None:
        return after
    most: float = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** (attempt - 1))
    return random.uniform(0.5, 1.0) * most  # noqa: S311 - jitter, not a secret


async def _once(
    model: "Runnable[list[BaseMessage], BaseMessage]",
    messages: "Sequence[BaseMessage]",
    name: str,
    until: float,
) -> AsyncGenerator[Delta, None]:
    """One attempt. Raises _Refused for whatever a provider raises: their exceptions share no base class."""
    left = max(0.0, until - time.monotonic())
    stream = read_ahead(_deltas(model, messages), _joined, lambda delta: len(delta.text), left)
    empty = True
    try:
        while True:
            try:
                delta = await anext(stream, None)
            except Exception as error:  # boundary: providers' exceptions share no base class
                if isinstance(error, ValueError) and "No generation chunks" in str(error):
                    break  # how LangChain puts a stream without a single event
                raise _Refused(upstream_failed(name, error), retry_after(error)) from error
            if delta is None:
                break
            empty = empty and not delta.text and delta.finish in ("", "stop", "end_turn")
            yield delta
    finally:
        await stream.aclose()
    if empty:
        raise _Refused(
            UpstreamFailed(f"{name} sent an empty answer.", hint="Try again.", code="empty_answer")
        )


async def _deltas(
    model: "Runnable[list[BaseMessage], BaseMessage]", messages: "Sequence[BaseMessage]"
) -> AsyncGenerator[Delta, None]:
    """What the model says, piece by piece."""
    if (read := reader_of(model)) is not None:
        async with aclosing(read(messages)) as pieces:
            async for one in pieces:
                yield Delta(one.text, one.finish, Usage(*one.tokens) if one.tokens else None)
        return
    stream = cast("AsyncGenerator[AIMessageChunk, None]", model.astream(list(messages)))
    async with aclosing(stream) as chunks:
        async for chunk in chunks:
            yield _delta(chunk)


def _joined(before: Delta, after: Delta) -> Delta:
    return Delta(before.text + after.text, before.finish or after.finish, before.usage or after.usage)


def finish_of(message: "AIMessage") -> str:
    """The provider's word for why the message ended ("stop", "length", …); empty where it does not say."""
    said = message.response_metadata
    return str(said.get("finish_reason") or said.get("stop_reason") or said.get("done_reason") or "")


def _delta(chunk: "AIMessageChunk") -> Delta:
    usage = chunk.usage_metadata
    return Delta(
        text=str(chunk.text),
        finish=finish_of(chunk),
        usage=Usage(usage["input_tokens"], usage["output_tokens"]) if usage else None,
    )
