"""A checksum for each row that somebody is told of: a bit that changed on the disk is named, never served.

It is a CRC-32 over the row's values in a form that SQLite and PostgreSQL give back alike. Whoever changes a row reads
it first, in the same transaction: a row that is damaged already is refused then, and never sealed as it stands.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zlib import crc32

from sqlalchemy import Table

from ragchat.errors import StorageFailed

Row = Mapping[Any, Any]
"""Column name to value."""


class DamagedRow(StorageFailed):
    """A row is not what was stored. The database works: other conversations are read and written as ever."""

    def __init__(self, thing: str, detail: str = "it is not what was stored") -> None:
        self.thing, self.detail = thing, detail
        super().__init__(
            f"{thing} is damaged: {detail}.",
            hint="`ragchat verify` names all that is damaged. Restore the database from a backup, or delete the"
            " conversation.",
            code="conversations_damaged",
        )


def checksum(table: Table, row: Row) -> int:
    """Of every column but the checksum itself."""
    values = {column.name: _plain(row[column.name]) for column in table.columns if column.name != "crc"}
    return crc32(json.dumps(values, sort_keys=True, separators=(",", ":")).encode())


def sealed(table: Table, row: Row) -> dict[str, Any]:
    """A row to be inserted, whole: columns that it leaves out get their default."""
    whole = {column.name: _default(column) for column in table.columns if column.name != "crc"} | dict(row)
    return {**whole, "crc": checksum(table, whole)}


def changed(table: Table, row: Row, columns: Row) -> dict[str, Any]:
    """What to write so that `row`, as it was read, gets these columns. DamagedRow."""
    intact(table, row)
    return {**columns, "crc": checksum(table, {**row, **columns})}


def intact(table: Table, row: Row) -> None:
    """DamagedRow when it is not what was stored."""
    if checksum(table, row) != row["crc"]:
        raise DamagedRow(named(table, row))


def named(table: Table, row: Row) -> str:
    """How people are told of a row."""
    if "seq" in table.columns:
        return f"The journal of answer {row['message_id']!r}"
    return f"Conversation {row['name']!r}" if "name" in table.columns else f"Message {row['id']!r}"


def _default(column: Any) -> Any:
    given = column.default if column.default is not None else column.server_default
    return given.arg if given is not None else None


def _plain(value: Any) -> Any:
    """Numbers and moments as one form: PostgreSQL's JSONB gives 1e16 back as an integer."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
