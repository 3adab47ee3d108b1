"""The tables of texts and slides: what their cells say, with notes, boxes and tables inside of cells."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from ingest.extract.assembly.levels import BULLET
from ingest.extract.clean import one_line
from ingest.extract.odf.body.drawings import OBJECTS, pieces
from ingest.extract.odf.body.line import LineReader
from ingest.extract.odf.body.numbering import DEEPEST, Counts, Numbering
from ingest.extract.odf.cells import Budget, CellText, cells_of, read_cells, rows_of
from ingest.extract.odf.names import DRAW, MAX_DEPTH, OFFICE, TABLE, TEXT, count
from ingest.extract.odf.styles import PLAIN, Look, Styles
from ingest.extract.tables.grid import Grid

if TYPE_CHECKING:
    from lxml.etree import _Element as Element  # type: ignore[import-untyped]

MOST_PARAGRAPHS: Final = 4
"""Paragraphs of a cell from which on the table places text and holds no data."""
LONGEST_CELL: Final = 1500
_SKIPPED: Final = (OFFICE + "annotation", OFFICE + "forms", TEXT + "tracked-changes")


@dataclass(slots=True)
class _Held:
    """What a cell holds so far; `look` is how its words look, `nested` whether a table stands among them."""

    look: Look
    notes: list[str]
    parts: list[str] = field(default_factory=list)
    strong: list[bool] = field(default_factory=list)
    nested: bool = False


class TableReader:
    """Reads the tables of one file, which share what may be repeated."""

    def __init__(self, styles: Styles, numbering: Numbering, lines: LineReader) -> None:
        self._styles = styles
        self._numbering = numbering
        self._lines = lines
        self._budget = Budget()

    def grid(self, table: "Element", notes: list[str], depth: int = 0) -> Grid:
        """The texts of a table; the notes in its cells are added to `notes`. Its first row stands out where the table
        says so."""

        def text_of(cell: "Element", row: "Element") -> CellText:
            return self._cell(cell, row, notes, depth)

        cells = read_cells(table, text_of, self._budget)
        first = next(iter(cells.cells), None)
        if first is not None and table.get(TABLE + "use-first-row-styles") == "true":
            cells.strong.update((first, column) for column in cells.cells[first])
        return cells.grid()

    def _cell(self, cell: "Element", row: "Element", notes: list[str], depth: int) -> CellText:
        style = cell.get(TABLE + "style-name") or row.get(TABLE + "default-cell-style-name")
        held = _Held(self._styles.look("table-cell", style, PLAIN), notes)
        self._words(cell, held, depth)
        text = (" / " if held.nested else " ").join(filter(None, held.parts))
        bold = bool(held.strong) and all(held.strong)
        return CellText(text, bool(text) and (bold or self._styles.is_coloured(style)))

    def _words(self, parent: "Iterable[Element]", held: _Held, depth: int) -> None:
        """Adds the words below a cell, a box or a list."""
        for node in parent if depth < MAX_DEPTH else ():
            if node.tag in (TEXT + "p", TEXT + "h"):
                self._paragraph(node, held, depth)
            elif node.tag == TEXT + "list":
                self._list(node, held, depth, "", 0, {})
            elif node.tag == TABLE + "table":
                self._nested(node, held, depth)
            elif isinstance(node.tag, str) and node.tag.startswith(DRAW):
                self._drawn(node, held, depth + 1)
            elif isinstance(node.tag, str) and node.tag not in _SKIPPED:
                self._words(node, held, depth + 1)

    def _paragraph(self, node: "Element", held: _Held, depth: int, label: str = "") -> None:
        paragraph = self._lines.read(node, held.look)
        text = one_line(paragraph.text)
        held.parts.append(f"{label} {text}" if label and text else text)
        held.strong += [paragraph.strong] if text else []
        held.notes += paragraph.notes
        for drawing in paragraph.drawings:
            self._drawn(drawing, held, depth + 1)

    def _list(self, node: "Element", held: _Held, depth: int, style: str, place: int, counts: Counts) -> None:
        """Adds the items of a list in a cell, those of a numbered one with their numbers."""
        style = node.get(TEXT + "style-name") or style
        for entry in node if depth < MAX_DEPTH else ():
            label = ""
            if entry.tag == TEXT + "list-item":
                start = count(entry, TEXT + "start-value", -1)
                first = entry.find(TEXT + "p")
                if first is not None:
                    named = style or self._styles.list_style(first)
                    label = self._numbering.label(named, place, counts, start if start >= 0 else None) or ""
            for child in entry:
                if child.tag == TEXT + "list":
                    self._list(child, held, depth + 1, style, min(place + 1, DEEPEST - 1), counts)
                elif child.tag == TEXT + "p":
                    self._paragraph(child, held, depth, "" if label == BULLET else label)
                    label = ""
                else:
                    self._words([child], held, depth + 1)

    def _drawn(self, drawing: "Element", held: _Held, depth: int) -> None:
        """Adds the words of boxes and the descriptions of pictures."""
        for piece in pieces(drawing):
            if piece.node is None:
                held.parts.append(f"[Image: {piece.description}]")
            elif piece.node.tag == TABLE + "table":
                self._nested(piece.node, held, depth)
            elif piece.node.tag not in OBJECTS:
                self._words(piece.node, held, depth + 1)

    def _nested(self, table: "Element", held: _Held, depth: int) -> None:
        held.parts += [", ".join(filter(None, row)) for row in self.grid(table, held.notes, depth + 1).rows]
        held.nested = True


def places_text(table: "Element") -> bool:
    """Whether a table only places what stands in it: one column, or a page's worth of text in a cell."""
    rows = [list(cells_of(row)) for row, _, shown in rows_of(table) if shown]
    widths = (sum(max(count(cell, TABLE + "number-columns-repeated"), 1) for cell, _ in row) for row in rows)
    if max(widths, default=0) < 2:
        return True
    return any(_is_page(cell) for row in rows for cell, covered in row if not covered)


def _is_page(cell: "Element") -> bool:
    paragraphs = [node for node in cell.iter(TEXT + "p") if "".join(node.itertext()).strip()]
    return len(paragraphs) >= MOST_PARAGRAPHS and sum(map(len, cell.itertext())) > LONGEST_CELL


def placed_cells(table: "Element") -> "Iterator[Element]":
    """The cells of a table that only places text, in their order."""
    for row, _, shown in rows_of(table):
        if shown:
            yield from (cell for cell, covered in cells_of(row) if not covered)
