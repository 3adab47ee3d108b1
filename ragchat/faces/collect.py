"""The whole stream as one value, for callers who want an answer and no stream."""

from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass
from typing import assert_never

from ragchat.answering.events import Cited, Done, Error, Event, Source, Sources, Start, Step, Token


@dataclass(frozen=True, slots=True)
class Collected:
    """How a stream began (None: it never did), what it could see and went through, how it ended."""

    start: Start | None
    sources: tuple[Source, ...]
    end: Done | Error
    steps: tuple[Step, ...] = ()

    def as_json(self) -> dict[str, object]:
        """What `POST /v1/chat` and `ragchat ask --json` have in common; an `error` object for a failure."""
        began = {
            "conversation_id": self.start.conversation_id if self.start else None,
            "message_id": self.start.message_id if self.start else None,
            "model": self.start.model if self.start else None,
            "generation": self.start.generation if self.start else None,
        }
        match self.end:
            case Error():
                failure = {
                    "code": self.end.code,
                    "message": self.end.message,
                    "retryable": self.end.retryable,
                }
                return {**began, "error": failure}
            case Done():
                return {
                    "response": self.end.response,
                    **began,
                    "sources": [asdict(source) for source in self.sources],
                    "citations": [asdict(citation) for citation in self.end.citations],
                    "finish": self.end.finish,
                    "refusal": asdict(self.end.refusal) if self.end.refusal else None,
                    "grounded": self.end.grounded,
                    "tokens_used": self.end.usage.total_tokens,
                    "usage": asdict(self.end.usage),
                    "timings": dict(self.end.timings),
                }
            case _:
                assert_never(self.end)


async def collect(events: AsyncIterator[Event]) -> Collected:
    """Read the stream to its end; one that stops without saying how is an error with code "no_end"."""
    start: Start | None = None
    sources: list[Source] = []
    steps: list[Step] = []
    async for event in events:
        match event:
            case Start():
                start = event
            case Sources():
                sources.extend(event.sources)
            case Step():
                steps.append(event)
            case Token() | Cited():
                pass
            case Done() | Error():
                return Collected(start, tuple(sources), event, tuple(steps))
            case _:
                assert_never(event)
    missing = Error("no_end", "The answer ended without saying how.", retryable=True)
    return Collected(start, tuple(sources), missing, tuple(steps))
