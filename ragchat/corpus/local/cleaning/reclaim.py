"""Getting out of a full disk: a small file kept as a reserve, and dropping staged rows in next to no space.

An ordinary delete writes every page that it clears into the write-ahead log, which a full disk has no room for. Here
freed pages are neither cleared nor logged but cut off the end of the file in the same transaction, so that it takes a
few pages: the reserve holds them. What was staged was in no generation and shown to nobody.
"""

import os
import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Final

from ragchat.corpus.local.catalog.catalog import CATALOG_NAME, transaction
from ragchat.corpus.local.cleaning.prune import forget_membership
from ragchat.corpus.local.files.failures import sqlite
from ragchat.errors import StorageFailed

RESERVE_NAME: Final = "reserve"
RESERVE_BYTES: Final = 512 * 1024
_VERSIONS_AT_ONCE: Final = (1 << 62, 64, 8)
_UNPUBLISHED: Final = "(SELECT version_id FROM temp.dropping)"


def is_full(error: BaseException | None) -> bool:
    """Whether a disk (or quota) without room is what went wrong."""
    return isinstance(error, StorageFailed) and error.code == "disk_full"


def keep_reserve(home: Path) -> None:
    """Sets the reserve aside, if there is room for it and it is not there yet."""
    path = home / RESERVE_NAME
    with suppress(OSError):
        if path.is_file() and path.stat().st_blocks * 512 >= RESERVE_BYTES:
            return
    try:
        with path.open("wb") as stream:
            os.posix_fallocate(stream.fileno(), 0, RESERVE_BYTES)
    except OSError:  # no room for it now: the next run tries again
        release_reserve(home)


def release_reserve(home: Path) -> bool:
    """Gives the reserved room to whoever writes next; whether there was any."""
    try:
        (home / RESERVE_NAME).unlink()
    except OSError:
        return False
    return True


def reclaim(connection: sqlite3.Connection, home: Path) -> None:
    """Drops what no generation has, cached embeddings included, and empties the log. Needs the writer lock.

    Raises StorageFailed when even the reserve was not enough.
    """
    release_reserve(home)
    failure: StorageFailed | None = None
    for at_once in _VERSIONS_AT_ONCE:
        try:
            _drop_all(connection, home, at_once)
        except StorageFailed as error:
            failure = error
        else:
            keep_reserve(home)
            return
    if failure is not None:
        raise failure


def empty_log(connection: sqlite3.Connection, home: Path) -> bool:
    """Moves committed pages to the catalog and cuts the log to nothing; False where a reader in mid-read puts it off."""
    with sqlite(home / CATALOG_NAME):
        busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not busy


def _drop_all(connection: sqlite3.Connection, home: Path, at_once: int) -> None:
    with sqlite(home / CATALOG_NAME):
        connection.execute("PRAGMA secure_delete=OFF")
        connection.execute("PRAGMA temp_store=MEMORY")
    try:
        while _drop_some(connection, home, at_once):
            empty_log(connection, home)
        empty_log(connection, home)
    finally:
        with sqlite(home / CATALOG_NAME):
            connection.execute("PRAGMA secure_delete=ON")


def _drop_some(connection: sqlite3.Connection, home: Path, at_once: int) -> bool:
    """One transaction, the newest versions first, as they are at the end of the file; whether there were any."""
    with transaction(connection, home / CATALOG_NAME):
        connection.execute("CREATE TEMP TABLE IF NOT EXISTS dropping (version_id INTEGER PRIMARY KEY)")
        connection.execute("DELETE FROM temp.dropping")
        forget_membership(connection)
        dropped = connection.execute(
            "INSERT INTO temp.dropping SELECT version_id FROM versions v WHERE NOT EXISTS"
            " (SELECT 1 FROM membership m WHERE m.version_id = v.version_id) ORDER BY version_id DESC LIMIT ?",
            (at_once,),
        ).rowcount
        for table in ("chunks", "blocks", "tags", "stats", "structures", "versions"):
            connection.execute(f"DELETE FROM {table} WHERE version_id IN {_UNPUBLISHED}")
        connection.execute(
            "DELETE FROM embeddings WHERE NOT EXISTS"
            " (SELECT 1 FROM chunks c WHERE c.embedding_id = embeddings.embedding_id)"
        )
        # One page a call: Python's sqlite3 stops stepping at the first row, which has no columns here (measured).
        while connection.execute("PRAGMA freelist_count").fetchone()[0]:
            connection.execute("PRAGMA incremental_vacuum")
    return dropped > 0
