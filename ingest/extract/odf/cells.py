"""The cells of a table or sheet: shown texts by row and column, repeated and merged ones in each of their places.

A file says how often a row or cell comes again, up to a million times in a few bytes: blank ones are only counted,
those with words are written again while a budget of characters lasts. Rows and columns are numbered as they are shown:
what is hidden has no number, a run of blank rows has one.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from ingest.extract.odf.names import MAX_DEPTH, TABLE, count
from ingest.extract.tables.grid import Grid, Place

if TYPE_CHECKING:
    from lxml.etree import _Element as Element  # type: ignore[import-untyped]

MOST_REPEATED: Final = 1000
"""Places that a row, a cell or a merged cell fills at most in one direction."""
MOST_CHARACTERS: Final = 2_000_000
_FREE: Final = 3
"""Repetitions of a cell that cost nothing, since many cells look like their neighbour."""
_PLACE: Final = 8
"""Characters that a place costs beside its own."""
LONGEST_REPEATED: Final = 200
"""Characters of a merged cell that is said in each row that it covers."""
_GROUPS: Final = frozenset(
    TABLE + name
    for name in ("table-rows", "table-header-rows", "table-row-group", "table-columns", "table-header-columns",
                 "table-column-group")
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class CellText:
    """The words of a cell, and whether they are in bold or on a colour."""

    text: str
    strong: bool = False


@dataclass(slots=True)
class Budget:
    """What may still be repeated; `spent` once anything was left out."""

    left: int = MOST_CHARACTERS
    spent: bool = False

    def takes(self, characters: int) -> bool:
        """Whether so many characters may be repeated."""
        self.left -= characters + _PLACE
        self.spent = self.spent or self.left < 0
        return self.left >= 0


@dataclass(slots=True)
class Cells:
    """Shown texts by row and column; `heads` rows at the top are the header's. How many rows and columns with words are
    hidden."""

    cells: dict[int, dict[int, str]] = field(default_factory=dict)
    covered: set[Place] = field(default_factory=set)
    strong: set[Place] = field(default_factory=set)
    heads: int = 0
    hidden_rows: int = 0
    hidden_columns: set[int] = field(default_factory=set)

    def grid(self) -> Grid:
        """The cells as one table."""
        columns = sorted({column for held in self.cells.values() for column in held})
        places = {column: place for place, column in enumerate(columns)}
        numbers = {row: number for number, row in enumerate(self.cells)}

        def moved(marked: set[Place]) -> Iterator[Place]:
            return ((numbers[row], places[column]) for row, column in marked)

        rows = [[held.get(column, "") for column in columns] for held in self.cells.values()]
        heads = sum(row < self.heads for row in self.cells)
        return Grid.of(rows, moved(self.covered), moved(self.strong), heads)


@dataclass(frozen=True, slots=True)
class _Merged:
    """A cell that goes on in others below, to a row as the file counts them."""

    held: CellText
    last: int


def read_cells(
    table: "Element", text_of: "Callable[[Element, Element], CellText]", budget: Budget | None = None
) -> Cells:
    """The cells of a `table:table`; `text_of` reads one, given its row."""
    return _Reader(table, text_of, budget or Budget()).read()


def rows_of(
    parent: "Element", header: bool = False, closed: bool = False, depth: int = 0
) -> "Iterator[tuple[Element, bool, bool]]":
    """Each row, whether it belongs to the header, and whether it is shown: rows of a closed group are (they are one
    click away), rows that are hidden by themselves or by a filter are not."""
    for child in parent:
        if child.tag == TABLE + "table-row":
            yield child, header, _is_shown(child, closed)
        elif child.tag in _GROUPS and depth < MAX_DEPTH:
            head = header or child.tag == TABLE + "table-header-rows"
            yield from rows_of(child, head, closed or _is_closed(child), depth + 1)


def _columns_of(parent: "Element", closed: bool = False, depth: int = 0) -> "Iterator[tuple[Element, bool]]":
    """Each description of columns, and whether they are shown."""
    for child in parent:
        if child.tag == TABLE + "table-column":
            yield child, _is_shown(child, closed)
        elif child.tag in _GROUPS and depth < MAX_DEPTH:
            yield from _columns_of(child, closed or _is_closed(child), depth + 1)


def _is_closed(group: "Element") -> bool:
    return bool(group.get(TABLE + "display") == "false")


def _is_shown(node: "Element", closed: bool) -> bool:
    visibility = node.get(TABLE + "visibility")
    return visibility not in ("collapse", "filter") or (closed and visibility == "collapse")


def cells_of(row: "Element") -> "Iterator[tuple[Element, bool]]":
    """Each cell of a row, and whether another one covers it."""
    for child in row:
        if child.tag in (TABLE + "table-cell", TABLE + "covered-table-cell"):
            yield child, child.tag == TABLE + "covered-table-cell"


class _Columns:
    """Which columns of a table are shown, and their numbers without the hidden ones."""

    def __init__(self, table: "Element") -> None:
        self._starts: list[int] = []
        self._runs: list[tuple[int, int]] = []
        """The end of each hidden run, and how many columns are hidden before it."""
        column = hidden = 0
        for node, shown in _columns_of(table):
            times = count(node, TABLE + "number-columns-repeated")
            if not shown:
                self._starts.append(column)
                self._runs.append((column + times, hidden))
                hidden += times
            column += times

    def number(self, column: int) -> int | None:
        """The number of a column among those that are shown; None for a hidden one."""
        place = bisect_right(self._starts, column) - 1
        if place < 0:
            return column
        end, before = self._runs[place]
        return None if column < end else column - before - (end - self._starts[place])


class _Reader:
    """Takes the rows of one table in their order."""

    def __init__(
        self, table: "Element", text_of: "Callable[[Element, Element], CellText]", budget: Budget
    ) -> None:
        self._table = table
        self._text_of = text_of
        self._budget = budget
        self._columns = _Columns(table)
        self._into = Cells()
        self._merged: dict[int, _Merged] = {}
        self._number = 0
        """The row as it is shown."""
        self._counted = 0
        """The row as the file counts them."""

    def read(self) -> Cells:
        for row, header, shown in rows_of(self._table):
            times = max(count(row, TABLE + "number-rows-repeated"), 1)
            if shown:
                self._row(row, times)
                self._into.heads = self._number if header else self._into.heads
            elif any("".join(cell.itertext()).strip() for cell, _ in cells_of(row)):
                self._into.hidden_rows += times
            self._counted += times
        return self._into

    def _row(self, row: "Element", times: int) -> None:
        held: dict[int, str] = {}
        column = 0
        for cell, covered in cells_of(row):
            repeated = max(count(cell, TABLE + "number-columns-repeated"), 1)
            if covered:
                self._covered(held, column, repeated)
            elif len(cell) or len(cell.attrib) > 1:
                self._cell(held, row, cell, column, repeated)
            column += repeated
        if not held:
            self._number += 1
            return
        self._into.cells[self._number] = held
        first, cost = self._number, sum(map(len, held.values())) + _PLACE * len(held)
        for _ in range(1, min(times, MOST_REPEATED)):
            if not self._budget.takes(cost):
                break
            self._number += 1
            self._into.cells[self._number] = held
            for marked in (self._into.covered, self._into.strong):
                marked.update((self._number, place) for place in held if (first, place) in marked)
        self._budget.spent = self._budget.spent or times > MOST_REPEATED
        self._number += 1

    def _cell(
        self, held: dict[int, str], row: "Element", cell: "Element", column: int, repeated: int
    ) -> None:
        found = self._text_of(cell, row)
        if not found.text:
            return
        for step in range(min(repeated, MOST_REPEATED)):
            if step > _FREE and not self._budget.takes(len(found.text)):
                return
            self._put(held, column + step, found)
        self._budget.spent = self._budget.spent or repeated > MOST_REPEATED
        down = count(cell, TABLE + "number-rows-spanned")
        across = count(cell, TABLE + "number-columns-spanned")
        if max(down, across) > 1 and (down < 2 or len(found.text) <= LONGEST_REPEATED):
            merged = _Merged(found, self._counted + down - 1)
            self._merged |= dict.fromkeys(range(column, column + min(across, MOST_REPEATED)), merged)

    def _covered(self, held: dict[int, str], column: int, repeated: int) -> None:
        """Places that a merged cell to the left or above goes on in."""
        for place in range(column, column + min(repeated, MOST_REPEATED)):
            merged = self._merged.get(place)
            if merged is None or merged.last < self._counted or not self._budget.takes(len(merged.held.text)):
                continue
            number = self._put(held, place, merged.held)
            if number is not None:
                self._into.covered.add((self._number, number))

    def _put(self, held: dict[int, str], column: int, found: CellText) -> int | None:
        """Says a text in a place; the number of its column, None where that is hidden."""
        number = self._columns.number(column)
        if number is None:
            self._into.hidden_columns.add(column)
            return None
        held[number] = found.text
        if found.strong:
            self._into.strong.add((self._number, number))
        return number
