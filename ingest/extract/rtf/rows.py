"""The rows of a table as its cells come: a cell that is merged with the one before it or above it says the same.

Which cells are merged stands in the definition of a row (`\\trowd … \\cellx`), before its cells, behind them, or both;
a row without one has that of the row before (RTF 1.9.1, "Table definitions").
"""

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Merged: TypeAlias = Literal["", "left", "above"]
MERGED: dict[str, Merged] = {"clmrg": "left", "clvmrg": "above"}


@dataclass(slots=True)
class Rows:
    """The cells of the row under way, and what is known of the one before it."""

    cells: list[str] = field(default_factory=list)
    in_table: bool = False
    _defined: list[Merged] = field(default_factory=list)
    _next: Merged = ""
    _above: tuple[str, ...] = ()

    def define(self, word: str) -> None:
        """A word of a row's definition; any other changes nothing."""
        if word == "trowd":
            self._defined, self._next = [], ""
        elif word in MERGED:
            self._next = MERGED[word]
        elif word == "cellx":
            self._defined.append(self._next)
            self._next = ""

    def end(self) -> tuple[str, ...]:
        """The row's cells, with what merged ones say."""
        row: list[str] = []
        for place, cell in enumerate(self.cells):
            merged = self._defined[place] if place < len(self._defined) and not cell else ""
            if merged == "left" and row:
                cell = row[-1]
            elif merged == "above" and place < len(self._above):
                cell = self._above[place]
            row.append(cell)
        self.cells = []
        self._above = tuple(row)
        return self._above

    def leave(self) -> None:
        """A paragraph that is in no row: what comes below is another table."""
        self._above = ()
