"""Events as JSON: one object each, with `type` and `seq`; one line each for pipes and log files."""

from collections.abc import AsyncIterator

from ragchat.answering.encoding import encode
from ragchat.answering.events import Event

__all__ = ["encode", "lines"]


async def lines(events: AsyncIterator[Event]) -> AsyncIterator[str]:
    """Each event as a line, newline included."""
    seq = 0
    async for event in events:
        yield encode(seq, event) + "\n"
        seq += 1
