"""Golden questions: what they hold and how a JSONL file of them is read. Nothing is searched or scored here.

One question a line; a line that cannot be read stops the run with its number, because a silently dropped question
would make the figures lie. Keys that are not known (`kind` aside) are ignored, so that sets may carry more.
"""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from ragchat.errors import UsageError

Role = Literal["user", "assistant"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where an answer stands: code points `[start, end)` of a document, or the whole document (both None)."""

    document_id: str
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True)
class PastTurn:
    """One message of the conversation before the question."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class Question:
    """A golden question. `evidence` and `answers` are empty where the corpus holds no answer.

    `id` is unique within a file (a repeated one gets a suffix), so that two runs can be paired. `draft` marks questions
    that `ragchat eval --draft` made and nobody has checked.
    """

    id: str
    question: str
    answerable: bool = True
    evidence: tuple[Evidence, ...] = ()
    answers: tuple[str, ...] = ()
    history: tuple[PastTurn, ...] = ()
    kind: str = ""
    draft: bool = False


def load_questions(path: Path) -> tuple[Question, ...]:
    """Every question of a JSONL file, in order. UsageError names the file, the line and what was expected."""
    questions = tuple(_numbered(path))
    if not questions:
        raise UsageError(f"{path} holds no questions.", hint="One JSON object a line is expected.")
    return questions


def _numbered(path: Path) -> Iterator[Question]:
    seen: Counter[str] = Counter()
    for number, line in enumerate(_lines(path), start=1):
        if not line.strip():
            continue
        parsed = _parse(line, where=f"{path}:{number}")
        identity = parsed.id if parsed.id is not None else f"line {number}"
        seen[identity] += 1
        yield parsed.question_named(identity if seen[identity] == 1 else f"{identity} ({seen[identity]})")


def _lines(path: Path) -> list[str]:
    try:
        # Not splitlines(): JSON strings may hold U+2028 and friends unescaped.
        return path.read_bytes().decode("utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not UTF-8 (byte {error.start}).", hint="Save it as UTF-8.") from error
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UsageError(f"Cannot read the questions in {path}: {reason}.") from error


def _parse(line: str, *, where: str) -> "_Line":
    try:
        value = json.loads(line)
    except json.JSONDecodeError as error:
        raise UsageError(
            f"{where}: not JSON ({error.msg}, column {error.colno}).",
            hint="One question a line is expected, as one JSON object.",
        ) from error
    except (ValueError, RecursionError) as error:  # a number of thousands of digits, thousands of brackets
        raise UsageError(f"{where}: nothing like a question ({error}).") from error
    if not isinstance(value, dict):
        raise UsageError(f"{where}: a JSON object is expected, not {type(value).__name__}.")
    try:
        return _Line.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        message = first["msg"].removeprefix("Value error, ")
        raise UsageError(f"{where}: {place + ': ' if place else ''}{message}.") from error


def _as_text(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _listed(value: object) -> object:
    return [] if value is None else value


_Id = Annotated[str, BeforeValidator(_as_text)]


class _EvidenceLine(BaseModel):
    document_id: Annotated[_Id, Field(min_length=1)]
    start: Annotated[int, Field(ge=0)] | None = None
    end: Annotated[int, Field(ge=0)] | None = None

    @model_validator(mode="after")
    def _both_or_neither(self) -> "_EvidenceLine":
        if (self.start is None) != (self.end is None):
            raise ValueError("start and end are given together, or both left out")
        if self.start is not None and self.end is not None and self.end <= self.start:
            raise ValueError(f"end ({self.end}) must be greater than start ({self.start})")
        return self


class _TurnLine(BaseModel):
    role: Role
    content: str


class _Line(BaseModel):
    """One line as written; the JSON edge of this package."""

    model_config = ConfigDict(extra="ignore")

    id: _Id | None = None
    question: Annotated[str, Field(min_length=1)]
    answerable: bool = True
    evidence: Annotated[list[_EvidenceLine], BeforeValidator(_listed)] = []
    answers: Annotated[list[str], BeforeValidator(_listed)] = []
    history: Annotated[list[_TurnLine], BeforeValidator(_listed)] = []
    kind: str | None = None
    draft: bool = False

    def question_named(self, identity: str) -> Question:
        return Question(
            id=identity,
            question=self.question,
            answerable=self.answerable,
            evidence=tuple(Evidence(e.document_id, e.start, e.end) for e in self.evidence),
            answers=tuple(self.answers),
            history=tuple(PastTurn(t.role, t.content) for t in self.history),
            kind=self.kind or "",
            draft=self.draft,
        )
