"""Tables without a grid: rows with two or more pieces whose columns never overlap and line up.

Prose in columns is told from them by the content stream, which ends one column before it begins the next, and by the
length of its lines.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Final

from ingest.extract.pdf.page.atoms import Atom
from ingest.extract.pdf.page.marks import without_marks
from ingest.extract.pdf.page.pieces import Table, by_lines, joined
from ingest.extract.pdf.page.sides import has_side_heads, side_heads
from ingest.extract.pdf.page.tables.rules import Edge
from ingest.extract.tables.grid import Grid

NEAR: Final = 3.0
"""Points within which two ends of pieces are in line."""
MAX_ALONE: Final = 4
"""Lines of one piece that may follow one another inside a table: a wrapped cell."""
PROSE: Final = 25
"""Characters from which a piece of a column reads as prose."""
_LABEL: Final = re.compile(r"[•◦▪‣●○■–—*·-]|\(?(?:\d{1,3}(?:\.\d{1,3})*|[A-Za-z]|[ivxIVX]{1,4})[.)]?")


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
        form = has_side_heads(run.rows, run.columns, rules)
        if form or _is_table(run):
            table = Table(
                side_heads(run.rows, run.columns, cell) if form else _grid(run, rules, cell),
                run.columns[0][0],
                run.columns[-1][1],
                run.rows[0][0].y + run.rows[0][0].size,
                run.rows[-1][0].y,
                min(atom.order for row in run.rows for atom in row),
                form,
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
    return len(line) == 1 and line[0].x0 > columns[0][1] and above.y - line[0].y < 1.6 * line[0].size


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
    long = [median(len(without_marks(atom.text)) for atom in column) >= PROSE for column in columns]
    if len(columns) <= 3 and sum(long) >= 2:
        return True
    return all(
        max(atom.order for atom in left) < min(atom.order for atom in right)
        and max(median(len(without_marks(atom.text)) for atom in side) for side in (left, right)) >= PROSE
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


def _grid(run: _Run, rules: Sequence[Edge], cell: Callable[[Sequence[str]], str]) -> Grid:
    lefts = [left for left, _ in run.columns]
    logical: list[list[list[Atom]]] = []
    previous: list[Atom] = []
    for row in run.rows:
        if not logical or not _wraps(previous, row, lefts, rules):
            logical.append([[] for _ in lefts])
        for atom in row:
            logical[-1][bisect_right(lefts, atom.x0) - 1].append(atom)
        previous = row
    texts = [[cell([joined(line) for line in by_lines(atoms)]) for atoms in cells] for cells in logical]
    strong = [
        (row, column)
        for row, cells in enumerate(logical)
        for column, atoms in enumerate(cells)
        if atoms and all(atom.bold for atom in atoms)
    ]
    return Grid.of(texts, (), strong)


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
