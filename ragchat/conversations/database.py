"""Opening the conversation database: its tables, and what SQLite has to be told. No query is written here.

SQLite takes one writer at a time: a transaction that will write says so when it begins (BEGIN IMMEDIATE), which waits
for its turn instead of failing half-way. WAL and synchronous=FULL: a commit that returned is on the disk.
"""

import asyncio
import sqlite3
from pathlib import Path

from sqlalchemy import Connection, event, make_url
from sqlalchemy.exc import ArgumentError, InvalidRequestError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from ragchat.conversations.tables import metadata
from ragchat.errors import UsageError

WRITES = "ragchat_writes"
"""Execution option of a connection whose next transaction will write."""
LOCK_SECONDS = 30
"""How long a transaction waits for its turn."""
_DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
}
"""What a URL that names no driver means: one that does not block the event loop."""


def engine_at(url: str) -> AsyncEngine:
    """An engine at a SQLAlchemy URL; nothing is opened yet. UsageError for a URL that none can be made for."""
    try:
        target = make_url(url)
        target = target.set(drivername=_DRIVERS.get(target.drivername, target.drivername))
        sqlite = target.get_backend_name() == "sqlite"
        return create_async_engine(target, connect_args={"timeout": LOCK_SECONDS} if sqlite else {})
    except (ArgumentError, InvalidRequestError, ModuleNotFoundError, ValueError) as refused:
        driver = url.partition(":")[0]  # the rest may hold a password
        reason = str(refused) if isinstance(refused, ModuleNotFoundError) else "no such asynchronous database"
        raise UsageError(
            f"RAGCHAT_DATABASE_URL ({driver}:…) cannot be used: {reason}.",
            hint="Write sqlite:////path/to/conversations.sqlite, or postgresql://user:password@host/name with "
            "psycopg installed.",
            code="bad_database_url",
        ) from None


async def opened(url: str) -> AsyncEngine:
    """An engine whose tables exist, at a SQLAlchemy URL; the directory of a SQLite file is made."""
    engine = engine_at(url)
    file = engine.url.database
    sqlite = engine.url.get_backend_name() == "sqlite"
    if sqlite and file and file != ":memory:":
        await asyncio.to_thread(Path(file).parent.mkdir, parents=True, exist_ok=True)
    if sqlite:
        _speak_sqlite(engine)
    try:
        if sqlite:
            await _keep_wal(engine)
        async with engine.connect() as connection:
            await connection.execution_options(**{WRITES: True})
            async with connection.begin():
                await connection.run_sync(metadata.create_all)
    except BaseException:
        await engine.dispose()
        raise
    return engine


async def _keep_wal(engine: AsyncEngine) -> None:
    """Put the file into WAL mode, for good. Two that do so at once are refused without any waiting: try again."""
    async with engine.connect() as connection:
        driver = (await connection.get_raw_connection()).driver_connection
        for waited in range(LOCK_SECONDS * 20, -1, -1):
            try:
                await (await driver.execute("PRAGMA journal_mode=WAL")).close()  # type: ignore[union-attr]
                return
            except sqlite3.OperationalError as refused:
                if not waited or refused.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                    raise
                await asyncio.sleep(0.05)


def _speak_sqlite(engine: AsyncEngine) -> None:
    """Pragmas for every connection, and explicit BEGINs (the driver's own come too late to be IMMEDIATE)."""

    @event.listens_for(engine.sync_engine, "connect")
    def connected(dbapi_connection: object, _record: object) -> None:
        dbapi_connection.isolation_level = None  # type: ignore[attr-defined]
        cursor = dbapi_connection.cursor()  # type: ignore[attr-defined]
        for pragma in ("synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begun(connection: Connection) -> None:
        writes = connection.get_execution_options().get(WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
