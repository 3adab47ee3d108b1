"""What `ragchat verify` finds in the conversation database: every row against its checksum. Reads only."""

import asyncio
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, Table, and_, make_url, select, tuple_
from sqlalchemy.exc import DBAPIError

from ragchat.conversations.database.migrating import up_to_date
from ragchat.conversations.database.opening import engine_at
from ragchat.conversations.database.seals import DamagedRow, intact
from ragchat.conversations.database.tables import conversations, journal, messages

WAL = 2
"""The newest format of a SQLite file, in byte 18 of its header (sqlite.org/fileformat2.html)."""
AT_ONCE = 200
"""Rows that are read at once."""


@dataclass(frozen=True, slots=True)
class Damage:
    """`thing` is not what was stored."""

    thing: str
    detail: str


async def damages(url: str) -> list[Damage]:
    """All that is damaged, in the database at a SQLAlchemy URL; nothing where there is no database yet.

    Rows of a database that an earlier ragchat made have no checksums: only the file is looked at. UsageError for a URL
    that names no database.
    """
    found: list[Damage] = []
    engine = engine_at(url)
    file = make_url(url).database if engine.url.get_backend_name() == "sqlite" else None
    if file is not None:
        if not await asyncio.to_thread(Path(file).exists):
            return found
        found += await asyncio.to_thread(_format, Path(file))
    try:
        async with engine.connect() as connection, connection.begin():
            await connection.run_sync(_check, found)
    except (DBAPIError, sqlite3.Error, OSError) as refused:
        found.append(
            Damage("conversation database", f"cannot be read: {getattr(refused, 'orig', None) or refused}")
        )
    finally:
        await engine.dispose()
    return found


def _format(file: Path) -> list[Damage]:
    """What SQLite itself does not mind: it only reads a file whose header names a format of a later SQLite."""
    with file.open("rb") as opened:
        header = opened.read(20)
    later = len(header) == 20 and header.startswith(b"SQLite format 3\0") and header[18] > WAL
    return [Damage("conversation database", "its header lets nobody write it")] if later else []


def _check(connection: Connection, found: list[Damage]) -> None:
    if connection.dialect.name == "sqlite":
        for (line,) in connection.exec_driver_sql("PRAGMA integrity_check"):
            if line != "ok":
                found.append(Damage("conversation database", line))
        for table, row, parent, _ in connection.exec_driver_sql("PRAGMA foreign_key_check"):
            found.append(Damage(f"{table} row {row}", f"refers to a row of {parent} that is not there"))
    if up_to_date(connection):
        for table in (conversations, messages, journal):
            found.extend(_damaged_rows(connection, table))


def _damaged_rows(connection: Connection, table: Table) -> Iterator[Damage]:
    places = connection.execute(select(*table.primary_key.columns)).all()
    for start in range(0, len(places), AT_ONCE):
        these = places[start : start + AT_ONCE]
        try:
            rows = _rows(connection, table, these)
        except (ValueError, DBAPIError):  # one of them holds no text, moment or JSON where one should be
            for place in these:
                yield from _unreadable(connection, table, place)
            continue
        yield from filter(None, (_of(table, row) for row in rows))


def _rows(connection: Connection, table: Table, places: Sequence[Row[Any]]) -> Sequence[Any]:
    keys = tuple(table.primary_key.columns)
    which = tuple_(*keys).in_([tuple(place) for place in places])
    return connection.execute(select(table).where(which)).mappings().all()


def _unreadable(connection: Connection, table: Table, place: Row[Any]) -> Iterator[Damage]:
    which = and_(*(key == value for key, value in zip(table.primary_key.columns, place, strict=True)))
    try:
        row = connection.execute(select(table).where(which)).mappings().one_or_none()
    except (ValueError, DBAPIError) as refused:
        name = ", ".join(str(part) for part in place)
        yield Damage(f"{table.name} row {name}", str(getattr(refused, "orig", None) or refused))
        return
    damage = _of(table, row) if row is not None else None
    if damage is not None:
        yield damage


def _of(table: Table, row: Any) -> Damage | None:
    try:
        intact(table, row)
    except DamagedRow as damaged:
        return Damage(damaged.thing, damaged.detail)
    return None
