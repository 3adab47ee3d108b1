"""The sheets of an Excel 97 workbook by xlrd, shown as those of today's are: number formats, merged cells, nothing
hidden."""

from typing import TYPE_CHECKING, Final

import xlrd
from xlrd.biffh import XL_CELL_BOOLEAN, XL_CELL_DATE, XL_CELL_ERROR, XL_CELL_NUMBER, XL_CELL_TEXT

from ingest.extract.assembly.building import TextBuilder
from ingest.extract.clean import one_line
from ingest.extract.ooxml.formats import shown_number
from ingest.extract.package import damaged
from ingest.extract.tables.grid import Place
from ingest.extract.tables.parts import Columns, parts_of
from ingest.extract.tables.regions import SheetCells, regions
from ingest.extract.tables.writing import add_parts
from ragchat.errors import DocumentFailed

if TYPE_CHECKING:
    from xlrd.book import Book
    from xlrd.sheet import Sheet

MOST_REPEATED: Final = 20_000
"""Places that merged cells of a sheet fill at most."""


def add_sheets(builder: TextBuilder, data: bytes) -> tuple[str, ...]:
    """Append each visible sheet under its name; notes on what was left out. DocumentFailed damaged, encrypted."""
    try:
        book = xlrd.open_workbook(file_contents=data, formatting_info=True, ragged_rows=True, on_demand=False)
    except xlrd.XLRDError as error:
        if "encrypt" in str(error).lower():
            raise DocumentFailed(
                "is encrypted.", hint="Save it without a password and ingest it again.", code="encrypted"
            ) from error
        raise damaged("the workbook cannot be read") from error
    hidden = 0
    for sheet in book.sheets():
        if sheet.visibility:
            hidden += 1
            continue
        cells = _cells(book, sheet)
        if any(cells.values()):
            builder.heading(1, one_line(sheet.name))
            _add_tables(builder, sheet, cells)
    return (f"{hidden} hidden sheet{'s' * (hidden > 1)} left out",) if hidden else ()


def _cells(book: "Book", sheet: "Sheet") -> dict[int, dict[int, str]]:
    cells: dict[int, dict[int, str]] = {}
    for row in range(sheet.nrows):
        if row in sheet.rowinfo_map and sheet.rowinfo_map[row].hidden:
            continue
        for column in range(sheet.row_len(row)):
            if column in sheet.colinfo_map and sheet.colinfo_map[column].hidden:
                continue
            if text := one_line(_shown(book, sheet, row, column)):
                cells.setdefault(row, {})[column] = text
    return cells


def _shown(book: "Book", sheet: "Sheet", row: int, column: int) -> str:
    value, kind = sheet.cell_value(row, column), sheet.cell_type(row, column)
    if kind in (XL_CELL_NUMBER, XL_CELL_DATE):
        style = book.xf_list[sheet.cell_xf_index(row, column)]
        code = (
            book.format_map[style.format_key].format_str if style.format_key in book.format_map else "General"
        )
        return shown_number(float(value), code, from_1904=bool(book.datemode))
    if kind == XL_CELL_BOOLEAN:
        return "TRUE" if value else "FALSE"
    if kind == XL_CELL_ERROR:
        return str(xlrd.error_text_from_code.get(value, "#N/A"))
    return str(value) if kind == XL_CELL_TEXT else ""


def _add_tables(builder: TextBuilder, sheet: "Sheet", cells: dict[int, dict[int, str]]) -> None:
    covered: set[Place] = set()
    for first, last, left, right in sheet.merged_cells:
        text = cells.get(first, {}).get(left)
        for row in range(first, last):
            for column in range(left, right):
                if text and (row, column) != (first, left) and len(covered) < MOST_REPEATED:
                    cells.setdefault(row, {})[column] = text
                    covered.add((row, column))
    above: Columns | None = None
    for grid in regions(SheetCells(cells, covered)):
        parts = list(parts_of(grid, above))
        above = next((part for part in reversed(parts) if isinstance(part, Columns)), above)
        add_parts(builder, parts, "described")
