"""White cells upon paper: what nobody sees of a sheet is not served, and the report tells of it."""

from collections.abc import Sequence

from ingest.extract.tables.grid import Place
from ingest.extract.tables.regions import Area
from ingest.extract.unseen import left_out, speaks_to_a_model
from ingest.extract.xlsx.sheet import Sheet


def leave_out_white(sheet: Sheet, own: Sequence[Area]) -> None:
    """Takes white cells out. Where a table or a condition may colour them (`own`: the areas that the sheet calls
    tables), only those that speak to a model."""
    painted = [*own, *sheet.coloured]
    for place in sheet.faint:
        row, column = place
        text = sheet.cells.get(row, {}).get(column)
        if text and (speaks_to_a_model(text) or not any(_holds(area, place) for area in painted)):
            left_out(text, "white text")
            _take_out(sheet, place)


def _take_out(sheet: Sheet, place: Place) -> None:
    """A cell, also where it is merged over others."""
    area = next((area for area in sheet.merged if area[:2] == place), (*place, *place))
    for row in [row for row in sheet.cells if area[0] <= row <= area[2]]:
        sheet.cells[row] = {
            column: text for column, text in sheet.cells[row].items() if not area[1] <= column <= area[3]
        }


def _holds(area: Area, place: Place) -> bool:
    return area[0] <= place[0] <= area[2] and area[1] <= place[1] <= area[3]
