"""Which rows at the top of a table name its columns: years and dates too, two rows of which one groups the other.

Names are told from values by their look: a name seldom looks like what stands below it. Where nothing tells, the
first row is taken for names, as people expect of a table.
"""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Final, Literal, TypeAlias

from ingest.extract.tables.grid import Grid
from ingest.extract.tables.shapes import (
    CODE,
    DATE,
    EMPTY,
    WORDS,
    YEAR,
    Shape,
    is_value,
    shape_of,
    whole_number,
)

Evidence: TypeAlias = Literal["names", "unclear", "values"]

MOST_HEADER_ROWS: Final = 3
LONGEST_NAME: Final = 120
"""Characters of a column's name at most."""
LOOKED_AT: Final = 40
"""Rows below that are compared with names."""


def header_rows(grid: Grid) -> int:
    """How many rows at the top name the columns; 0 where the first row is one of values."""
    count = len(grid.rows)
    if not count:
        return 0
    heads = min(grid.heads, count)
    if heads == count > 1:
        heads = 1
    if not heads:
        if _is_group_row(grid, 0) and evidence(grid, 1) != "values":
            heads = 1
        elif evidence(grid, 0) == "values":
            return 0
        heads = max(heads, 1)
    while heads < min(MOST_HEADER_ROWS, count - 1) and _goes_on(grid, heads):
        heads += 1
    return heads


def evidence(grid: Grid, row: int) -> Evidence:
    """Whether a row looks like names of columns, beside the rows below it."""
    cells = grid.own(row)
    if not cells or any(len(text) > LONGEST_NAME for _, text in cells) or _recurs(grid, row):
        return "values"
    if any(
        text.rstrip().endswith(":") and grid.rows[row][column + 1 : column + 2] > ("",)
        for column, text in cells
    ):
        return "values"  # a field with its value
    shapes = {column: shape_of(text) for column, text in cells}
    columns = {column: _shapes_below(grid, row, column) for column in shapes}
    odd = [column for column, shape in shapes.items() if is_value(shape) or shape == YEAR]
    if odd and not _is_series(grid, row, odd, columns):
        return "values"
    if odd or any(_differs(shape, _usual(columns[column])) for column, shape in shapes.items()):
        return "names"
    codes = [column for column, shape in shapes.items() if shape == CODE == _usual(columns[column])]
    if len(codes) * 2 >= len(cells):
        return "values"
    below = range(row + 1, min(len(grid.rows), row + 1 + LOOKED_AT))
    if grid.is_strong(row) and below and not all(grid.is_strong(line) for line in below):
        return "names"
    texts = [text.casefold() for _, text in cells]
    return "unclear" if len(set(texts)) == len(texts) else "values"


def _shapes_below(grid: Grid, row: int, column: int) -> Counter[Shape]:
    """What the cells below look like; one that only goes on with a merged one does not count."""
    lines = range(row + 1, min(len(grid.rows), row + 1 + LOOKED_AT))
    shown = (grid.rows[line][column] for line in lines if (line, column) not in grid.covered)
    return Counter(filter(None, map(shape_of, shown)))


def _differs(shape: Shape, usual: Shape) -> bool:
    """Whether a name looks different from its column."""
    named = shape in (WORDS, CODE, YEAR, DATE) and usual not in (EMPTY, WORDS, shape)
    return named and (shape != CODE or is_value(usual))


def _recurs(grid: Grid, row: int) -> bool:
    """Whether most cells of a row stand in their column again: values do, names come again all at once."""
    names = grid.rows[row]
    below = [line for line in grid.rows[row + 1 : row + 1 + LOOKED_AT] if line != names]
    again = [column for column, text in grid.own(row) if any(line[column] == text for line in below)]
    return len(again) * 2 > len(grid.own(row))


def _usual(shapes: Counter[Shape]) -> Shape:
    """What most cells of a column look like; measures of any unit are one shape."""
    if not shapes:
        return EMPTY
    measures = {shape: count for shape, count in shapes.items() if is_value(shape)}
    if sum(measures.values()) * 2 > shapes.total():
        return max(measures, key=lambda shape: measures[shape])
    shape, count = shapes.most_common(1)[0]
    return shape if count * 2 > shapes.total() else EMPTY


def _is_series(grid: Grid, row: int, odd: Sequence[int], columns: dict[int, Counter[Shape]]) -> bool:
    """Whether the numbers of a row are names: years, dates, or one more from column to column; the column below
    looks different."""
    texts = [grid.rows[row][column] for column in odd]
    if len(set(texts)) < len(texts):
        return False
    shapes = {shape_of(text) for text in texts}
    if shapes <= {YEAR, DATE}:
        alike = sum(columns[column][YEAR] + columns[column][DATE] for column in odd)
        return alike * 2 <= sum(columns[column].total() for column in odd)
    numbers = [whole_number(text) for text in texts]
    if len(odd) < 3 or odd[0] == 0 or None in numbers:
        return False
    steps = {after - before for before, after in pairwise(number for number in numbers if number is not None)}
    return len(steps) == 1 and 0 not in steps


def _is_group_row(grid: Grid, row: int) -> bool:
    """Whether a row stands over several columns at once: its cells are merged across, or leave blanks that the row
    below fills."""
    if row + 2 > len(grid.rows) - 1 or len(grid.own(row)) < 1:
        return False
    if _merged_across(grid, row):
        return grid.distinct(row) > 1 or stands_over_some(grid, row)
    cells, under = grid.rows[row], grid.rows[row + 1]
    columns = [column for column, _ in grid.own(row)]
    gaps = [column for column, text in enumerate(cells) if not text and under[column]]
    after = [column for column in gaps if column > columns[0]]
    return (
        len(columns) >= 2
        and bool(after)
        and len(grid.own(row + 1)) > len(columns)
        and (columns[0] > 0 or _repeats(under))
    )


def stands_over_some(grid: Grid, row: int) -> bool:
    """Whether a row is one merged cell over some of the columns, not the first."""
    return _merged_across(grid, row) and not grid.rows[row][0]


def _merged_across(grid: Grid, row: int) -> bool:
    cells = grid.rows[row]
    return any(
        (row, column) in grid.covered and text and cells[column - 1] == text
        for column, text in enumerate(cells)
        if column
    )


def _repeats(cells: Sequence[str]) -> bool:
    texts = [text.casefold() for text in cells if text]
    return len(set(texts)) < len(texts)


def _goes_on(grid: Grid, row: int) -> bool:
    """Whether a row goes on with the header above it."""
    if row < grid.heads:
        return True
    if not _is_group_row(grid, row - 1) or row + 1 >= len(grid.rows) or _recurs(grid, row):
        return False
    if grid.distinct(row) < 2 or any(is_value(shape_of(text)) for _, text in grid.own(row)):
        return evidence(grid, row) == "names"
    held_down = any(
        (row, column) in grid.covered and grid.rows[row - 1][column] == text
        for column, text in enumerate(grid.rows[row])
        if text
    )
    return held_down or _repeats(grid.rows[row]) or evidence(grid, row) == "names"


def names_of(grid: Grid, heads: int) -> tuple[str, ...]:
    """The name of each column: those of several rows one after the other ("2026 / Actual"), the same one once."""
    rows = [_filled(grid, row, row + 1 < heads) for row in range(heads)]
    return tuple(
        " / ".join(dict.fromkeys(row[column] for row in rows if row[column])) for column in range(grid.width)
    )


def _filled(grid: Grid, row: int, groups: bool) -> list[str]:
    """A row of names; one that groups columns without merged cells goes on over its blanks."""
    cells = list(grid.rows[row])
    if not groups or _merged_across(grid, row):
        return cells
    under = grid.rows[row + 1]
    for column in range(1, len(cells)):
        if not cells[column] and under[column] and cells[column - 1] and column > grid.own(row)[0][0]:
            cells[column] = cells[column - 1]
    return cells
