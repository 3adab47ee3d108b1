"""The decision: answered, nearest or refused, from how sure the chooser is and the thresholds stored with the index.

Three outcomes instead of two: between sure enough to say and nothing near lie quotes that may help, said to be no
certain answer. How the thresholds were fitted, and precision and coverage at each, stands in docs/evaluation.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from ragchat.answering.events import RefusalReason
from ragchat.answering.question.question import Question
from ragchat.answering.quoting.candidates import Candidate, overlap
from ragchat.answering.quoting.choosing import chosen
from ragchat.answering.refusing.counting import asks_for_all, asks_over_everything, only_listed
from ragchat.answering.refusing.missing import missing_in
from ragchat.answering.refusing.thresholds import Thresholds, thresholds_of
from ragchat.answering.sources import Found
from ragchat.documents import Span
from ragchat.retrieval.search import Retrieval

Outcome: TypeAlias = Literal["answered", "nearest", "refused"]

NEAREST: Final = 3
UNREAD: Final = 0.7
"""How sure the choice without a second reader has to be for a model to be asked at once. Above it the passages are as
good unread (bench/reader), and of two thirds of the questions that a model can answer none is refused after reading."""


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


def decided(question: Question, found: Found, settings: Mapping[str, float], *, with_model: bool) -> Decision:
    """`with_model`: a model that can itself say that the sources do not answer is asked from the lower threshold on."""
    if not question.asked.wanted:
        return Decision("refused", 0.0, reason="ambiguous")
    choice = chosen(question, found.retrieval)
    if asks_over_everything(question.said, question.language):
        return Decision("refused", choice.sure, reason="aggregate")
    outcome = _outcome(choice.sure, thresholds_of(settings, choice.fitting), with_model)
    if choice.best is None or outcome == "refused":
        reason: RefusalReason = "no_match" if choice.best is None else "low_support"
        return Decision("refused", choice.sure, reason=reason, missing=_missing(question, found))
    best = (
        _whole(choice.best, choice.order) if asks_for_all(question.said, question.language) else choice.best
    )
    if best is None or _only_rows(question, best):
        return Decision("nearest", choice.sure, near=_apart(choice.order), reason="aggregate")
    if outcome == "answered":
        return Decision("answered", choice.sure, best=best)
    near = _apart(choice.order)
    return Decision("nearest", choice.sure, near=near, reason="nearest", missing=_missing(question, found))


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


def _missing(question: Question, found: Found) -> tuple[str, ...]:
    return missing_in(question, found.rarity, [unit.reading for unit in found.retrieval.units])
