"""Opening the conversation database: what SQLite and PostgreSQL have to be told. No query is written here.

SQLite takes one writer at a time: a transaction that will write says so when it begins (BEGIN IMMEDIATE), which waits
for its turn instead of failing half-way. In WAL mode every commit survives a kill of the process; a durable engine's
(synchronous=FULL; PostgreSQL's synchronous_commit) also survives a power cut, the other's with the next durable one.
"""

import asyncio
import sqlite3
from pathlib import Path

from sqlalchemy import Connection, Engine, StaticPool, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, InvalidRequestError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from ragchat.conversations.database.migrating import bring_up_to_date, up_to_date
from ragchat.errors import UsageError

WRITES = "ragchat_writes"
"""Execution option of a connection whose next transaction will write."""
LOCK_SECONDS = 1.0
"""How long a transaction waits for its turn; nobody's answer waits longer for a database that others hold."""
POOL_SECONDS = 5.0
"""How long a transaction waits for one of the connections to PostgreSQL."""
STATEMENT_SECONDS = 15
"""How long PostgreSQL may work on one statement."""
_DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
}
"""What a URL that names no driver means: one that does not block the event loop."""


def engine_at(url: str, *, durable: bool = True) -> AsyncEngine:
    """An engine at a SQLAlchemy URL; nothing is opened yet. UsageError for a URL that none can be made for."""
    try:
        target = make_url(url)
        target = target.set(drivername=_DRIVERS.get(target.drivername, target.drivername))
        if target.get_backend_name() == "sqlite":
            engine = create_async_engine(target, connect_args={"timeout": LOCK_SECONDS})
            _speak_sqlite(engine.sync_engine, durable)
            return engine
        return create_async_engine(
            target,
            pool_pre_ping=True,
            pool_timeout=POOL_SECONDS,
            connect_args=_postgres(target, durable),
        )
    except (ArgumentError, InvalidRequestError, ImportError, ValueError) as refused:
        driver = url.partition(":")[0]  # the rest may hold a password
        missing = isinstance(refused, ImportError)
        reason = "psycopg is not installed" if missing else "no such asynchronous database"
        raise UsageError(
            f"RAGCHAT_DATABASE_URL ({driver}:…) cannot be used: {reason}.",
            hint="Write sqlite:////path/to/conversations.sqlite, or postgresql://user:password@host/name with "
            "the extra installed: pip install 'ragchat[postgres]'.",
            code="bad_database_url",
        ) from None


def thread_engine_at(url: str, *, durable: bool) -> Engine:
    """An engine with one connection to a SQLite file that is open already, for a thread of its own."""
    target = make_url(url).set(drivername="sqlite+pysqlite")
    arguments = {"timeout": LOCK_SECONDS, "check_same_thread": False}
    engine = create_engine(target, connect_args=arguments, poolclass=StaticPool)
    _speak_sqlite(engine, durable)
    return engine


async def opened(url: str, *, durable: bool = True) -> AsyncEngine:
    """An engine whose tables exist and are today's, at a SQLAlchemy URL; the directory of a SQLite file is made."""
    engine = engine_at(url, durable=durable)
    file = engine.url.database
    sqlite = engine.url.get_backend_name() == "sqlite"
    if sqlite and file and file != ":memory:":
        await asyncio.to_thread(Path(file).parent.mkdir, parents=True, exist_ok=True)
    try:
        if sqlite:
            await _keep_wal(engine)
        async with engine.connect() as connection:
            current = await connection.run_sync(up_to_date)
        if not current:
            async with engine.connect() as connection:
                await connection.execution_options(**{WRITES: True})
                async with connection.begin():
                    await connection.run_sync(bring_up_to_date)
    except BaseException:
        await engine.dispose()
        raise
    return engine


def _postgres(target: URL, durable: bool) -> dict[str, object]:
    """psycopg's arguments: waits are bounded, and a URL's own options stay."""
    if target.get_driver_name() != "psycopg":
        return {}
    options = [str(target.query.get("options", ""))]
    options += [f"-c lock_timeout={int(LOCK_SECONDS * 1000)}", f"-c statement_timeout={STATEMENT_SECONDS}s"]
    if not durable:
        options.append("-c synchronous_commit=off")
    return {"connect_timeout": 2, "options": " ".join(filter(None, options))}


async def _keep_wal(engine: AsyncEngine) -> None:
    """Put the file into WAL mode, for good. Two that do so at once are refused without any waiting: try again."""
    async with engine.connect() as connection:
        driver = (await connection.get_raw_connection()).driver_connection
        for waited in range(int(LOCK_SECONDS * 20), -1, -1):
            try:
                await (await driver.execute("PRAGMA journal_mode=WAL")).close()  # type: ignore[union-attr]
                return
            except sqlite3.OperationalError as refused:
                if not waited or refused.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                    raise
                await asyncio.sleep(0.05)


def _speak_sqlite(engine: Engine, durable: bool) -> None:
    """Pragmas for every connection, and explicit BEGINs (the driver's own come too late to be IMMEDIATE)."""
    pragmas = (f"synchronous={'FULL' if durable else 'NORMAL'}", "foreign_keys=ON", "secure_delete=ON")

    @event.listens_for(engine, "connect")
    def connected(dbapi_connection: object, _record: object) -> None:
        dbapi_connection.isolation_level = None  # type: ignore[attr-defined]
        cursor = dbapi_connection.cursor()  # type: ignore[attr-defined]
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        writes = connection.get_execution_options().get(WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
