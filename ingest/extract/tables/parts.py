"""A grid taken apart: words above the table, its columns' names, its rows, notes below it; or the pairs of a form."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median_low
from typing import Final, TypeAlias

from ingest.extract.tables.grid import Grid
from ingest.extract.tables.headers import LOOKED_AT, evidence, header_rows, names_of, stands_over_some
from ingest.extract.tables.pairs import Pair, pairs_of
from ingest.extract.tables.shapes import EMPTY, WORDS, is_value, shape_of

MOST_ABOVE: Final = 12
"""Rows above the names of columns at most."""
NOTE: Final = 40
"""Characters from which on a lone text below a table is a note on it."""


@dataclass(frozen=True, slots=True)
class Words:
    """A title above a table, or a note on it."""

    text: str
    note: bool = False


@dataclass(frozen=True, slots=True)
class Fields:
    """A form: names with their values."""

    pairs: tuple[Pair, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A row below the names; a `label` is one text for the rows that follow."""

    cells: tuple[str, ...]
    label: bool = False


@dataclass(frozen=True, slots=True)
class Columns:
    """A table: the columns' names, "" where they have none, and the rows."""

    names: tuple[str, ...]
    rows: tuple[Row, ...]
    shapes: tuple[str, ...] = ()

    @property
    def named(self) -> bool:
        """Whether any column has a name."""
        return any(self.names)


Part: TypeAlias = Words | Fields | Columns


def parts_of(grid: Grid, above: Columns | None = None) -> Iterator[Part]:
    """What a grid holds, from top to bottom; `above` is the table above it, whose columns it may go on with."""
    grid = grid.without_blanks()
    start = 0 if grid.heads else _start(grid)
    yield from _above(grid, start)
    end = _end(grid, start)
    table = grid.from_row(start, end)
    if table.rows:
        yield from _table(table, above if not start else None)
    for row in range(end, len(grid.rows)):
        yield Words(grid.own(row)[0][1], note=True)


def _start(grid: Grid) -> int:
    """Where the table begins: titles, notes and fields of two cells stand above a wider one."""
    counts = [grid.distinct(row) for row in range(len(grid.rows))]
    if grid.width < 2 or max(counts) < 2:
        return 0
    usual = median_low(count for count in counts if count > 1)
    for row, count in enumerate(counts[:MOST_ABOVE]):
        above = count == 2 < usual and _is_field(grid, row)
        if (count > 1 or stands_over_some(grid, row)) and not above:
            return row
    return next(row for row, count in enumerate(counts) if count > 1)


def _is_field(grid: Grid, row: int) -> bool:
    """Two cells side by side at the left, none of them merged: a name and its value above the table."""
    places = [column for column, _ in grid.own(row)]
    merged = any((line, column) in grid.covered for line in (row, row + 1) for column in range(grid.width))
    return places == [0, 1] and not merged


def _above(grid: Grid, start: int) -> Iterator[Part]:
    fields: list[Pair] = []
    for row in range(start):
        cells = [text for _, text in grid.own(row)]
        if len(cells) == 2:
            fields.append((cells[0].rstrip(": "), cells[1]))
            continue
        if fields:
            yield Fields(tuple(fields))
            fields = []
        yield Words(cells[0])
    if fields:
        yield Fields(tuple(fields))


def _end(grid: Grid, start: int) -> int:
    """Where the notes below the table begin."""
    end = len(grid.rows)
    while end - 1 > start and grid.width > 1 and _is_note(grid, end - 1):
        end -= 1
    return end


def _is_note(grid: Grid, row: int) -> bool:
    cells = grid.own(row)
    if len(cells) != 1 or cells[0][0] > 0:
        return False
    text = cells[0][1]
    marked = not text[0].isalnum() and text[0] not in "(\u201c\"'+-\u2212"
    return (len(text) > NOTE or marked) and shape_of(text) == WORDS


def _table(grid: Grid, above: Columns | None) -> Iterator[Part]:
    if above is not None and _continues(grid, above):
        yield Columns(above.names, tuple(_rows(grid, 0, above.names)), above.shapes)
        return
    if pairs := pairs_of(grid):
        yield Fields(tuple(pairs))
        return
    heads = header_rows(grid)
    names = names_of(grid, heads) if heads else ("",) * grid.width
    cut = _next_header(grid, heads)
    kept = grid.from_row(0, cut)
    yield Columns(names, tuple(_rows(kept, heads, names)), _shapes(kept, heads))
    if cut < len(grid.rows):
        yield from parts_of(grid.from_row(cut))


def _next_header(grid: Grid, heads: int) -> int:
    """Where another table begins without a blank row: names of columns below a label, or in bold."""
    said = {tuple(map(str.casefold, row)) for row in grid.rows[:heads]}
    for row in range(heads + 1, len(grid.rows) - 1):
        names = row + _is_label(grid, row)
        if names == row and not (grid.is_strong(row) and not grid.is_strong(row - 1)):
            continue
        if names + 1 >= len(grid.rows) or tuple(map(str.casefold, grid.rows[names])) in said:
            continue
        if grid.distinct(names) > 1 and evidence(grid, names) == "names":
            return row
    return len(grid.rows)


def _continues(grid: Grid, above: Columns) -> bool:
    """Whether rows go on with the columns of the table above: no names, and the first row looks as those do."""
    if grid.heads or not above.named or len(above.names) != grid.width or evidence(grid, 0) == "names":
        return False
    pairs = zip(map(shape_of, grid.rows[0]), above.shapes, strict=True)
    told = [(shape, usual) for shape, usual in pairs if usual not in (EMPTY, WORDS) and shape != EMPTY]
    return bool(told) and all(
        shape == usual or (is_value(shape) and is_value(usual)) for shape, usual in told
    )


def _shapes(grid: Grid, heads: int) -> tuple[str, ...]:
    """What most cells of each column look like."""
    body = grid.rows[heads : heads + LOOKED_AT]
    columns = zip(*body, strict=True) if body else [()] * grid.width
    return tuple(_usual([shape_of(cell) for cell in cells if cell]) for cells in columns)


def _usual(shapes: list[str]) -> str:
    return max(shapes, key=shapes.count) if shapes else EMPTY


def _rows(grid: Grid, heads: int, names: Sequence[str]) -> Iterator[Row]:
    """The rows below the names, without names that are said again."""
    headers = {tuple(map(str.casefold, row)) for row in (*grid.rows[:heads], tuple(names))}
    for row in range(heads, len(grid.rows)):
        cells = grid.rows[row]
        if tuple(map(str.casefold, cells)) in headers:
            continue
        yield Row(cells, label=_is_label(grid, row))


def _is_label(grid: Grid, row: int) -> bool:
    """One text over the rows that follow: merged across, or in bold where other rows are not."""
    if grid.width < 2 or grid.distinct(row) != 1 or row + 1 >= len(grid.rows):
        return False
    merged = sum(bool(text) for text in grid.rows[row]) > 1
    return merged or (grid.is_strong(row) and not all(map(grid.is_strong, range(len(grid.rows)))))
