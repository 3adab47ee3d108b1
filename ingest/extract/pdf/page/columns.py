"""Columns of prose on a page: where they part, and what stands in which of them."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median
from typing import Final

from ingest.extract.pdf.lines import FINISHED
from ingest.extract.pdf.page.atoms import Atom
from ingest.extract.pdf.page.marks import without_marks
from ingest.extract.pdf.page.pieces import Table

LONG: Final = 12
"""Font sizes from which a line is as wide as a column of prose."""
NARROW: Final = 6
"""The same where the lines of each column go on with the sentence above."""
WORDS: Final = 3
"""Words of such a line at least, as a rule."""
GOING_ON: Final = 0.5
"""Share of its lines that begin in the middle of a sentence."""
FEWEST: Final = 5
"""Lines of a column."""
MAX_STARTS: Final = 40
"""Left ends of lines that are tried as the second column's."""


def gutters(pieces: Sequence[Atom]) -> list[float]:
    """Where each further column of prose begins, from left to right; [] for a page without columns."""
    for width, going_on in ((LONG, False), (NARROW, True)):
        found: list[float] = []
        rest = pieces
        while (gutter := _gutter(rest, width, going_on)) is not None:
            found.append(gutter)
            rest = [piece for piece in rest if piece.x0 >= gutter]
        if found:
            return found
    return []


def _gutter(pieces: Sequence[Atom], width: float, going_on: bool) -> float | None:
    """Where a second column of prose begins: long lines on each side, beside each other, few across."""
    long = [piece for piece in pieces if piece.x1 - piece.x0 >= width * piece.size]
    starts = Counter(round(piece.x0) for piece in long)
    for start, count in sorted(starts.most_common(MAX_STARTS)):
        left = [piece for piece in long if piece.x1 <= start]
        right = [piece for piece in long if piece.x0 >= start - 1]
        if count < 3 or min(len(left), len(right)) < FEWEST or len(left) + len(right) < 0.75 * len(long):
            continue
        if going_on and not all(map(_goes_on, (left, [piece for piece in right if piece.x0 <= start + 1]))):
            continue
        if _stand_beside(left, right):
            return start - 1.0
    return None


def _stand_beside(left: Sequence[Atom], right: Sequence[Atom]) -> bool:
    """Whether two sides share a good part of their height."""
    ys, others = [piece.y for piece in left], [piece.y for piece in right]
    beside = min(max(ys), max(others)) - max(min(ys), min(others))
    return beside >= 0.3 * min(max(ys) - min(ys), max(others) - min(others)) > 0


def _goes_on(side: Sequence[Atom]) -> bool:
    """Whether lines below each other are one text: few cells of a table begin with a small letter behind words that
    are no sentence yet."""
    texts = [without_marks(piece.text).strip() for piece in sorted(side, key=lambda piece: -piece.y)]
    going = sum(
        below[:1].islower() and not FINISHED.search(above)
        for above, below in pairwise(texts)
        if above and below
    )
    return len(texts) >= FEWEST and going >= GOING_ON * (len(texts) - 1) and _words(texts) >= WORDS


def _words(texts: Sequence[str]) -> float:
    return median(text.count(" ") + 1 for text in texts)


def in_columns(
    pieces: Sequence[Atom], tables: Sequence[Table], edges: Sequence[float]
) -> tuple[list[Atom], list[Table]]:
    """Both in reading order: what stands above the columns, one column after the other, what stands below. Where the
    stream ends a column before it begins the next, it tells the order but for what stands above."""
    sides = [bisect_right(edges, piece.x0) for piece in pieces if not _crosses(piece, edges)]
    turns = sum(before != after for before, after in pairwise(sides))
    by_side = [
        [piece.y for piece in pieces if bisect_right(edges, piece.x0) == n] for n in range(len(edges) + 1)
    ]
    held = [ys for ys in by_side if ys]
    top, bottom = min(map(max, held)), max(map(min, held))
    in_stream = turns <= 0.3 * len(sides)

    def place(thing: Atom | Table) -> tuple[int, float, float]:
        size = thing.size if isinstance(thing, Atom) else 1.0
        side = bisect_right(edges, thing.x0)
        above = thing.y > top + size
        if in_stream:
            return (0, -thing.y, thing.x0) if above and not side else (1, thing.order, 0.0)
        last = len(edges) + 2
        return 0 if above else last if thing.y < bottom - size else side + 1, -thing.y, thing.x0

    things: list[Atom | Table] = [*pieces, *tables]
    order = {id(thing): number for number, thing in enumerate(sorted(things, key=place))}
    numbered = [replace(piece, order=order[id(piece)]) for piece in pieces]
    placed = [replace(table, order=order[id(table)]) for table in tables]
    return sorted(numbered, key=lambda piece: piece.order), placed


def _crosses(piece: Atom, edges: Sequence[float]) -> bool:
    return any(piece.x0 < edge < piece.x1 for edge in edges)
