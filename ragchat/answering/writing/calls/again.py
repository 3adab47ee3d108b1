"""A model's answer that holds a blocked word, asked for once more. It costs the stream: nothing may be shown before."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING

from langchain_core.messages import AIMessage, HumanMessage

from ragchat.answering.moderating.words import Moderation
from ragchat.answering.writing.calls.upstream import Delta, Streamed
from ragchat.answering.writing.prompt import render

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage


async def unblocked(
    streamed: Streamed, messages: "Sequence[BaseMessage]", moderation: Moderation
) -> AsyncGenerator[Delta, None]:
    """The deltas of the first answer, or of the second where the first holds a blocked word; the second may too."""
    said = await _all(streamed(messages))
    text = "".join(delta.text for delta in said)
    if moderation.blocked_in(text):
        said = await _all(streamed([*messages, AIMessage(text), HumanMessage(render("again_unblocked"))]))
    for delta in said:
        yield delta


async def _all(deltas: AsyncGenerator[Delta, None]) -> list[Delta]:
    async with aclosing(deltas):
        return [delta async for delta in deltas]
