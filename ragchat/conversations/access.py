"""Reaching the conversation database: one transaction at a time, its refusals as StorageFailed, and whether it is well.

No query is written here. A database that refused is opened anew for the next call, so that service resumes by itself
once its storage is back; the log tells when it went away and when it came back, not every refusal.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import monotonic

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from ragchat.conversations.database import WRITES, engine_at, opened
from ragchat.errors import StorageFailed

QUIET_SECONDS = 60.0
"""Least time between two lines of the log about a database that comes and goes."""

log = structlog.get_logger("ragchat.conversations")


class Database:
    """A database at a SQLAlchemy URL, opened and created on first use."""

    def __init__(self, url: str) -> None:
        engine_at(url)  # a wrong setting stops the start, not every question
        self._url = url
        self._engine: AsyncEngine | None = None
        self._opening = asyncio.Lock()
        self._health = _Health()

    @property
    def available(self) -> bool:
        """False from a refusal until something has been written again."""
        return self._health.well

    @asynccontextmanager
    async def transaction(self, *, writes: bool = False) -> AsyncIterator[AsyncConnection]:
        """One transaction, committed when the block is left. Raises StorageFailed, also for rows that make no sense."""
        try:
            engine = await self._open()
            async with engine.connect() as connection:
                await connection.execution_options(**{WRITES: writes})
                async with connection.begin():
                    yield connection
        except (DBAPIError, sqlite3.Error, PoolExhausted, OSError, ValueError) as refused:
            reason = str(getattr(refused, "orig", None) or refused)
            self._health.refused(reason)
            await self.close()
            raise StorageFailed(
                f"The conversation database refused: {reason}.",
                hint="Check that its disk has room and can be written, or let RAGCHAT_DATABASE_URL name another.",
                code="conversations_unavailable",
            ) from refused
        if writes:
            self._health.wrote()

    async def close(self) -> None:
        """Give the database back; a later call opens it again."""
        async with self._opening:
            engine, self._engine = self._engine, None
        if engine is not None:
            await engine.dispose()

    async def _open(self) -> AsyncEngine:
        async with self._opening:
            if self._engine is None:
                self._engine = await opened(self._url)
            return self._engine


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
