"""The cells of a table on a slide; a merged cell is repeated in every place that it covers."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from ingest.extract.clean import one_line
from ingest.extract.ooxml.names import A
from ingest.extract.pptx.line import LineReader
from ingest.extract.tables.grid import Grid, Place

if TYPE_CHECKING:
    from lxml.etree import _Element as Element  # type: ignore[import-untyped]

_ON = ("1", "true")


def grid_of(table: "Element", lines: LineReader) -> Grid:
    """The texts of an `a:tbl`; its first row stands out where the table's style says so."""
    rows: list[list[str]] = []
    covered: list[Place] = []
    strong: list[Place] = []
    properties = table.find(A + "tblPr")
    first = properties is not None and properties.get("firstRow") in _ON
    for number, row in enumerate(table.iterchildren(A + "tr")):
        rows.append([])
        for column, cell in enumerate(row.iterchildren(A + "tc")):
            text = one_line(lines.all_words(cell.find(A + "txBody")))
            if cell.get("hMerge") in _ON and column:
                text = rows[number][column - 1]
                covered.append((number, column))
            elif cell.get("vMerge") in _ON and number and column < len(rows[number - 1]):
                text = rows[number - 1][column]
                covered.append((number, column))
            rows[number].append(text)
            if (first and not number) or _is_bold(cell, lines.is_bold):
                strong.append((number, column))
    return Grid.of(rows, covered, strong)


def _is_bold(cell: "Element", is_bold: "Callable[[Element], bool]") -> bool:
    paragraphs = [p for p in cell.iterfind(f"{A}txBody/{A}p") if "".join(p.itertext()).strip()]
    return bool(paragraphs) and all(map(is_bold, paragraphs))
