"""The decision: answered, nearest or refused, from how sure the chooser is, what the second reader doubts, and the
thresholds stored with the index.

Three outcomes instead of two: between sure enough to say and nothing near lie quotes that may help, said to be no
certain answer. How the thresholds were fitted, and precision and coverage at each, stands in docs/evaluation.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias

from ragchat.answering.events import RefusalReason
from ragchat.answering.question.question import Question
from ragchat.answering.quoting.candidates import Candidate, overlap
from ragchat.answering.quoting.choosing import Choice, chosen
from ragchat.answering.refusing.counting import asks_for_all, asks_over_everything, only_listed
from ragchat.answering.refusing.doubting import (
    NONE,
    SURE_ANYWAY,
    Asked,
    Doubt,
    Read,
    doubt_of,
    less_sure,
    rarest_first,
)
from ragchat.answering.refusing.missing import missing_in
from ragchat.answering.refusing.thresholds import Thresholds, thresholds_of
from ragchat.answering.sources import Found
from ragchat.documents import Span
from ragchat.models.reranker import Reranker
from ragchat.retrieval.search import Retrieval

Outcome: TypeAlias = Literal["answered", "nearest", "refused"]

NEAREST: Final = 3
UNREAD: Final = 0.7
"""How sure the choice without a second reader has to be for a model to be asked at once. Above it the passages are as
good unread (bench/reader), and of two thirds of the questions that a model can answer none is refused after reading."""
NAMED: Final = 1.0
"""Gain of the reader's grade from which a word is said to be missing: what is not a name or a figure may be told in
other words."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What will be said. `best` is the candidate to quote (None for nothing), `near` those to show when it is not sure;
    `missing` what of the question stands nowhere; `reason` why it is refused."""

    outcome: Outcome
    sure: float
    best: Candidate | None = None
    near: tuple[Candidate, ...] = ()
    reason: RefusalReason = "no_match"
    missing: tuple[str, ...] = ()

    @property
    def quoted(self) -> list[tuple[str, Span]]:
        """Documents and spans of what will be quoted, in order."""
        said = [self.best] if self.outcome == "answered" else list(self.near)
        return [
            (piece.window.document.id, piece.span)
            for candidate in said
            if candidate is not None
            for piece in candidate.pieces
        ]


def decided(
    question: Question,
    found: Found,
    settings: Mapping[str, float],
    reader: Reranker | None,
    *,
    with_model: bool,
) -> Decision:
    """`reader` is the one that the units were graded by. `with_model`: a model that can itself say that the sources do
    not answer is asked from the lower threshold on. Raises UpstreamFailed (the reader's service)."""
    if not question.asked.wanted:
        return Decision("refused", 0.0, reason="ambiguous")
    choice = chosen(question, found.retrieval)
    if asks_over_everything(question.said, question.language):
        return Decision("refused", choice.sure, reason="aggregate")
    thresholds = thresholds_of(settings, choice.fitting)
    outcome = _outcome(choice.sure, thresholds, with_model)
    doubt = NONE
    if not with_model or outcome == "refused":
        doubt = _doubt(choice, question, found, reader)
        choice = replace(choice, sure=less_sure(choice.sure, doubt))
        if outcome == "answered" and choice.sure < thresholds.answered:
            outcome = "nearest"
    missing = _missing(question, found, doubt) if outcome != "answered" else ()
    if choice.best is None or outcome == "refused":
        reason: RefusalReason = "no_match" if choice.best is None else "low_support"
        return Decision("refused", choice.sure, reason=reason, missing=missing)
    best = (
        _whole(choice.best, choice.order) if asks_for_all(question.said, question.language) else choice.best
    )
    if best is None or _only_rows(question, best):
        return Decision("nearest", choice.sure, near=_apart(choice.order), reason="aggregate")
    if outcome == "answered":
        return Decision("answered", choice.sure, best=best)
    near = _apart(choice.order)
    return Decision("nearest", choice.sure, near=near, reason="nearest", missing=missing)


def _doubt(choice: Choice, question: Question, found: Found, reader: Reranker | None) -> Doubt:
    """What the quote seems to lack, where that may change what is said."""
    best = choice.best
    if reader is None or best is None or best.unit.grade is None or choice.sure > SURE_ANYWAY:
        return NONE
    topic = rarest_first(question.asked.topic, found.rarity)
    asked = Asked(found.retrieval.asked, topic, question.language)
    return doubt_of(asked, best.reading, Read(best.unit.reading, best.unit.grade), reader)


def sure_unread(question: Question, retrieval: Retrieval) -> bool:
    """Whether a model can be asked without a second reader's grades; who is quoted word for word is always read."""
    return bool(question.asked.wanted) and chosen(question, retrieval).sure >= UNREAD


def _only_rows(question: Question, best: Candidate) -> bool:
    """Whether the question counts and what would be quoted are rows that nobody counted."""
    rows = [
        piece.window.of(outline.blocks[index].span)
        for piece in best.pieces
        for outline in (piece.window.outline,)
        for index in outline.overlapping(piece.span)
        if outline.blocks[index].kind == "row"
    ]
    return bool(rows) and only_listed(question.said, rows, question.language)


def _whole(best: Candidate, order: tuple[Candidate, ...]) -> Candidate | None:
    """What a question for all of something is answered with: the whole list, table or section that the best candidate
    is, or is part of; None where it is part of none that can be quoted."""
    for candidate in (best, *order):
        whole = candidate.form in ("list", "table", "section") or candidate.unit.kind == "list"
        if whole and (candidate is best or overlap(candidate, best)):
            return candidate
    return None


def _outcome(sure: float, thresholds: Thresholds, with_model: bool) -> Outcome:
    if sure >= (thresholds.near if with_model else thresholds.answered):
        return "answered"
    return "nearest" if sure >= thresholds.near else "refused"


def _apart(order: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
    """The first few candidates that share no text and are no pairs."""
    kept: list[Candidate] = []
    for candidate in order:
        if candidate.form != "both" and not any(overlap(candidate, one) for one in kept):
            kept.append(candidate)
        if len(kept) == NEAREST:
            break
    return tuple(kept)


def _missing(question: Question, found: Found, doubt: Doubt) -> tuple[str, ...]:
    texts = [unit.reading for unit in found.retrieval.units]
    return missing_in(question, found.rarity, texts, doubt.word if doubt.gain >= NAMED else "")
