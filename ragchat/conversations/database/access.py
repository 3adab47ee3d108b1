"""Reaching the conversation database: one transaction at a time, its refusals as StorageFailed, and whether it is well.

No query is written here. A SQLite file that refused is opened anew for the next call (PostgreSQL's connections are
looked at before they are used), so that service resumes by itself once its storage is back; the log tells when it went
away and when it came back, not every refusal.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, nullcontext
from time import monotonic
from typing import TypeVar

import structlog
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from ragchat.conversations.database.opening import WRITES, engine_at, opened, thread_engine_at
from ragchat.conversations.database.seals import DamagedRow
from ragchat.errors import StorageFailed

T = TypeVar("T")
QUIET_SECONDS = 60.0
"""Least time between two lines of the log about a database that comes and goes."""

log = structlog.get_logger("ragchat.conversations")


class Database:
    """A database at a SQLAlchemy URL, opened and created on first use.

    `durable` False: what is committed survives a kill, but a power cut only once something durable was committed after.
    """

    def __init__(self, url: str, *, durable: bool = True, beside: "Database | None" = None) -> None:
        engine = engine_at(url, durable=durable)  # a wrong setting stops the start, not every question
        self.sqlite = engine.url.get_backend_name() == "sqlite"
        self._url = url
        self._durable = durable
        self._engine: AsyncEngine | None = None
        self._thread_engine: Engine | None = None
        self._thread: ThreadPoolExecutor | None = None
        self._opening = asyncio.Lock()
        self._health: _Health = beside._health if beside else _Health()
        # SQLite's own waiting is a lottery: within a process writers take turns in the order in which they came.
        self._writing: asyncio.Lock = beside._writing if beside else asyncio.Lock()

    @property
    def available(self) -> bool:
        """False from a refusal until something has been written again."""
        return self._health.well

    async def at_once(self, work: Callable[[Connection], T]) -> T:
        """What `work` returns, in one writing transaction; raises as `transaction` does, and whatever `work` raises.

        For what answers wait for: in SQLite all of it is one visit to a thread, not one for each statement.
        """
        if not self.sqlite:
            async with self.transaction(writes=True) as connection:
                return await connection.run_sync(work)
        async with self._refusals(writes=True):
            await self._open()
            async with self._writing:
                self._thread = self._thread or ThreadPoolExecutor(1, thread_name_prefix="conversations")
                return await asyncio.get_running_loop().run_in_executor(self._thread, self._in_thread, work)
        raise AssertionError("unreachable")

    def _in_thread(self, work: Callable[[Connection], T]) -> T:
        if self._thread_engine is None:
            self._thread_engine = thread_engine_at(self._url, durable=self._durable)
        with self._thread_engine.connect() as connection:
            connection.execution_options(**{WRITES: True})
            with connection.begin():
                return work(connection)

    @asynccontextmanager
    async def transaction(self, *, writes: bool = False) -> AsyncIterator[AsyncConnection]:
        """One transaction, committed when the block is left.

        Raises StorageFailed, also for rows that make no sense; IntegrityError where another writer was faster.
        """
        async with self._refusals(writes=writes):
            engine = await self._open()
            async with (
                self._writing if writes and self.sqlite else nullcontext(),
                engine.connect() as connection,
            ):
                await connection.execution_options(**{WRITES: writes})
                async with connection.begin():
                    yield connection

    @asynccontextmanager
    async def _refusals(self, *, writes: bool) -> AsyncIterator[None]:
        try:
            yield
        except DamagedRow:
            raise  # the database works
        except StorageFailed as known:  # a database of a later ragchat
            self._health.refused(known.message)
            raise
        except (DBAPIError, sqlite3.Error, PoolExhausted, OSError, ValueError) as refused:
            if _senseless(refused):
                raise DamagedRow("A row of the conversation database", _reason(refused)) from refused
            if isinstance(refused, IntegrityError) and not self.sqlite:
                raise  # of two writers at the same moment one was too late; SQLite lets in one at a time
            reason = _reason(refused)
            self._health.refused(reason)
            if self.sqlite and not _busy(refused):
                await self.close()
            raise StorageFailed(
                f"The conversation database refused: {reason}.",
                hint="Check that its disk has room and can be written, or let RAGCHAT_DATABASE_URL name another.",
                code="conversations_unavailable",
            ) from refused
        if writes:
            self._health.wrote()

    async def forget_deleted(self) -> bool:
        """Empty SQLite's log, which still holds what was deleted; False when a reader is in the way. StorageFailed."""
        if not self.sqlite:
            return True
        engine = await self._open()
        try:
            async with self._writing, engine.connect() as connection:
                raw = await connection.execution_options(isolation_level="AUTOCOMMIT")
                busy = (await raw.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))).scalar_one()
        except (DBAPIError, sqlite3.Error, PoolExhausted, OSError):
            return False
        return not busy

    async def close(self) -> None:
        """Give the database back; a later call opens it again."""
        async with self._opening:
            engine, self._engine = self._engine, None
        if engine is not None:
            await engine.dispose()
        thread, self._thread = self._thread, None
        if thread is not None:
            await asyncio.get_running_loop().run_in_executor(thread, self._dispose)
            thread.shutdown(wait=False)

    def _dispose(self) -> None:
        engine, self._thread_engine = self._thread_engine, None
        if engine is not None:
            engine.dispose()

    async def _open(self) -> AsyncEngine:
        async with self._opening:
            if self._engine is None:
                self._engine = await opened(self._url, durable=self._durable)
            return self._engine


def _busy(refused: Exception) -> bool:
    """Whether others held it too long: nothing is wrong with the connections then."""
    code = getattr(getattr(refused, "orig", refused), "sqlite_errorcode", sqlite3.SQLITE_OK)
    return isinstance(refused, PoolExhausted) or code & 0xFF == sqlite3.SQLITE_BUSY


def _reason(refused: Exception) -> str:
    return str(getattr(refused, "orig", None) or refused)


def _senseless(refused: Exception) -> bool:
    """Whether a row was read that holds no text, moment or JSON where one should be: the database itself works."""
    undecodable = "decode to UTF-8" in _reason(refused)  # sqlite3 has no code for it
    return undecodable or isinstance(refused, ValueError)


class _Health:
    """Whether the last write went through, and what was logged about it."""

    def __init__(self) -> None:
        self.well = True
        self._told_well = True
        self._told_at = -QUIET_SECONDS

    def refused(self, reason: str) -> None:
        self.well = False
        if self._told_well and monotonic() - self._told_at >= QUIET_SECONDS:
            self._tell()
            log.error("conversations cannot be stored", reason=reason, setting="RAGCHAT_DATABASE_URL")

    def wrote(self) -> None:
        self.well = True
        if not self._told_well:
            self._tell()
            log.info("conversations are stored again")

    def _tell(self) -> None:
        self._told_well, self._told_at = self.well, monotonic()
