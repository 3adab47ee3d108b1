"""What an answer has said so far, kept up event by event, so that it can be recorded wherever it ends."""

from dataclasses import dataclass, field
from typing import assert_never

from ragchat.answering.events import (
    Citation,
    Cited,
    Done,
    Error,
    Event,
    Finish,
    Source,
    Sources,
    Start,
    Step,
    Token,
    Usage,
)
from ragchat.conversations.values import AnswerRecord


@dataclass(slots=True)
class Draft:
    """What has been said so far; `narrowed` as in AnswerRecord."""

    narrowed: bool = False
    model: str = ""
    generation: int | None = None
    sources: list[Source] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    citations: list[Citation] = field(default_factory=list)
    ended: AnswerRecord | None = None

    def add(self, event: Event) -> None:
        """Take in the next event of the stream."""
        match event:
            case Start():
                self.model, self.generation = event.model, event.generation
            case Step():
                pass
            case Sources():
                self.sources.extend(event.sources)
            case Token():
                self.tokens.append(event.token)
            case Cited():
                self.citations.append(event.citation)
            case Done():
                self.ended = self._done(event)
            case Error():
                self.ended = self.partial("incomplete", error_code=event.code)
            case _:
                assert_never(event)

    def partial(self, finish: Finish, error_code: str = "") -> AnswerRecord:
        """The record of an answer that did not come to its own end."""
        return AnswerRecord(
            status="failed" if error_code else "partial",
            content="".join(self.tokens),
            sources=tuple(self.sources),
            citations=tuple(self.citations),
            finish=finish,
            refusal=None,
            grounded=None,
            model=self.model,
            generation=self.generation,
            usage=Usage(),
            timings={},
            error_code=error_code,
            narrowed=self.narrowed,
        )

    def _done(self, done: Done) -> AnswerRecord:
        return AnswerRecord(
            status="partial" if done.finish in ("stopped", "incomplete") else "complete",
            content=done.response,
            sources=tuple(self.sources),
            citations=done.citations,
            finish=done.finish,
            refusal=done.refusal,
            grounded=done.grounded,
            model=self.model,
            generation=self.generation,
            usage=done.usage,
            timings=done.timings,
            narrowed=self.narrowed,
        )
