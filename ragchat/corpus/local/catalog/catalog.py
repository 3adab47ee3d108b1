"""Connections to `catalog.sqlite`: opening, pragmas, transactions, a pool for readers. No query of the domain.

WAL, so that readers never wait for the writer. Staging commits with synchronous=NORMAL; the publishing transaction
runs with FULL, whose sync of the log also makes everything staged before it durable.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import Final

from ragchat.corpus.local.catalog.schema import FIRST_ROWS, MIGRATIONS, OLDEST_SCHEMA, SCHEMA_VERSION, TABLES
from ragchat.corpus.local.catalog.seals import seal_what_is_not
from ragchat.corpus.local.files.failures import sqlite
from ragchat.errors import IndexDamaged, NotReady

CATALOG_NAME: Final = "catalog.sqlite"
_BUSY_SECONDS: Final = 10.0
_READER_CACHE_KIB: Final = 4_096
# Mapped pages are shared between workers and save a copy: 50 chunks with vectors of 100,000 in 1.2 ms of CPU, not 2.3.
_READER_MAP_BYTES: Final = 512 * 1024 * 1024
_WRITER_CACHE_KIB: Final = 16_384


def open_for_writing(path: Path) -> sqlite3.Connection:
    """Creates the catalog when it is not there. Raises StorageFailed, IndexDamaged (also for a newer schema)."""
    with sqlite(path):
        connection = sqlite3.connect(
            path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        try:
            _prepare_writer(connection, path)
        except BaseException:
            connection.close()
            raise
    return connection


def open_for_reading(path: Path) -> sqlite3.Connection:
    """Read-only. Raises NotReady without a catalog, IndexDamaged, StorageFailed."""
    if not path.is_file():
        raise NotReady(
            f"Collection {path.parent.name!r} has no index yet.",
            hint="Run `ragchat ingest PATH` first.",
        )
    with sqlite(path):
        connection = _connect_read_only(path)
        try:
            _check_schema(connection, path)
        except BaseException:
            connection.close()
            raise
    return connection


@contextmanager
def transaction(
    connection: sqlite3.Connection, path: Path, *, durable: bool = False
) -> Iterator[sqlite3.Connection]:
    """BEGIN IMMEDIATE … COMMIT, or ROLLBACK on any exception. `durable` syncs the log before it returns."""
    with sqlite(path):
        connection.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
            connection.execute("COMMIT")
        except BaseException:
            with suppress(
                sqlite3.Error
            ):  # SQLite may have rolled back by itself, for instance when the disk is full
                connection.execute("ROLLBACK")
            raise


class ReaderPool:
    """Read-only connections handed from thread to thread; as many as there are simultaneous readers."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._idle: list[sqlite3.Connection] = []
        self._lock = Lock()
        self._closed = False

    @contextmanager
    def borrow(self) -> Iterator[sqlite3.Connection]:
        """A connection of one's own for the time of the block; SQLite's errors leave it as ours."""
        with self._lock:
            connection = self._idle.pop() if self._idle else None
        if connection is None:
            connection = open_for_reading(self.path)
        try:
            with sqlite(self.path):
                yield connection
        finally:
            with self._lock:
                keep = not self._closed
                if keep:
                    self._idle.append(connection)
            if not keep:
                connection.close()

    def close(self) -> None:
        """Closes idle connections now and borrowed ones when they come back."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()


def _prepare_writer(connection: sqlite3.Connection, path: Path) -> None:
    tables = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
    if not tables:
        connection.execute("PRAGMA auto_vacuum=INCREMENTAL")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA secure_delete=ON")  # deleted words are overwritten, not only unlinked
    connection.execute(f"PRAGMA cache_size=-{_WRITER_CACHE_KIB}")
    if not tables:
        connection.executescript(
            f"BEGIN IMMEDIATE; {TABLES} {FIRST_ROWS} PRAGMA user_version={SCHEMA_VERSION}; COMMIT;"
        )
    _migrate(connection)
    _check_schema(connection, path)
    if connection.execute("SELECT value FROM meta WHERE name = 'crc'").fetchone() in (None, (None,)):
        with transaction(connection, path):
            seal_what_is_not(connection)


def _migrate(connection: sqlite3.Connection) -> None:
    """From the schema of an older version, each step a transaction of its own; rows stay as they are."""
    found = connection.execute("PRAGMA user_version").fetchone()[0]
    while OLDEST_SCHEMA <= found < SCHEMA_VERSION:
        connection.executescript(
            f"BEGIN IMMEDIATE; {MIGRATIONS[found]} PRAGMA user_version={found + 1}; COMMIT;"
        )
        found += 1


def _connect_read_only(path: Path) -> sqlite3.Connection:
    try:
        return _connect_uri(f"{path.absolute().as_uri()}?mode=ro")
    except sqlite3.OperationalError:
        # A read-only mount cannot hold the -shm file of WAL mode; then nobody writes, and the file is all there is.
        if Path(f"{path}-wal").exists() and Path(f"{path}-wal").stat().st_size:
            raise
        return _connect_uri(f"{path.absolute().as_uri()}?mode=ro&immutable=1")


def _connect_uri(uri: str) -> sqlite3.Connection:
    connection = sqlite3.connect(
        uri, uri=True, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
    )
    try:
        connection.execute(f"PRAGMA cache_size=-{_READER_CACHE_KIB}")
        connection.execute(f"PRAGMA mmap_size={_READER_MAP_BYTES}").fetchall()
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    except BaseException:
        connection.close()
        raise
    return connection


def _check_schema(connection: sqlite3.Connection, path: Path) -> None:
    found = connection.execute("PRAGMA user_version").fetchone()[0]
    if OLDEST_SCHEMA <= found <= SCHEMA_VERSION:
        return  # an older one is read as it is; the next writer brings it up to date
    if found == 0:
        raise NotReady(
            f"Collection {path.parent.name!r} has an empty catalog.", hint="Run `ragchat ingest PATH`."
        )
    raise IndexDamaged(
        f"The catalog of collection {path.parent.name!r} has schema {found}; this ragchat reads {SCHEMA_VERSION}.",
        hint="Upgrade ragchat, or ingest into a new index directory.",
        code="newer_schema" if found > SCHEMA_VERSION else "older_schema",
    )
