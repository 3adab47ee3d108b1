"""Tables on a PDF page: those drawn with rules, and those whose cells merely stand in line.

A ruled table is a grid of straight edges that touch; text goes to the cell that holds its middle. An unruled one is a
run of rows with two or more pieces whose columns never overlap and line up. Prose in columns is told from it by the
content stream, which ends one column before it begins the next, and by the length of its lines.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Final

from ingest.extract.pdf_glyphs import Atom, Edge, PageGlyphs

NEAR: Final = 3.0
"""Points within which two edges are one, or touch."""
MAX_PAIRS: Final = 200_000
"""Pairs of crossing edges that are tried on a page, and cells of a grid: more is a drawing."""
MAX_ALONE: Final = 4
"""Lines of one piece that may follow one another inside a table: a wrapped cell."""
MAX_REPEATED: Final = 60
"""Characters of a merged cell up to which it is repeated in every place that it covers."""
PROSE: Final = 25
"""Characters from which a piece of a column reads as prose."""
_LABEL: Final = re.compile(r"[•◦▪‣●○■–—*·-]|\(?(?:\d{1,3}(?:\.\d{1,3})*|[A-Za-z]|[ivxIVX]{1,4})[.)]?")


@dataclass(frozen=True, slots=True)
class Table:
    """Cells by row and column; `order` is the place of its first piece in the content stream."""

    rows: tuple[tuple[str, ...], ...]
    x0: float
    x1: float
    y: float
    bottom: float
    order: int


def same_line(a: Atom, b: Atom) -> bool:
    """Whether two pieces stand on one line: their baselines differ by less than half a letter (a raised mark: more)."""
    small, large = sorted((a.size, b.size))
    return abs(a.y - b.y) < (0.6 if small < 0.8 * large else 0.45) * large


def by_lines(atoms: Iterable[Atom]) -> list[list[Atom]]:
    """Pieces by line from top to bottom, each line from left to right."""
    lines: list[list[Atom]] = []
    for atom in sorted(atoms, key=lambda atom: (-atom.y, atom.x0)):
        if lines and same_line(lines[-1][0], atom):
            lines[-1].append(atom)
        else:
            lines.append([atom])
    return [sorted(line, key=lambda atom: atom.x0) for line in lines]


def joined(atoms: Sequence[Atom]) -> str:
    """The text of a line; a blank where the page shows one."""
    parts = [atoms[0].text] if atoms else []
    for previous, atom in pairwise(atoms):
        gap = (atom.x0 - previous.x1) / max(atom.size, previous.size)
        if gap > 0.15 or (atom.spaced and atom.order == previous.order + 1):
            parts.append(" ")
        parts.append(atom.text)
    return "".join(parts)


# --- ruled


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
    held: dict[tuple[int, int], list[Atom]] = {}
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
    grid = [
        tuple(
            texts.get(key, "")
            if key == (row, column) or _is_repeated(texts.get(key, ""), key, row, column)
            else ""
            for column, key in enumerate(line)
        )
        for row, line in enumerate(owner)
    ]
    if not _is_grid(grid, owner, texts):
        return [], atoms
    order = min(atom.order for pieces in held.values() for atom in pieces)
    return [Table(tuple(grid), xs[0], xs[-1], ys[-1], ys[0], order)], left


def _owners(
    xs: Sequence[float], ys: Sequence[float], across: Sequence[Edge], down: Sequence[Edge]
) -> list[list[tuple[int, int]]]:
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
    owner: list[list[tuple[int, int]]] = []
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


def _is_repeated(text: str, first: tuple[int, int], row: int, column: int) -> bool:
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


def _is_grid(
    grid: Sequence[Sequence[str]],
    owner: Sequence[Sequence[tuple[int, int]]],
    texts: dict[tuple[int, int], str],
) -> bool:
    """At least two rows that begin here with two different cells that hold text, and no page of prose in a box."""
    good = 0
    for line in owner:
        good += len({key for key in line if texts.get(key)}) >= 2
    starts = {key[0] for key in texts}
    return good >= 2 and len(starts) >= 2 and median(map(len, texts.values())) < 400


# --- unruled


@dataclass(slots=True)
class _Run:
    """Rows that may be a table, and their columns as (left, right)."""

    rows: list[list[Atom]]
    columns: list[tuple[float, float]]


def aligned_tables(
    lines: Sequence[list[Atom]], rules: Sequence[Edge], cell: Callable[[Sequence[str]], str]
) -> list[tuple[Table, set[int]]]:
    """Tables without a grid among visual lines (top to bottom), each with the orders of its pieces."""
    found: list[tuple[Table, set[int]]] = []
    index = 0
    while index < len(lines):
        if len(lines[index]) < 2:
            index += 1
            continue
        run = _run(lines, index)
        if _is_table(run):
            table = Table(
                tuple(_rows(run, rules, cell)),
                run.columns[0][0],
                run.columns[-1][1],
                run.rows[0][0].y + run.rows[0][0].size,
                run.rows[-1][0].y,
                min(atom.order for row in run.rows for atom in row),
            )
            found.append((table, {atom.order for row in run.rows for atom in row}))
            index += len(run.rows)
        else:
            index += 1 if len(run.rows) < 8 else len(run.rows)
    return found


def _run(lines: Sequence[list[Atom]], start: int) -> _Run:
    """The longest run of lines from `start` that keeps two columns, ending with a line of several pieces."""
    run = _Run([lines[start]], [(atom.x0, atom.x1) for atom in lines[start]])
    kept, alone = 1, 0
    columns_at_kept = run.columns
    for line in lines[start + 1 :]:
        above = run.rows[-1][0]
        if above.y - line[0].y > 3.2 * max(above.size, line[0].size):
            break
        columns = _with(run.columns, line)
        if len(columns) < max(2, min(len(run.columns), 3)) or len(columns) < len(run.columns) - 1:
            break
        run.rows.append(line)
        run.columns = columns
        wrapped = len(line) == 1 and (
            line[0].order < max(atom.order for atom in run.rows[-2]) or _hangs(line, above, columns)
        )
        alone = 0 if wrapped or len(line) > 1 else alone + 1
        if alone > MAX_ALONE:
            break
        if len(line) > 1 or wrapped:
            kept, columns_at_kept = len(run.rows), columns
    return _Run(run.rows[:kept], columns_at_kept)


def _hangs(line: Sequence[Atom], above: Atom, columns: Sequence[tuple[float, float]]) -> bool:
    """Whether a line stands close below another and not in the first column: a cell goes on."""
    return len(line) == 1 and line[0].x0 > columns[0][1] and above.y - line[0].y < 1.5 * line[0].size


def _with(columns: Sequence[tuple[float, float]], line: Iterable[Atom]) -> list[tuple[float, float]]:
    """The columns with a line laid over them; those that it bridges become one."""
    merged: list[tuple[float, float]] = []
    for left, right in sorted([*columns, *((atom.x0, atom.x1) for atom in line)]):
        if merged and left < merged[-1][1] + 2.0:
            merged[-1] = (merged[-1][0], max(merged[-1][1], right))
        else:
            merged.append((left, right))
    return merged


def _is_table(run: _Run) -> bool:
    several = [row for row in run.rows if len(row) > 1]
    columns = _by_column(run)
    hanging = sum(_hangs(row, above[0], run.columns) for above, row in pairwise(run.rows))
    enough = len(several) >= max(2, (len(run.rows) - hanging) / 2)
    if not enough or len(columns) < 2 or (len(columns) == 2 and len(several) < 3):
        return False
    if len(columns) == 2 and all(_LABEL.fullmatch(atom.text.strip()) for atom in columns[0]):
        return False
    if _is_prose(columns):
        return False
    return sum(map(_lines_up, columns)) >= max(2, len(columns) - 1)


def _by_column(run: _Run) -> list[list[Atom]]:
    lefts = [left for left, _ in run.columns]
    columns: list[list[Atom]] = [[] for _ in lefts]
    for row in run.rows:
        for atom in row:
            columns[bisect_right(lefts, atom.x0) - 1].append(atom)
    return columns


def _is_prose(columns: Sequence[Sequence[Atom]]) -> bool:
    """Two neighbours of long lines: columns of a page, also when its stream goes from line to line."""
    long = [median(len(atom.text) for atom in column) >= PROSE for column in columns]
    if len(columns) <= 3 and sum(long) >= 2:
        return True
    return all(
        max(atom.order for atom in left) < min(atom.order for atom in right)
        and max(median(len(atom.text) for atom in side) for side in (left, right)) >= PROSE
        for left, right in pairwise(columns)
    )


def _lines_up(column: Sequence[Atom]) -> bool:
    """Most pieces share their left end, their right end or their middle."""
    if len(column) == 1:
        return True
    ends = (
        [atom.x0 for atom in column],
        [atom.x1 for atom in column],
        [(atom.x0 + atom.x1) / 2 for atom in column],
    )
    return any(
        sum(abs(value - median(values)) < NEAR for value in values) >= 0.6 * len(values) for values in ends
    )


def _rows(
    run: _Run, rules: Sequence[Edge], cell: Callable[[Sequence[str]], str]
) -> Iterable[tuple[str, ...]]:
    lefts = [left for left, _ in run.columns]
    logical: list[list[list[Atom]]] = []
    previous: list[Atom] = []
    for row in run.rows:
        if not logical or not _wraps(previous, row, lefts, rules):
            logical.append([[] for _ in lefts])
        for atom in row:
            logical[-1][bisect_right(lefts, atom.x0) - 1].append(atom)
        previous = row
    for cells in logical:
        yield tuple(cell([joined(line) for line in by_lines(atoms)]) for atoms in cells)


def _wraps(above: Sequence[Atom], row: Sequence[Atom], lefts: Sequence[float], rules: Sequence[Edge]) -> bool:
    """Whether a line goes on with the cells of the line above: drawn before those were done, or close below a label."""
    high, low = above[0].y, row[0].y
    if any(low + 0.5 * row[0].size < rule.at < high and rule.start <= row[0].x1 for rule in rules):
        return False
    if high - low > 1.5 * row[0].size:
        return False
    if min(atom.order for atom in row) < max(atom.order for atom in above):
        return True
    return row[0].x0 > lefts[1] - NEAR and len(row) <= len(above) and high - low < 1.35 * row[0].size
