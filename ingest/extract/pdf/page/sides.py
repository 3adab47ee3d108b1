"""Side heads: short names at the left, prose beside them. They look like a table of two columns and are none."""

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from itertools import pairwise
from statistics import median
from typing import Final

from ingest.extract.pdf.lines import FINISHED
from ingest.extract.pdf.page.atoms import Atom
from ingest.extract.pdf.page.marks import without_marks
from ingest.extract.pdf.page.pieces import joined
from ingest.extract.pdf.page.tables.rules import Edge
from ingest.extract.tables.grid import Grid

LONGEST_HEAD: Final = 40
PROSE: Final = 35
"""Characters of the lines beside the heads, as a rule."""
FIRST: Final = 25
"""Characters of the first of them: names of columns are shorter."""
_LEADER: Final = re.compile(r"[.…_]{3,}")
GAP: Final = 1.35
"""Distance of lines, in the usual one of the run, from which on a new head begins."""

Columns = Sequence[tuple[float, float]]


def has_side_heads(rows: Sequence[Sequence[Atom]], columns: Columns, rules: Sequence[Edge]) -> bool:
    """Whether rows of two columns are heads and prose: no rule parts them, and sentences go on from line to line."""
    if len(columns) != 2:
        return False
    heads, prose = _sides(rows, columns)
    if len(heads) < 2 or len(prose) < 3 or len(heads) > len(prose):
        return False
    names, lines = ([_words(atom) for atom in side] for side in (heads, prose))
    top, bottom = rows[0][0].y, rows[-1][0].y
    ruled = any(
        bottom < rule.at < top and rule.start <= columns[0][1] and rule.end >= columns[1][0] for rule in rules
    )
    words = all(any(map(str.isalpha, name)) and len(name) <= LONGEST_HEAD for name in names)
    if ruled or not words or median(map(len, lines)) < PROSE or len(lines[0]) < FIRST:
        return False
    return any(below[:1].islower() or not FINISHED.search(above) for above, below in pairwise(lines)) or any(
        len(row) == 1 for row in rows
    )


def _words(atom: Atom) -> str:
    """What is read of it: neither marks of notes nor the dots that lead to a value."""
    return _LEADER.sub(" ", without_marks(atom.text)).strip()


def _sides(rows: Sequence[Sequence[Atom]], columns: Columns) -> tuple[list[Atom], list[Atom]]:
    lefts = [left for left, _ in columns]
    sides: tuple[list[Atom], list[Atom]] = ([], [])
    for row in rows:
        for atom in row:
            sides[bisect_right(lefts, atom.x0) - 1].append(atom)
    return sides


def side_heads(
    rows: Sequence[Sequence[Atom]], columns: Columns, cell: Callable[[Sequence[str]], str]
) -> Grid:
    """A row for each head with its prose; a head goes on below while its sentence does."""
    usual = median(above[0].y - below[0].y for above, below in pairwise(rows))
    groups: list[tuple[list[str], list[str]]] = []
    above: Sequence[Atom] = ()
    for row in rows:
        heads, prose = _sides([row], columns)
        if not groups or (heads and _begins(above, row, columns, usual)):
            groups.append(([], []))
        for held, atoms in zip(groups[-1], (heads, prose), strict=True):
            if atoms:
                held.append(joined(atoms))
        above = row
    return Grid.of([[cell(head), cell(prose)] for head, prose in groups])


def _begins(above: Sequence[Atom], row: Sequence[Atom], columns: Columns, usual: float) -> bool:
    """Whether a head begins in a row: behind a gap, or where the sentence beside the head above is done."""
    if above[0].y - row[0].y > GAP * usual:
        return True
    _, prose = _sides([above], columns)
    done = not prose or bool(FINISHED.search(without_marks(prose[-1].text).strip()))
    return done and not _sides([row], columns)[0][0].text[:1].islower()
