"""Spreadsheets: each visible sheet under a heading, its tables as rows that name their columns, comments with cells.

Cells are read as they are shown; what is hidden is not, and the notes say how much that was.
"""

from typing import TYPE_CHECKING, Final

from ingest.extract.assembly.building import TextBuilder
from ingest.extract.clean import one_line
from ingest.extract.odf.body.drawings import has_words, pieces
from ingest.extract.odf.body.line import LineReader, Paragraph
from ingest.extract.odf.body.objects import Objects
from ingest.extract.odf.cells import Budget, Cells, CellText, cells_of, read_cells, rows_of
from ingest.extract.odf.held import Held, left_out
from ingest.extract.odf.names import DRAW, LOEXT, OFFICE, TABLE, TEXT
from ingest.extract.odf.opening import Opened
from ingest.extract.odf.styles import PLAIN, Look, Styles
from ingest.extract.odf.values import shown_value
from ingest.extract.tables.parts import Columns, parts_of
from ingest.extract.tables.regions import SheetCells, regions
from ingest.extract.tables.writing import add_parts
from ingest.extract.unseen import left_out as left_out_words
from ingest.extract.unseen import speaks_to_a_model

if TYPE_CHECKING:
    from lxml.etree import _Element as Element  # type: ignore[import-untyped]

NOT_CALCULATED: Final = "(not calculated)"


def read_workbook(opened: Opened, body: "Element") -> Held:
    """All sheets in their order."""
    writer = _Writer(opened)
    for table in body.iterchildren(TABLE + "table"):
        writer.sheet(table)
    return Held(writer.builder, "no cell holds anything", notes=writer.notes())


class _Writer:
    """Writes the sheets of one file, which share what may be repeated."""

    def __init__(self, opened: Opened) -> None:
        self.builder = TextBuilder()
        self._styles = Styles(opened)
        self._lines = LineReader(self._styles, Objects(opened).formula)
        self._budget = Budget()
        self._uncalculated = 0
        self._hidden = {"sheet": 0, "row": 0, "column": 0}

    def sheet(self, table: "Element") -> None:
        """A sheet that holds anything, unless it is hidden."""
        if not self._styles.is_shown(table):
            self._hidden["sheet"] += 1
            return
        cells = read_cells(table, self._cell, self._budget)
        texts = self._boxes(table)
        if cells.cells or texts:
            self.builder.heading(1, table.get(TABLE + "name") or "")
            self._tables(cells)
            for text in texts:
                self.builder.block(text)
        self._hidden["row"] += cells.hidden_rows
        self._hidden["column"] += len(cells.hidden_columns)

    def notes(self) -> tuple[str, ...]:
        """What was left out."""
        notes = [note for what, number in self._hidden.items() for note in left_out(number, what)]
        if self._uncalculated:
            notes.append(f"{self._uncalculated} formulas have no stored result: open the file and save it")
        if self._budget.spent:
            notes.append("rows or cells that repeat very often are not written each time")
        return tuple(notes)

    def _tables(self, cells: Cells) -> None:
        above: Columns | None = None
        for grid in regions(SheetCells(cells.cells, cells.covered, cells.strong)):
            parts = list(parts_of(grid, above))
            above = next((part for part in reversed(parts) if isinstance(part, Columns)), above)
            add_parts(self.builder, parts, "described")

    def _cell(self, cell: "Element", row: "Element") -> CellText:
        style = cell.get(TABLE + "style-name") or row.get(TABLE + "default-cell-style-name")
        look = self._styles.look("table-cell", style, PLAIN)
        read = [self._paragraph(node, look) for node in cell.iterchildren(TEXT + "p")]
        paragraphs = [paragraph for paragraph in read if paragraph.text.strip()]
        text = one_line("\n".join(paragraph.text for paragraph in paragraphs))
        if not text and not look.hidden:
            text = shown_value(cell) or self._missing(cell)
        unsure = look.ground or self._styles.is_conditional(style)
        if text and look.faint and (speaks_to_a_model(text) or not unsure):
            left_out_words(text, "white text")
            text = ""
        strong = look.bold if not paragraphs else all(paragraph.strong for paragraph in paragraphs)
        open_ones = (
            c for c in cell.iterchildren(OFFICE + "annotation") if c.get(LOEXT + "resolved") != "true"
        )
        comments = "; ".join(filter(None, map(self._lines.words, open_ones)))
        if comments:
            text = f"{text} (note: {comments})".strip()
        return CellText(text, bool(text) and (strong or self._styles.is_coloured(style)))

    def _paragraph(self, node: "Element", look: Look) -> Paragraph:
        """The words of a paragraph; most cells hold one without anything inside, in a plain look."""
        if look == PLAIN and not len(node) and node.get(TEXT + "style-name") is None:
            return Paragraph(node.text or "")
        return self._lines.read(node, look)

    def _missing(self, cell: "Element") -> str:
        """A formula whose result the file does not hold."""
        formula = cell.get(TABLE + "formula")
        if formula is None or cell.get(OFFICE + "value-type") is not None:
            return ""
        self._uncalculated += 1
        return f"={one_line(formula).partition('=')[2]} {NOT_CALCULATED}"

    def _boxes(self, table: "Element") -> list[str]:
        """The texts of boxes and the descriptions of pictures, each once, in the order of the sheet."""
        found: dict[str, None] = {}
        cells = (cell for row, _, shown in rows_of(table) if shown for cell, _ in cells_of(row))
        for holder in (*table.iterchildren(TABLE + "shapes"), *cells):
            for drawing in holder:
                if isinstance(drawing.tag, str) and drawing.tag.startswith(DRAW):
                    found.update(dict.fromkeys(self._drawn(drawing)))
        return list(filter(None, found))

    def _drawn(self, drawing: "Element") -> list[str]:
        texts = []
        for piece in pieces(drawing):
            if piece.node is None:
                texts.append(f"[Image: {piece.description}]")
            elif has_words(piece.node):
                texts.append(self._lines.words(piece.node, "\n"))
        return texts
