"""The cells of a table: their texts by row and column, and what a format told about them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

Place: TypeAlias = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Grid:
    """Rows of one width. A merged cell says its text in each place that it covers; `covered` are those places but for
    its first. `strong` are places in bold or on a colour, `heads` the rows that the format calls the header's."""

    rows: tuple[tuple[str, ...], ...]
    covered: frozenset[Place] = frozenset()
    strong: frozenset[Place] = frozenset()
    heads: int = 0

    @classmethod
    def of(
        cls,
        rows: Iterable[Sequence[str]],
        covered: Iterable[Place] = (),
        strong: Iterable[Place] = (),
        heads: int = 0,
    ) -> "Grid":
        """A grid of rows that may be of different lengths; empty rows and columns go."""
        held = [tuple(row) for row in rows]
        width = max(map(len, held), default=0)
        grid = cls(
            tuple(row + ("",) * (width - len(row)) for row in held),
            frozenset(covered),
            frozenset(strong),
            heads,
        )
        return grid.without_blanks()

    @property
    def width(self) -> int:
        """Columns."""
        return len(self.rows[0]) if self.rows else 0

    def without_blanks(self) -> "Grid":
        """The grid without rows and columns that hold nothing."""
        rows = [index for index, row in enumerate(self.rows) if any(row)]
        columns = [index for index in range(self.width) if any(row[index] for row in self.rows)]
        if len(rows) == len(self.rows) and len(columns) == self.width:
            return self
        return self._taken(rows, columns)

    def from_row(self, start: int, end: int | None = None) -> "Grid":
        """The rows from `start`, as a grid of its own."""
        kept = range(start, len(self.rows) if end is None else end)
        return self._taken(kept, range(self.width))

    def _taken(self, rows: Sequence[int], columns: Sequence[int]) -> "Grid":
        row_at = {old: new for new, old in enumerate(rows)}
        column_at = {old: new for new, old in enumerate(columns)}

        def moved(places: frozenset[Place]) -> frozenset[Place]:
            return frozenset(
                (row_at[row], column_at[column])
                for row, column in places
                if row in row_at and column in column_at
            )

        return replace(
            self,
            rows=tuple(tuple(self.rows[row][column] for column in columns) for row in rows),
            covered=moved(self.covered),
            strong=moved(self.strong),
            heads=sum(row < self.heads for row in rows),
        )

    def own(self, row: int) -> list[tuple[int, str]]:
        """The filled cells that begin in a row, with their columns."""
        return [
            (column, text)
            for column, text in enumerate(self.rows[row])
            if text and (row, column) not in self.covered
        ]

    def distinct(self, row: int) -> int:
        """How many cells a row has that are filled, a merged one counted once."""
        cells = self.rows[row]
        return sum(
            bool(text) and not (column and (row, column) in self.covered and cells[column - 1] == text)
            for column, text in enumerate(cells)
        )

    def is_strong(self, row: int) -> bool:
        """Whether every filled cell of a row is in bold or on a colour, where not all rows are."""
        return bool(self.strong) and all((row, column) in self.strong for column, _ in self.own(row))
