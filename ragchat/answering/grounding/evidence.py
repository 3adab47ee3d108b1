"""A claim and the evidence for it, and what must not differ between them whatever else they share.

Each check errs towards "differs": a sentence that is wrongly not verified is only marked, one that is wrongly
verified is a lie. The checks have names, so that the benchmark can say which one held a claim back.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Final, Literal, TypeAlias

from ragchat.answering.grounding.facts import Facts, facts_of, names_agree, polarity_agrees
from ragchat.answering.grounding.figures import figures_agree
from ragchat.answering.grounding.overlap import Idf
from ragchat.answering.grounding.places import changed_places, exchanged, turned_about
from ragchat.answering.grounding.reading import Read
from ragchat.answering.grounding.row import Row, cells_agree
from ragchat.answering.grounding.slant import slant_agrees
from ragchat.documents import Span
from ragchat.language.analysis import analyze
from ragchat.language.tables import language_named
from ragchat.models.embedder import Vectors

Difference: TypeAlias = Literal["figures", "polarity", "slant", "places", "names", "cells"]

OF_THE_HOUSE: Final = 2.6
"""How rare a name may be (idf) that is taken for the collection's own: it stands in one of thirteen chunks or
more."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence of an answer: its index terms in order, facts, vector, and what may stand for its terms."""

    text: str
    terms: tuple[str, ...]
    facts: Facts
    vector: Vectors
    alike: dict[str, frozenset[str]]

    @property
    def words(self) -> frozenset[str]:
        return frozenset(self.terms)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a claim is held against: the words quoted, those read along (`frame`), and the terms that stand `near`
    in the document. `meaning` is the best cosine of a sentence in it."""

    span: Span
    text: str
    words: frozenset[str]
    frame: str
    frame_words: frozenset[str]
    row: Row | None
    meaning: float
    near: frozenset[str]

    @classmethod
    def of(cls, read: Sequence[Read], meaning: float, near: frozenset[str]) -> "Evidence":
        """Sentences that follow each other."""
        return cls(
            Span(read[0].span.start, read[-1].span.end),
            " ".join(one.text for one in read),
            reduce(frozenset.union, (one.words for one in read)),
            read[0].frame,
            read[0].frame_words,
            read[0].row if len(read) == 1 else None,
            meaning,
            near,
        )

    def joined(self, other: "Evidence") -> "Evidence":
        """Both together, as one claim may rest on two sources; the span is the first one's."""
        return Evidence(
            self.span,
            f"{self.text}\n{other.text}",
            self.words | other.words,
            f"{self.frame}\n{other.frame}",
            self.frame_words | other.frame_words,
            None,
            max(self.meaning, other.meaning),
            self.near & other.near,
        )


def contradicted(claim: Claim, evidence: Evidence, language: str, idf: Idf) -> Difference | None:
    """What of the claim differs from its evidence, None where nothing does."""
    source = facts_of(_spoken_of(claim, evidence), language)
    framed = facts_of(evidence.frame, language)
    if not figures_agree(claim.facts.figures, source.figures, framed.figures, evidence.frame_words):
        return "figures"
    if not polarity_agrees(claim.facts, source, framed):
        return "polarity"
    if not slant_agrees(claim.facts.words, source.words | framed.words, claim.facts.languages):
        return "slant"
    if evidence.row is not None and not cells_agree(claim.facts, evidence.row, language):
        return "cells"
    if _places_differ(claim, source, analyze(evidence.text, language)):
        return "places"
    house = frozenset(
        name
        for name in claim.facts.names - evidence.words - evidence.frame_words
        if name in evidence.near and name.isalpha() and idf(name) <= OF_THE_HOUSE
    )
    known = evidence.frame_words | (house if not source.names - claim.words else frozenset())
    texts = [(evidence.text, evidence.words)]
    return None if names_agree(claim.facts, claim.words, texts, known, language) else "names"


def _places_differ(claim: Claim, source: Facts, terms: Sequence[str]) -> bool:
    known = [language_named(code) for code in dict.fromkeys((*claim.facts.languages, *source.languages))]
    mine, theirs = claim.facts.tokens, source.tokens
    return changed_places(mine, theirs) or exchanged(claim.terms, terms) or turned_about(mine, theirs, known)


def _spoken_of(claim: Claim, evidence: Evidence) -> str:
    """The words quoted; of a row the label and the cells of the columns that the claim names."""
    row = evidence.row
    named = row.named(claim.words) if row is not None else ()
    if row is None or not named:
        return evidence.text
    return " | ".join((row.label, *(f"{column.header}: {column.cell}" for column in named)))
