"""What has been said so far in one answer, and the terminal event made of it.

Every token and citation of an answer passes through here, so that joined tokens always equal `done.response`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter

from ragchat.answering.events import AnswerSpan, Citation, Cited, Done, Finish, Refusal, Token, Usage


@dataclass(slots=True)
class Reply:
    """An answer under way. `sentences` counts its sentences, `verified` those with a verified citation."""

    citations: list[Citation] = field(default_factory=list)
    usage: Usage = field(default_factory=Usage)
    sentences: int = 0
    verified: int = 0
    _pieces: list[str] = field(default_factory=list)
    _length: int = 0
    _timings: dict[str, float] = field(default_factory=dict)
    _began: float = field(default_factory=perf_counter)

    @property
    def length(self) -> int:
        """Code points said so far: where the next token starts."""
        return self._length

    @property
    def text(self) -> str:
        return "".join(self._pieces)

    def say(self, piece: str) -> Token:
        self._pieces.append(piece)
        self._length += len(piece)
        return Token(piece)

    def ended_sentence(self, citations: list[Citation]) -> list[Cited]:
        """Counts a sentence and gives the events of its citations."""
        self.sentences += 1
        self.verified += any(citation.verified for citation in citations)
        self.citations.extend(citations)
        return [Cited(citation) for citation in citations]

    def last(self, length: int) -> AnswerSpan:
        """The span of the last `length` code points said."""
        return AnswerSpan(self._length - length, self._length)

    def first_word(self) -> None:
        """Notes once how long the person waited for the model's first word (`timings["first_token"]`, milliseconds)."""
        self._timings.setdefault("first_token", (perf_counter() - self._began) * 1000)

    def called_model(self) -> None:
        """Counts a call of a model (`timings["model_calls"]`, a number and no time)."""
        self._timings["model_calls"] = self._timings.get("model_calls", 0) + 1

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Adds the block's wall time to `timings[stage]` (milliseconds)."""
        began = perf_counter()
        try:
            yield
        finally:
            self._timings[stage] = self._timings.get(stage, 0.0) + (perf_counter() - began) * 1000

    def done(self, finish: Finish, refusal: Refusal | None = None) -> Done:
        """The terminal event of what was said."""
        return Done(
            finish=finish,
            response=self.text,
            citations=tuple(self.citations),
            grounded=self.verified / self.sentences if self.sentences else None,
            refusal=refusal,
            usage=self.usage,
            timings={**self._timings, "total": (perf_counter() - self._began) * 1000},
        )
