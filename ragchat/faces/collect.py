"""The whole stream as one value, for callers who want an answer and no stream."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import assert_never

from ragchat.answering.events import Cited, Done, Error, Event, Source, Sources, Start, Step, Token


@dataclass(frozen=True, slots=True)
class Answer:
    """A finished answer: how it began, what it could see, how it ended."""

    start: Start
    sources: tuple[Source, ...]
    done: Done


@dataclass(frozen=True, slots=True)
class Failure:
    """The stream ended in an error; `start` is None when it failed before it began."""

    start: Start | None
    error: Error


async def collect(events: AsyncIterator[Event]) -> Answer | Failure:
    """Read the stream to its end. A stream without a terminal event is a Failure with code "no_end"."""
    start: Start | None = None
    sources: list[Source] = []
    async for event in events:
        match event:
            case Start():
                start = event
            case Sources():
                sources.extend(event.sources)
            case Step() | Token() | Cited():
                pass
            case Done():
                if start is not None:
                    return Answer(start, tuple(sources), event)
            case Error():
                return Failure(start, event)
            case _:
                assert_never(event)
    return Failure(start, Error("no_end", "The answer ended without saying how.", retryable=True))
