"""What leaves the disk: old generations that no reader holds, leftovers of killed writers, rows nobody references.

Rows go before files when a generation is pruned, so that a kill in between leaves a directory without a row, which is
a leftover like any other. Deletes run in bounded transactions; SQLite overwrites what they free (secure_delete).
"""

import shutil
import sqlite3
from collections.abc import Collection, Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import Final

from ragchat.corpus.local.catalog.catalog import CATALOG_NAME, transaction
from ragchat.corpus.local.catalog.seals import get_meta, set_meta
from ragchat.corpus.local.files.failures import sqlite
from ragchat.corpus.local.files.files import Flock
from ragchat.corpus.local.files.layout import GENERATIONS, generation_directory

_VERSIONS_PER_TRANSACTION: Final = 64
_IDS_PER_STATEMENT: Final = 500


def kept_generations(connection: sqlite3.Connection, keep: int) -> set[int]:
    """The newest `keep`, the current one, and where a rollback from it would go."""
    rows = connection.execute("SELECT number, base FROM generations ORDER BY number DESC").fetchall()
    kept = {number for number, _ in rows[: max(keep, 1)]}
    current = get_meta(connection, "current")
    if current is not None:
        kept.add(current)
        bases = dict(rows)
        if keep > 1 and bases.get(current) in bases:
            kept.add(bases[current])
    return kept


def prune_generations(
    connection: sqlite3.Connection, home: Path, keep: int, besides: Collection[int] = ()
) -> list[int]:
    """Drops all but the kept generations that no reader has pinned, and those `besides`: their numbers.

    Their rows and files only; `forget_unreachable` is to follow. Needs the writer lock.
    """
    with sqlite(home / CATALOG_NAME):
        kept = kept_generations(connection, keep).difference(besides)
        numbers = [row[0] for row in connection.execute("SELECT number FROM generations ORDER BY number")]
    return [number for number in numbers if number not in kept and _drop_unpinned(connection, home, number)]


def drop_generations(connection: sqlite3.Connection, home: Path, numbers: Iterable[int]) -> None:
    """Drops them even under a reader: what it has mapped stays readable to it until it closes (purge)."""
    for number in numbers:
        _delete_row(connection, home, number)
        shutil.rmtree(generation_directory(home, number), ignore_errors=True)
    forget_unreachable(connection, home)


def clean_directories(connection: sqlite3.Connection, home: Path) -> None:
    """Deletes directories that no row names. Needs the writer lock."""
    with sqlite(home / CATALOG_NAME):
        numbers = [row[0] for row in connection.execute("SELECT number FROM generations")]
    known = {generation_directory(home, number).name for number in numbers}
    for path in (home / GENERATIONS).iterdir():
        if path.name not in known and not _is_pinned(path):
            shutil.rmtree(path, ignore_errors=True)


def forget_unreachable(connection: sqlite3.Connection, home: Path) -> None:
    """Membership that covers no generation, versions without it, and the embeddings that only they used.

    Embeddings newer than the last publish stay: a killed ingest finds them in its cache when it runs again.
    """
    path = home / CATALOG_NAME
    with transaction(connection, path):
        forget_membership(connection)
    with sqlite(path):
        orphans = iter(
            connection.execute(
                "SELECT version_id, first_chunk, chunk_count FROM versions v WHERE NOT EXISTS"
                " (SELECT 1 FROM membership m WHERE m.version_id = v.version_id)"
            ).fetchall()
        )
    while batch := list(islice(orphans, _VERSIONS_PER_TRANSACTION)):
        with transaction(connection, path):
            for version_id, first_chunk, chunk_count in batch:
                _delete_version(connection, version_id, first_chunk, chunk_count)


def forget_new_embeddings(connection: sqlite3.Connection, home: Path) -> None:
    """After a publish: embeddings of this and killed runs that no chunk ended up with."""
    with transaction(connection, home / CATALOG_NAME):
        floor = get_meta(connection, "embedding_floor") or 0
        connection.execute(
            "DELETE FROM embeddings WHERE embedding_id > ? AND NOT EXISTS"
            " (SELECT 1 FROM chunks c WHERE c.embedding_id = embeddings.embedding_id)",
            (floor,),
        )
        newest = connection.execute("SELECT max(embedding_id) FROM embeddings").fetchone()[0]
        set_meta(connection, "embedding_floor", newest or 0)


def shrink(connection: sqlite3.Connection, home: Path) -> None:
    """Gives freed pages back and empties the write-ahead log, which still holds what was deleted."""
    with sqlite(home / CATALOG_NAME):
        connection.executescript("PRAGMA incremental_vacuum")  # `execute` would free a single page (measured)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def _drop_unpinned(connection: sqlite3.Connection, home: Path, number: int) -> bool:
    directory = generation_directory(home, number)
    try:
        lock = Flock.take(directory, exclusive=True)
    except FileNotFoundError:
        _delete_row(connection, home, number)
        return True
    if lock is None:
        return False
    with lock:
        _delete_row(connection, home, number)
        shutil.rmtree(directory, ignore_errors=True)
    return True


def _delete_row(connection: sqlite3.Connection, home: Path, number: int) -> None:
    """Durably: after a power cut no row may name files that are gone already."""
    with transaction(connection, home / CATALOG_NAME, durable=True):
        connection.execute("DELETE FROM generations WHERE number = ?", (number,))


def _is_pinned(directory: Path) -> bool:
    try:
        lock = Flock.take(directory, exclusive=True)
    except OSError:
        return False
    if lock is None:
        return True
    lock.release()
    return False


def forget_membership(connection: sqlite3.Connection) -> None:
    """Membership that covers no generation; within the caller's transaction."""
    newest = (get_meta(connection, "next_generation") or 1) - 1
    numbers = [row[0] for row in connection.execute("SELECT number FROM generations ORDER BY number")]
    # Open rows live in the newest published generation; only when that is gone do they need a look.
    scope = "m.last_gen IS NOT NULL AND" if newest in numbers else ""
    connection.execute(
        f"DELETE FROM membership AS m WHERE {scope} NOT EXISTS (SELECT 1 FROM generations g"
        " WHERE g.number >= m.first_gen AND (m.last_gen IS NULL OR g.number <= m.last_gen))"
    )


def _delete_version(
    connection: sqlite3.Connection, version_id: int, first_chunk: int, chunk_count: int
) -> None:
    last = first_chunk + chunk_count - 1
    embeddings = [
        row[0]
        for row in connection.execute(
            "SELECT DISTINCT embedding_id FROM chunks WHERE chunk_id BETWEEN ? AND ?", (first_chunk, last)
        )
    ]
    connection.execute("DELETE FROM chunks WHERE version_id = ?", (version_id,))
    for table in ("blocks", "tags", "stats", "structures", "versions"):
        connection.execute(f"DELETE FROM {table} WHERE version_id = ?", (version_id,))
    _delete_unused_embeddings(connection, embeddings)


def _delete_unused_embeddings(connection: sqlite3.Connection, embedding_ids: Sequence[int]) -> None:
    floor = get_meta(connection, "embedding_floor") or 0
    for begin in range(0, len(embedding_ids), _IDS_PER_STATEMENT):
        batch = embedding_ids[begin : begin + _IDS_PER_STATEMENT]
        marks = ",".join("?" * len(batch))
        connection.execute(
            f"DELETE FROM embeddings WHERE embedding_id IN ({marks}) AND embedding_id <= ?"
            " AND NOT EXISTS (SELECT 1 FROM chunks c WHERE c.embedding_id = embeddings.embedding_id)",
            (*batch, floor),
        )
