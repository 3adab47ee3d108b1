"""Candidates: the ways in which the best units could be quoted, among which the chooser takes one or two.

Each unit whole with its lead, cut around its best sentence, wider by what it is part of or what follows. What is right
for which question is learned.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from ragchat.answering.quoting.widening import MOST_LISTED, MOST_WORDS, Wider, count_words, wider
from ragchat.documents import Span
from ragchat.retrieval.units import Unit
from ragchat.retrieval.windows import Window

Form: TypeAlias = Literal["whole", "cut30", "cut60", "cut100", Wider]
"""whole: the unit with its lead; cutN: about N words of it."""

CUTS: Final[tuple[tuple[Form, int], ...]] = (("cut30", 30), ("cut60", 60), ("cut100", 100))
"""Forms that are cut, with their words."""
UNITS: Final = 15
LISTED: Final = frozenset({"list", "table", "row", "item", "step", "code", "pair"})


@dataclass(frozen=True, slots=True)
class Piece:
    """Consecutive text of one document, quoted as one."""

    window: Window
    span: Span

    @property
    def text(self) -> str:
        return self.window.of(self.span)


@dataclass(frozen=True, slots=True)
class Candidate:
    """What would be quoted: `pieces` in reading order, `key` the deciding sentence of the unit that it was made from.

    Of two side by side `unit` and `key` are the first one's, `other` is the unit of the second.
    """

    unit: Unit
    form: Form | Literal["both"]
    pieces: tuple[Piece, ...]
    key: Span
    words: int
    other: Unit | None = None

    @property
    def text(self) -> str:
        return "\n".join(piece.text for piece in self.pieces)

    @property
    def reading(self) -> str:
        """Titles and headings that it stands under, a line each, and what it says."""
        above = dict.fromkeys(unit.above for unit in (self.unit, self.other) if unit is not None)
        return "\n".join((*above, self.text))


def candidates_of(units: Sequence[Unit]) -> list[Candidate]:
    """Of units that come best first; each stretch of text once, the first form that makes it."""
    made: dict[tuple[tuple[str, Span], ...], Candidate] = {}
    for unit in units[:UNITS]:
        for candidate in _of_unit(unit):
            key = tuple((piece.window.document.id, piece.span) for piece in candidate.pieces)
            made.setdefault(key, candidate)
    return list(made.values())


def side_by_side(first: Candidate, second: Candidate) -> Candidate:
    """Both, the better one first; two of one document in its order, and what they share or what follows at once as one
    piece."""
    pieces = (*first.pieces, *second.pieces)
    window = first.unit.window
    if all(piece.window is window for piece in pieces):
        pieces = _pieces(window, [piece.span for piece in pieces])
    words = sum(count_words(piece.text) for piece in pieces)
    return Candidate(first.unit, "both", pieces, first.key, words, other=second.unit)


def overlap(first: Candidate, second: Candidate) -> bool:
    """Whether they share text."""
    return any(
        mine.window.document.id == theirs.window.document.id
        and mine.span.start < theirs.span.end
        and theirs.span.start < mine.span.end
        for mine in first.pieces
        for theirs in second.pieces
    )


def _of_unit(unit: Unit) -> Iterator[Candidate]:
    window, key = unit.window, _key_sentence(unit)
    lead = unit.lead if unit.lead is not None and window.holds(unit.lead) else None
    forms: list[tuple[Form, Sequence[Span | None]]] = [("whole", (lead, unit.span))]
    if unit.kind not in LISTED:
        forms += [(form, (cut,)) for form, cut in _cuts(unit, key)]
    forms += wider(unit, lead)
    for form, parts in forms:
        pieces = _pieces(window, parts)
        words = sum(count_words(piece.text) for piece in pieces)
        listed = form in ("list", "table", "section") or unit.kind in LISTED
        if pieces and words <= (MOST_LISTED if listed else MOST_WORDS):
            yield Candidate(unit, form, pieces, key, words)


def _key_sentence(unit: Unit) -> Span:
    """The sentence of the unit that the second reader grades best, else that matches the question best; the unit where
    none lies inside it."""
    if unit.graded:
        return max(unit.graded, key=lambda one: one.grade).span
    inside = [
        one for one in unit.sentences if unit.span.start <= one.span.start and one.span.end <= unit.span.end
    ]
    if not inside:
        return unit.span
    return max(inside, key=lambda one: one.cosine + one.overlap).span


def _cuts(unit: Unit, key: Span) -> Iterator[tuple[Form, Span]]:
    """Whole sentences around the deciding one, those after it first, while there is room."""
    if count_words(unit.text) <= CUTS[0][1]:
        return
    sentences = unit.cut_to_sentences()
    lengths = [count_words(unit.window.of(span)) for span in sentences]
    place = next((i for i, span in enumerate(sentences) if span.end > key.start), 0)
    for form, room in CUTS:
        if sum(lengths) <= room:
            return
        first, last = _grown(lengths, place, room)
        yield form, Span(sentences[first].start, sentences[last].end)


def _grown(lengths: Sequence[int], place: int, room: int) -> tuple[int, int]:
    """First and last sentence around `place` with at most `room` words, the next before the one before."""
    first = last = place
    words = lengths[place]
    while True:
        if last + 1 < len(lengths) and words + lengths[last + 1] <= room:
            last += 1
            words += lengths[last]
        elif first and words + lengths[first - 1] <= room:
            first -= 1
            words += lengths[first]
        else:
            return first, last


def _pieces(window: Window, parts: Sequence[Span | None]) -> tuple[Piece, ...]:
    """The parts in text order; those with nothing but white space between them become one. Empty when one of them was
    not read."""
    merged: list[Span] = []
    for span in sorted(part for part in parts if part is not None):
        if not window.holds(span):
            return ()
        if merged and not window.of(Span(min(merged[-1].end, span.start), span.start)).strip():
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return tuple(Piece(window, span) for span in merged)
