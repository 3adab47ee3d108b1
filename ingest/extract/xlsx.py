"""XLSX: each visible sheet under a heading, rows as "Header: value; ..." lines like CSV; stored results of formulas."""

import io
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Final

from ingest.extract.building import TextBuilder
from ingest.extract.clean import one_line
from ingest.extract.extracted import Extracted
from ingest.extract.package import check_package, damaged
from ingest.extract.table import add_described, described
from ingest.extract.titles import file_title
from ragchat.documents import Scalar

if TYPE_CHECKING:
    from openpyxl import Workbook  # type: ignore[import-untyped]

MEDIA_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MAX_COLUMNS: Final = 500


def extract(data: bytes, name: str) -> Extracted:
    """Title: the core property; see `file_title`."""
    check_package(data)
    workbook = _open(data)
    builder = TextBuilder()
    for sheet in workbook.worksheets:
        if sheet.sheet_state != "visible":
            continue
        rows = [row for row in _rows(sheet) if any(row)]
        if rows:
            builder.heading(1, sheet.title)
            add_described(builder, described(rows))
    facts = _facts(workbook)
    title = file_title(str(facts.pop("title", "")), name)
    reason = "" if builder.length else "no cell holds anything"
    return Extracted(
        builder.text,
        title,
        MEDIA_TYPE,
        headings=tuple(builder.headings),
        metadata=facts,
        reason=reason,
        blocks=builder.blocks,
    )


def _open(data: bytes) -> "Workbook":
    import zipfile
    import zlib

    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException  # type: ignore[import-untyped]

    try:
        return load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    except (
        InvalidFileException,
        KeyError,
        ValueError,
        TypeError,
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
    ) as error:
        raise damaged("parts of the workbook are missing or broken") from error


def _rows(sheet: "object") -> Iterator[list[str]]:
    for row in sheet.iter_rows(max_col=min(sheet.max_column or MAX_COLUMNS, MAX_COLUMNS)):  # type: ignore[attr-defined]
        yield [_shown(cell.value, getattr(cell, "number_format", "")) for cell in row]


def _shown(value: object, number_format: str) -> str:
    """A value as a reader sees it, near enough: dates as ISO, percents with their sign, no float noise."""
    match value:
        case None:
            return ""
        case bool():
            return "TRUE" if value else "FALSE"
        case datetime():
            midnight = value.time() == time()
            return value.date().isoformat() if midnight else value.isoformat(" ", "minutes")
        case date():
            return value.isoformat()
        case time():
            return value.isoformat("minutes")
        case int() | float() if "%" in str(number_format):
            return f"{value * 100:.10g}%"
        case float():
            return f"{value:.15g}"
        case _:
            return one_line(str(value))


def _facts(workbook: "Workbook") -> dict[str, Scalar]:
    core = workbook.properties
    texts = {
        "title": core.title,
        "author": core.creator,
        "description": core.subject,
        "keywords": core.keywords,
    }
    facts: dict[str, Scalar] = {
        name: one_line(text) for name, text in texts.items() if text and one_line(text)
    }
    if facts.get("author") == "openpyxl":
        del facts["author"]
    if core.created is not None:
        facts["created"] = core.created.date().isoformat()
    return facts
