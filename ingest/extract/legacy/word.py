"""The text of a Word 97 document, by its piece table ([MS-DOC] 2.4.1 "Retrieving Text", 2.9.38 "Clx").

Paragraphs, cells of tables as rows, footnotes; how anything looks, and so what is a heading or was deleted, stands in
other tables that are not read here.
"""

import re
import struct
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from ingest.extract.assembly.building import TextBuilder
from ingest.extract.legacy.container import Container
from ingest.extract.package import damaged
from ingest.extract.tables.grid import Grid
from ingest.extract.tables.parts import parts_of
from ingest.extract.tables.writing import add_parts
from ragchat.errors import DocumentFailed

_COUNTS: Final = 0x4C
"""Place of ccpText, ccpFtn in the FIB: characters of the main text, of the footnotes."""
_CLX: Final = 0x1A2
_ENCRYPTED: Final = 0x0100
_TABLE_1: Final = 0x0200
_COMPRESSED: Final = 0x40000000
MOST_FIELDS: Final = 20
"""Fields inside one another that are looked at."""
_FIELD: Final = re.compile("([\x13\x14\x15])")
"""A field begins, its result begins, it ends."""
_DROPPED: Final[dict[int, str | None]] = {
    **dict.fromkeys(map(ord, "\x01\x02\x03\x04\x05\x06\x08\x1f")),
    0x1E: "-",
    0x0B: "\n",
    0x0C: "\r",
}


def add_text(builder: TextBuilder, container: Container) -> None:
    """Append the main text and its footnotes. DocumentFailed damaged, encrypted."""
    text, main, notes = _text(container)
    rows: list[list[str]] = []
    for paragraph in _without_fields(text[:main]).translate(_DROPPED).split("\r"):
        if "\x07" in paragraph:
            *table, paragraph = paragraph.split("\x07\x07")
            rows += [row.split("\x07") for row in table]
            cells = paragraph.split("\x07")
            if len(cells) > 1:
                rows.append(cells[:-1])
                paragraph = cells[-1]
        if paragraph.strip():
            _add_table(builder, rows)
            builder.block(paragraph)
    _add_table(builder, rows)
    for note in _without_fields(text[main : main + notes]).translate(_DROPPED).split("\r"):
        builder.block(note.strip(), "footnote")


def _add_table(builder: TextBuilder, rows: list[list[str]]) -> None:
    if rows:
        add_parts(
            builder, parts_of(Grid.of([[" ".join(cell.split()) for cell in row] for row in rows])), "cells"
        )
        rows.clear()


def _without_fields(text: str) -> str:
    """Instructions of fields go, their results stay."""
    kept: list[str] = []
    instructions: list[bool] = []
    for part in _FIELD.split(text):
        match part:
            case "\x13":
                instructions.append(True)
            case "\x14" if instructions:
                instructions[-1] = False
            case "\x15" if instructions:
                instructions.pop()
            case _ if not any(instructions[-MOST_FIELDS:]):
                kept.append(part)
    return "".join(kept)


def _text(container: Container) -> tuple[str, int, int]:
    """All characters, and how many of them are main text and footnotes."""
    document = container.stream("WordDocument")
    try:
        (flags,) = struct.unpack_from("<H", document, 0x0A)
        if flags & _ENCRYPTED:
            raise DocumentFailed(
                "is encrypted.", hint="Save it without a password and ingest it again.", code="encrypted"
            )
        main, notes = struct.unpack_from("<II", document, _COUNTS)
        start, size = struct.unpack_from("<II", document, _CLX)
        table = container.stream("1Table" if flags & _TABLE_1 else "0Table")
        return "".join(_pieces(table[start : start + size], document)), main, notes
    except struct.error as error:
        raise damaged("its text cannot be found") from error


def _pieces(clx: bytes, document: bytes) -> Iterator[str]:
    place = 0
    while clx[place : place + 1] == b"\x01":  # properties before the piece table
        place += 3 + struct.unpack_from("<H", clx, place + 1)[0]
    (size,) = struct.unpack_from("<I", clx, place + 1)
    table = clx[place + 5 : place + 5 + size]
    count = (len(table) - 4) // 12
    bounds = struct.unpack_from(f"<{count + 1}I", table)
    for number, (first, last) in enumerate(pairwise(bounds)):
        (where,) = struct.unpack_from("<I", table, 4 * (count + 1) + 8 * number + 2)
        length = max(0, last - first)
        if where & _COMPRESSED:
            begin = (where & ~_COMPRESSED) // 2
            yield document[begin : begin + length].decode("cp1252", "replace")
        else:
            yield document[where : where + 2 * length].decode("utf-16-le", "replace")
