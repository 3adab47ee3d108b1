"""The cells of one sheet as a reader sees them: shown values by row and column, hidden rows and columns left out.

Only cells that the file holds are looked at, in one pass over the XML: a stray cell in the last corner costs nothing,
and what the sheet says about its own size does not count. Rows that a filter or a closed group hides are read: they
are one click away.
"""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from lxml import etree  # type: ignore[import-untyped]

from ingest.extract.assembly.inline import link, struck
from ingest.extract.clean import one_line
from ingest.extract.ooxml.formats import shown_number, shown_text
from ingest.extract.ooxml.names import R, S
from ingest.extract.package import damaged
from ingest.extract.tables.grid import Place
from ingest.extract.tables.regions import Area
from ingest.extract.xlsx.workbook import Workbook, rich_text

if TYPE_CHECKING:
    from lxml.etree import _Element as Element  # type: ignore[import-untyped]

MAX_COLUMNS: Final = 16_384
MAX_ROWS: Final = 1_048_576
MOST_REPEATED: Final = 20_000
"""Places that merged cells of a sheet fill at most."""
LONGEST_REPEATED: Final = 200
_ADDRESS: Final = re.compile(r'\s*HYPERLINK\(\s*"((?:https?|ftp|mailto):[^"]+)"', re.IGNORECASE)
NOT_CALCULATED: Final = "(not calculated)"
_REFERENCE: Final = re.compile(r"\$?([A-Za-z]{1,3})\$?(\d{1,7})")
_TAGS: Final = (
    "row",
    "cols",
    "mergeCell",
    "hyperlink",
    "sheetFormatPr",
    "autoFilter",
    "c",
    "sheetPr",
    "conditionalFormatting",
    "picture",
)
_ON: Final = ("1", "true")


@dataclass(slots=True)
class Sheet:
    """Shown texts by row and column, and what the sheet says about them."""

    cells: dict[int, dict[int, str]] = field(default_factory=dict)
    strong: set[Place] = field(default_factory=set)
    merged: list[Area] = field(default_factory=list)
    links: list[tuple[Area, str]] = field(default_factory=list)
    """Areas with the id of their address."""
    hidden_columns: set[int] = field(default_factory=set)
    hidden_rows: set[int] = field(default_factory=set)
    covered: set[Place] = field(default_factory=set)
    uncalculated: int = 0
    faint: set[Place] = field(default_factory=set)
    """Cells that are white upon no colour of their own."""
    coloured: list[Area] = field(default_factory=list)
    """Areas that conditions may colour."""


def read_sheet(workbook: Workbook, part: str) -> Sheet:
    """DocumentFailed damaged where the sheet's part cannot be read."""
    sheet = Sheet()
    reader = _Reader(workbook, sheet)
    content = workbook.package.read(part)
    try:
        events = etree.iterparse(
            io.BytesIO(content),
            events=("end",),
            tag=[S + tag for tag in _TAGS],
            resolve_entities=False,
            no_network=True,
        )
        for _, element in events:
            reader.take(element)
    except etree.XMLSyntaxError as error:
        if not sheet.cells:
            raise damaged("parts of the workbook are missing or broken") from error
    _hide(sheet)
    _merge(sheet)
    return sheet


def area_of(reference: str | None) -> Area | None:
    """ "B2:C9" or "B2" as numbers from 0; None for anything else."""
    first, _, last = (reference or "").partition(":")
    begin, end = _REFERENCE.fullmatch(first), _REFERENCE.fullmatch(last or first)
    if begin is None or end is None:
        return None
    return int(begin[2]) - 1, _column(begin[1]), int(end[2]) - 1, _column(end[1])


def _column(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number - 1


class _Reader:
    """Takes the elements of a sheet in their order; cells come before their row ends."""

    def __init__(self, workbook: Workbook, sheet: Sheet) -> None:
        self._workbook = workbook
        self._sheet = sheet
        self._row: dict[int, str] = {}
        self._strong: list[int] = []
        self._faint: list[int] = []
        self._number = -1
        self._rows_hide = False

    def take(self, element: "Element") -> None:
        match element.tag.rpartition("}")[2]:
            case "c":
                self._cell(element)
            case "row":
                self._end_row(element)
            case "cols":
                self._columns(element)
                element.clear()
            case "mergeCell":
                if area := area_of(element.get("ref")):
                    self._sheet.merged.append(area)
            case "hyperlink":
                area, target = area_of(element.get("ref")), element.get(R + "id")
                if area and target:
                    self._sheet.links.append((area, target))
            case "conditionalFormatting":
                areas = map(area_of, (element.get("sqref") or "").split())
                self._sheet.coloured += [area for area in areas if area is not None]
            case "picture":
                self._sheet.coloured.append((0, 0, MAX_ROWS, MAX_COLUMNS))
            case "sheetFormatPr":
                self._rows_hide = element.get("zeroHeight") in _ON
            case "autoFilter":
                self._filter(element)
            case _:
                pass

    def _cell(self, cell: "Element") -> None:
        area = area_of(cell.get("r"))
        column = area[1] if area else (max(self._row, default=-1) + 1)
        style = self._workbook.style(cell.get("s"))
        text = self._text(cell, style.code)
        if text and (address := _ADDRESS.match(cell.findtext(S + "f") or "")):
            text = link(text, address[1])
        if style.struck and text:
            text = struck(text)
        if text and column < MAX_COLUMNS:
            self._row[column] = text
            if style.strong:
                self._strong.append(column)
            if style.faint:
                self._faint.append(column)

    def _text(self, cell: "Element", code: str) -> str:
        kind, value = cell.get("t", "n"), cell.findtext(S + "v")
        if kind == "inlineStr":
            inline = cell.find(S + "is")
            return one_line(shown_text(rich_text(inline), code)) if inline is not None else ""
        formula = cell.find(S + "f")
        if value is None or (value == "" and kind != "str"):
            return self._missing(formula)
        match kind:
            case "s":
                texts = self._workbook.texts
                return (
                    one_line(shown_text(texts[int(value)], code))
                    if value.isdecimal() and int(value) < len(texts)
                    else ""
                )
            case "b":
                return "TRUE" if value in _ON else "FALSE"
            case "n":
                return _shown(value, code, self._workbook.from_1904)
            case "d":
                return one_line(value).removesuffix("T00:00:00").replace("T", " ")
            case _:
                return one_line(shown_text(value, code))

    def _missing(self, formula: "Element | None") -> str:
        """A formula whose result the file does not hold."""
        if formula is None:
            return ""
        self._sheet.uncalculated += 1
        return f"={one_line(formula.text or '')} {NOT_CALCULATED}" if formula.text else NOT_CALCULATED

    def _end_row(self, row: "Element") -> None:
        told = row.get("r") or ""
        self._number = int(told) - 1 if told.isdecimal() else self._number + 1
        closed = row.get("outlineLevel", "0") != "0"
        hides = row.get("hidden") in _ON and not closed
        flat = row.get("customHeight") in _ON and row.get("ht") in ("0", "0.0")
        unset = self._rows_hide and row.get("hidden") is None and row.get("ht") is None
        if hides or flat or unset:
            self._sheet.hidden_rows.add(self._number)
        if self._row and 0 <= self._number < MAX_ROWS:
            self._sheet.cells[self._number] = self._row
            self._sheet.strong.update((self._number, column) for column in self._strong)
            self._sheet.faint.update((self._number, column) for column in self._faint)
        self._row, self._strong, self._faint = {}, [], []
        row.clear()
        while row.getprevious() is not None:
            del row.getparent()[0]

    def _columns(self, columns: "Element") -> None:
        for column in columns:
            first, last = column.get("min") or "", column.get("max") or ""
            hidden = column.get("hidden") in _ON and column.get("outlineLevel", "0") == "0"
            flat = column.get("customWidth") in _ON and column.get("width") in ("0", "0.0")
            if (hidden or flat) and first.isdecimal() and last.isdecimal():
                self._sheet.hidden_columns.update(range(int(first) - 1, min(int(last), MAX_COLUMNS)))

    def _filter(self, element: "Element") -> None:
        """Rows that a filter hides at the moment are shown again."""
        area = area_of(element.get("ref"))
        if area and element.find(f"{S}filterColumn") is not None:
            self._sheet.hidden_rows -= set(range(area[0], area[2] + 1))


def _shown(value: str, code: str, from_1904: bool) -> str:
    try:
        number = float(value)
    except ValueError:
        return one_line(value)
    if code == "General" and value.lstrip("-").isdecimal():
        return value
    return one_line(shown_number(number, code, from_1904=from_1904))


def _hide(sheet: Sheet) -> None:
    for row in sheet.hidden_rows & sheet.cells.keys():
        del sheet.cells[row]
    if sheet.hidden_columns:
        for row, held in sheet.cells.items():
            sheet.cells[row] = {c: text for c, text in held.items() if c not in sheet.hidden_columns}


def _merge(sheet: Sheet) -> None:
    """A merged cell says its text in each place that it covers and that is shown."""
    left = MOST_REPEATED
    for first_row, first_column, last_row, last_column in sheet.merged:
        text = sheet.cells.get(first_row, {}).get(first_column, "")
        if not text or (len(text) > LONGEST_REPEATED and last_row > first_row):
            continue
        for row, column in _places(sheet, first_row, first_column, last_row, last_column):
            left -= 1
            if left < 0:
                return
            sheet.cells.setdefault(row, {})[column] = text
            sheet.covered.add((row, column))
            if (first_row, first_column) in sheet.strong:
                sheet.strong.add((row, column))


def _places(
    sheet: Sheet, first_row: int, first_column: int, last_row: int, last_column: int
) -> Iterator[Place]:
    for row in range(first_row, min(last_row, first_row + MOST_REPEATED) + 1):
        if row in sheet.hidden_rows:
            continue
        for column in range(first_column, min(last_column, first_column + 500) + 1):
            if column not in sheet.hidden_columns and (row, column) != (first_row, first_column):
                yield row, column
