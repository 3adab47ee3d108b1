"""A workbook as a document: sheets under headings, tables as rows, what lies upon the cells, what was left out."""

from typing import Final

from ingest.extract.assembly.building import TextBuilder
from ingest.extract.assembly.titles import file_title
from ingest.extract.extracted import Extracted
from ingest.extract.ooxml.facts import facts_of
from ingest.extract.tables.parts import Columns, parts_of
from ingest.extract.tables.regions import Area, SheetCells, regions
from ingest.extract.tables.writing import add_parts
from ingest.extract.xlsx.annotations import annotate, boxes
from ingest.extract.xlsx.sheet import Sheet, area_of, read_sheet
from ingest.extract.xlsx.unseen import leave_out_white
from ingest.extract.xlsx.workbook import Workbook, open_workbook

MEDIA_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def extract(data: bytes, name: str) -> Extracted:
    """Title: the core property; see `file_title`."""
    workbook = open_workbook(data)
    builder = TextBuilder()
    uncalculated = 0
    for sheet in workbook.sheets:
        if sheet.shown:
            uncalculated += _add_sheet(builder, workbook, sheet.title, sheet.part)
    facts = facts_of(workbook.package)
    return Extracted(
        builder.text,
        file_title(str(facts.pop("title", "")), name),
        MEDIA_TYPE,
        headings=tuple(builder.headings),
        metadata=facts,
        reason="" if builder.length else "no cell holds anything",
        notes=_notes(workbook, uncalculated),
        blocks=builder.blocks,
    )


def _add_sheet(builder: TextBuilder, workbook: Workbook, title: str, part: str) -> int:
    """Appends a sheet that holds anything; how many formulas have no stored result."""
    sheet, own = read_sheet(workbook, part), _own_tables(workbook, part)
    leave_out_white(sheet, own)
    annotate(workbook.package, part, sheet)
    texts = boxes(workbook.package, part)
    if any(sheet.cells.values()) or texts:
        builder.heading(1, title)
        _add_tables(builder, sheet, own)
        for text in texts:
            builder.block(text)
    return sheet.uncalculated


def _add_tables(builder: TextBuilder, sheet: Sheet, own: list[Area]) -> None:
    above: Columns | None = None
    cells = SheetCells(sheet.cells, sheet.covered, sheet.strong, own, sheet.hidden_rows, sheet.hidden_columns)
    for grid in regions(cells):
        parts = list(parts_of(grid, above))
        above = next((part for part in reversed(parts) if isinstance(part, Columns)), above)
        add_parts(builder, parts, "described")


def _own_tables(workbook: Workbook, part: str) -> list[Area]:
    """The areas that the sheet itself calls tables."""
    areas = (area_of(root.get("ref")) for root in workbook.package.roots(part, "table"))
    return [area for area in areas if area is not None]


def _notes(workbook: Workbook, uncalculated: int) -> tuple[str, ...]:
    hidden = sum(not sheet.shown for sheet in workbook.sheets)
    notes = [f"{hidden} hidden sheet{'s' * (hidden > 1)} left out"] if hidden else []
    if uncalculated:
        notes.append(f"{uncalculated} formulas have no stored result: open the file in Excel and save it")
    return tuple(notes)
