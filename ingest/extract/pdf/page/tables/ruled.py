"""Tables that rules draw: a grid of straight edges that touch; text goes to the cell that holds its middle."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from statistics import median
from typing import Final

from ingest.extract.pdf.page.atoms import Atom
from ingest.extract.pdf.page.glyphs import PageGlyphs
from ingest.extract.pdf.page.pieces import Table, by_lines, joined
from ingest.extract.pdf.page.tables.rules import Edge
from ingest.extract.tables.grid import Grid, Place

NEAR: Final = 3.0
"""Points within which two edges are one, or touch."""
MAX_PAIRS: Final = 200_000
"""Pairs of crossing edges that are tried on a page, and cells of a grid: more is a drawing."""
MAX_REPEATED: Final = 60
"""Characters of a merged cell up to which it is repeated in every place that it covers."""


def ruled_tables(glyphs: PageGlyphs, cell: Callable[[Sequence[str]], str]) -> tuple[list[Table], list[Atom]]:
    """The tables that rules draw, and the atoms in none; `cell` joins the lines of a cell."""
    tables: list[Table] = []
    left = glyphs.atoms
    for across, down in _touching(glyphs.across, glyphs.down):
        made, left = _ruled(across, down, left, cell)
        tables += made
    return tables, left


def _touching(across: Sequence[Edge], down: Sequence[Edge]) -> list[tuple[list[Edge], list[Edge]]]:
    """Edges in groups that touch one another, largest first; groups of a single direction are left out."""
    if len(across) * len(down) > MAX_PAIRS:
        return []
    parent = list(range(len(across) + len(down)))

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    for i, h in enumerate(across):
        for j, v in enumerate(down, len(across)):
            crosses = h.start - NEAR <= v.at <= h.end + NEAR and v.start - NEAR <= h.at <= v.end + NEAR
            if crosses:
                parent[root(i)] = root(j)
    groups: dict[int, tuple[list[Edge], list[Edge]]] = {}
    for index, edge in enumerate([*across, *down]):
        groups.setdefault(root(index), ([], []))[index >= len(across)].append(edge)
    whole = [group for group in groups.values() if all(group)]
    return sorted(whole, key=lambda group: -len(group[0]) - len(group[1]))


def _merged(values: Iterable[float]) -> list[float]:
    """Values in order, those that are near one another as one."""
    kept: list[float] = []
    for value in sorted(values):
        if not kept or value - kept[-1] > NEAR:
            kept.append(value)
    return kept


def _ruled(
    across: Sequence[Edge], down: Sequence[Edge], atoms: list[Atom], cell: Callable[[Sequence[str]], str]
) -> tuple[list[Table], list[Atom]]:
    ends = [min(h.start for h in across), max(h.end for h in across)]
    xs = _merged([v.at for v in down] + ends)
    ys = _merged([h.at for h in across] + [min(v.start for v in down), max(v.end for v in down)])
    columns, rows = len(xs) - 1, len(ys) - 1
    if columns < 2 or rows < 2 or columns * rows > MAX_PAIRS:
        return [], atoms
    owner = _owners(xs, ys, across, down)
    held: dict[Place, list[Atom]] = {}
    left: list[Atom] = []
    for atom in atoms:
        column = bisect_right(xs, (atom.x0 + atom.x1) / 2) - 1
        row = bisect_right(ys, atom.y + 0.3 * atom.size) - 1
        if 0 <= column < columns and 0 <= row < rows:
            held.setdefault(owner[rows - 1 - row][column], []).append(atom)
        else:
            left.append(atom)
    lines = {key: by_lines(pieces) for key, pieces in held.items()}
    if any(_is_form(cell_lines) for cell_lines in lines.values()):
        return [], atoms
    texts = {key: cell([joined(line) for line in cell_lines]) for key, cell_lines in lines.items()}
    if not _is_grid(owner, texts):
        return [], atoms
    strong = {key for key, pieces in held.items() if all(atom.bold for atom in pieces)}
    order = min(atom.order for pieces in held.values() for atom in pieces)
    return [Table(_grid(owner, texts, strong), xs[0], xs[-1], ys[-1], ys[0], order)], left


def _grid(owner: Sequence[Sequence[Place]], texts: dict[Place, str], strong: set[Place]) -> Grid:
    """The texts in their places; a merged cell says a short text in each place that it covers."""
    places = [(row, column, key) for row, line in enumerate(owner) for column, key in enumerate(line)]
    shown = {
        (row, column): texts.get(key, "")
        for row, column, key in places
        if key == (row, column) or _is_repeated(texts.get(key, ""), key, row, column)
    }
    return Grid.of(
        [[shown.get((row, column), "") for column in range(len(line))] for row, line in enumerate(owner)],
        [(row, column) for row, column, key in places if key != (row, column) and shown.get((row, column))],
        [(row, column) for row, column, key in places if key in strong and shown.get((row, column))],
    )


def _owners(
    xs: Sequence[float], ys: Sequence[float], across: Sequence[Edge], down: Sequence[Edge]
) -> list[list[Place]]:
    """For each place, from the top left, the first place of its cell: no rule, no new cell."""
    columns, rows = len(xs) - 1, len(ys) - 1
    left_rule = [[False] * columns for _ in range(rows)]
    top_rule = [[False] * columns for _ in range(rows)]
    for v in down:
        column = bisect_right(xs, v.at + NEAR) - 1
        for row in range(rows):
            middle = (ys[rows - 1 - row] + ys[rows - row]) / 2
            if column < columns and v.start <= middle <= v.end:
                left_rule[row][column] = True
    for h in across:
        row = rows - (bisect_right(ys, h.at + NEAR) - 1)
        for column in range(columns):
            if 0 <= row < rows and h.start <= (xs[column] + xs[column + 1]) / 2 <= h.end:
                top_rule[row][column] = True
    owner: list[list[Place]] = []
    for row in range(rows):
        owner.append([])
        for column in range(columns):
            if column and not left_rule[row][column]:
                owner[row].append(owner[row][column - 1])
            elif row and not top_rule[row][column]:
                owner[row].append(owner[row - 1][column])
            else:
                owner[row].append((row, column))
    return owner


def _is_repeated(text: str, first: Place, row: int, column: int) -> bool:
    """Whether a merged cell says its text again here: to the right of its first place, or below it."""
    return len(text) <= MAX_REPEATED and (row == first[0] or column == first[1])


def _is_form(lines: Sequence[Sequence[Atom]]) -> bool:
    """Whether a cell holds columns of its own: a frame around a part of the page, not a cell."""
    gaps = (
        any(right.x0 - left.x1 > 2 * right.size for left, right in pairwise(line))
        for line in lines
        if len(line) > 1
    )
    return sum(gaps) >= 3


def _is_grid(owner: Sequence[Sequence[Place]], texts: dict[Place, str]) -> bool:
    """At least two rows that begin here with two different cells that hold text, and no page of prose in a box."""
    good = sum(len({key for key in line if texts.get(key)}) >= 2 for line in owner)
    starts = {key[0] for key in texts}
    return good >= 2 and len(starts) >= 2 and median(map(len, texts.values())) < 400
