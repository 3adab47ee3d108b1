"""CSV and TSV: one line per row, "Header: value; Header: value", under the table's name as heading.

Each row names its columns itself, so that a quoted row is understood alone and a question's words ("price", "plan")
stand beside the values they ask for; pipe rows would leave the header in another chunk. Empty cells are left out.
"""

from ingest.extract.assembly.building import TextBuilder
from ingest.extract.charset import decode
from ingest.extract.clean import clean_characters, humanised, one_line
from ingest.extract.extracted import Extracted
from ingest.extract.tables.delimited import delimited_rows
from ingest.extract.tables.parts import Columns, parts_of
from ingest.extract.tables.regions import SheetCells, regions
from ingest.extract.tables.writing import add_parts


def extract(data: bytes, name: str) -> Extracted:
    """Rows in file order; titles and fields above the header stay apart from the rows below it."""
    text = clean_characters(decode(data)).lstrip("\n")
    title = humanised(name)
    media_type = "text/tab-separated-values" if name.lower().endswith(".tsv") else "text/csv"
    builder = TextBuilder()
    builder.heading(1, title)
    before = builder.length
    rows = [[one_line(cell) for cell in row] for row in delimited_rows(text)]
    if max(map(len, rows), default=0) == 1:
        _list(builder, [row[0] for row in rows if row and row[0]])
    else:
        _tables(builder, rows)
    if builder.length == before:
        return Extracted("", title, media_type, reason="the table is empty")
    return Extracted(builder.text, title, media_type, headings=tuple(builder.headings), blocks=builder.blocks)


def _tables(builder: TextBuilder, rows: list[list[str]]) -> None:
    cells = {
        number: {column: cell for column, cell in enumerate(row) if cell} for number, row in enumerate(rows)
    }
    above: Columns | None = None
    for grid in regions(SheetCells(cells)):
        parts = list(parts_of(grid, above))
        above = next((part for part in reversed(parts) if isinstance(part, Columns)), above)
        add_parts(builder, parts, "described")


def _list(builder: TextBuilder, lines: list[str]) -> None:
    """A file of one column: its first line, and the others as what it introduces."""
    builder.block(lines[0] if lines else "")
    with builder.within("list"):
        for number, line in enumerate(lines[1:]):
            builder.block(line, "item", gap="\n" if number else "\n\n")
