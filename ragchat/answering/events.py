"""The seven kinds of event that an answer is made of, and the values they carry.

    start (step | sources)* (token | citation | step)* (done | error)

Faces encode these for a wire or a terminal and end their `match` with `assert_never`; nothing else is ever shown
to a user. Exactly one terminal event (`done` or `error`) ends a stream; joined tokens equal `done.response`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

if TYPE_CHECKING:
    from pydantic import TypeAdapter

Finish: TypeAlias = Literal["answered", "refused", "blocked", "stopped", "incomplete"]
RefusalReason: TypeAlias = Literal["no_match", "low_support", "nearest", "ambiguous", "blocked", "aggregate"]
Method: TypeAlias = Literal["extractive", "lexical", "llm"]
StepState: TypeAlias = Literal["started", "finished"]


@dataclass(frozen=True, slots=True)
class Source:
    """A passage that the model may see; `text` is `document[start:end]`, `n` its 1-based number in this answer."""

    n: int
    document_id: str
    chunk_id: int
    title: str
    uri: str
    page: int | None
    heading_path: tuple[str, ...]
    start: int
    end: int
    text: str
    score: float


@dataclass(frozen=True, slots=True)
class CitedDocument:
    """The document a citation points into; `version` is its content hash."""

    id: str
    title: str
    uri: str
    version: str
    media_type: str


@dataclass(frozen=True, slots=True)
class CitedSpan:
    """Code points `[start, end)` of the document's canonical text, with where a person finds them."""

    start: int
    end: int
    page: int | None
    heading_path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AnswerSpan:
    """Code points `[start, end)` of the joined tokens: the sentence that the citation supports."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class QuoteSpan:
    """Code points `[start, end)` of a citation's quote."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Citation:
    """Which words of which document a sentence rests on; `quote == document[span.start:span.end]`, re-read and
    checked.

    `verified` is True only when the quoted words support the sentence (see ragchat.answering.grounding.grounder);
    `score` is that support in [0, 1]; `url` opens the document at the quote; `key_span` is the deciding sentence
    inside the quote, None where the quote is no more than that.
    """

    n: int
    document: CitedDocument
    span: CitedSpan
    quote: str
    quote_sha256: str
    answer_span: AnswerSpan
    verified: bool
    method: Method
    score: float
    url: str
    key_span: QuoteSpan | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why there is no answer, in words for the person who asked, and the passages that came nearest.

    `missing` are words of the question that stand nowhere in the documents; `quotes` (with the reason "nearest") the
    blocks that may help, cited but said to be no certain answer; `next` what the person can do.
    """

    reason: RefusalReason
    message: str
    nearest: tuple[Source, ...] = ()
    missing: tuple[str, ...] = ()
    quotes: tuple[Citation, ...] = ()
    next: str = ""


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the provider counts them; zero for the extractive answerer."""

    input_tokens: int = 0
    output_tokens: int = 0

    @property
    def total_tokens(self) -> int:
        return self.input_tokens + self.output_tokens


@dataclass(frozen=True, slots=True)
class Start:
    """Sent at once, before retrieval, so that a slow search is visible."""

    message_id: str
    conversation_id: str
    model: str
    generation: int
    type: Literal["start"] = "start"


@dataclass(frozen=True, slots=True)
class Step:
    """Something takes time: "rewrite", "search", "tool", ..."""

    name: str
    state: StepState
    detail: str = ""
    type: Literal["step"] = "step"


@dataclass(frozen=True, slots=True)
class Sources:
    """Everything that the model may see, before the first token."""

    sources: tuple[Source, ...]
    type: Literal["sources"] = "sources"


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the answer's text, in order."""

    token: str
    type: Literal["token"] = "token"


@dataclass(frozen=True, slots=True)
class Cited:
    """A citation, right after the sentence that it supports."""

    citation: Citation
    type: Literal["citation"] = "citation"


@dataclass(frozen=True, slots=True)
class Done:
    """The answer is complete: what was said, on what it rests, what it cost.

    `grounded` is the share of the answer's sentences with a verified citation, in [0, 1] (None when there is
    nothing to ground: a refusal, a greeting). `timings` are milliseconds by stage ("retrieve", "generate", "total",
    ...). `conversation_id` is that of `start`, once more for readers who look only at the end (see faces.links).
    """

    finish: Finish
    response: str
    citations: tuple[Citation, ...] = ()
    grounded: float | None = None
    refusal: Refusal | None = None
    usage: Usage = Usage()
    timings: Mapping[str, float] = field(default_factory=dict)
    conversation_id: str = ""
    done: Literal[True] = True
    type: Literal["done"] = "done"


@dataclass(frozen=True, slots=True)
class Error:
    """The stream failed after it had begun; `code` is stable, `message` never shows internals."""

    code: str
    message: str
    retryable: bool
    type: Literal["error"] = "error"


Event: TypeAlias = Start | Step | Sources | Token | Cited | Done | Error


@cache
def event_adapter() -> "TypeAdapter[Event]":
    """The one adapter that encodes events and gives their JSON schema."""
    from pydantic import Field, TypeAdapter  # only for schemas

    return TypeAdapter(Annotated[Event, Field(discriminator="type")])
