"""The value of a cell that stores no text for it, as sheets write values."""

import re
from typing import TYPE_CHECKING, Final

from ingest.extract.clean import one_line
from ingest.extract.odf.names import OFFICE

if TYPE_CHECKING:
    from lxml.etree import _Element as Element  # type: ignore[import-untyped]

_DURATION: Final = re.compile(r"(-?)P(?:(\d{1,6})D)?T(?:(\d{1,6})H)?(?:(\d{1,4})M)?(?:(\d{1,4})(?:\.\d+)?S)?")


def shown_value(cell: "Element") -> str:
    """The value of a cell by its type, "" for none."""
    match cell.get(OFFICE + "value-type"):
        case "float":
            return _number(cell.get(OFFICE + "value"))
        case "percentage":
            return _percentage(cell.get(OFFICE + "value"))
        case "currency":
            return f"{_number(cell.get(OFFICE + 'value'))} {cell.get(OFFICE + 'currency') or ''}".strip()
        case "date":
            told = one_line(cell.get(OFFICE + "date-value") or "")
            return told.removesuffix("T00:00:00").replace("T", " ")
        case "time":
            return _time(one_line(cell.get(OFFICE + "time-value") or ""))
        case "boolean":
            return (cell.get(OFFICE + "boolean-value") or "").upper()
        case "string":
            return one_line(cell.get(OFFICE + "string-value") or "")
        case _:
            return ""


def _number(value: str | None) -> str:
    return one_line(value or "").removesuffix(".0")


def _percentage(value: str | None) -> str:
    try:
        return f"{float(value or '') * 100:.10g}%"
    except ValueError:
        return _number(value)


def _time(duration: str) -> str:
    """ "PT08H30M00S" as 08:30:00."""
    match = _DURATION.fullmatch(duration)
    if match is None:
        return duration
    days, hours, minutes, seconds = (int(number or 0) for number in match.groups()[1:])
    return f"{match[1]}{days * 24 + hours:02d}:{minutes:02d}:{seconds:02d}"
