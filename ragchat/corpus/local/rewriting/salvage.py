"""What of a generation can still be read: its versions without those whose rows are damaged, and rows that follow from
others made again."""

import sqlite3
from pathlib import Path

import numpy as np

from ragchat.corpus.local.catalog.catalog import CATALOG_NAME, transaction
from ragchat.corpus.local.catalog.live import Ranges
from ragchat.corpus.local.catalog.reading import RowReader
from ragchat.corpus.local.catalog.rows import stored_tags
from ragchat.corpus.local.writing.session import WriterSession
from ragchat.errors import IndexDamaged


def readable_members(session: WriterSession, dimension: int) -> Ranges:
    """The base's versions of which every row can be read."""
    with session.rows(session.live, dimension) as rows:
        damaged = [version for version in session.live.version_ids.tolist() if not _reads(rows, session, version)]
    return session.live.without(np.asarray(damaged, dtype=np.int64))


def names_of(connection: sqlite3.Connection, version_ids: list[int]) -> list[str]:
    """What a person may know the documents by; their rows may be damaged, so nothing is checked."""
    marks = ",".join("?" * len(version_ids))
    found = dict(
        connection.execute(f"SELECT version_id, key FROM versions WHERE version_id IN ({marks})", version_ids)
    )
    return [str(found.get(version) or f"a document whose row is gone (version {version})") for version in version_ids]


def make_tags_anew(connection: sqlite3.Connection, home: Path, live: Ranges) -> None:
    """Filter tags as the documents' own rows say, and facts of files that are missing (the next ingest reads those)."""
    with transaction(connection, home / CATALOG_NAME):
        connection.execute("DELETE FROM tags WHERE version_id NOT IN (SELECT version_id FROM versions)")
        for version_id, metadata, acl in connection.execute(
            "SELECT version_id, metadata, acl FROM versions"
        ).fetchall():
            if live.row_of(version_id) is None:
                continue
            connection.execute("DELETE FROM tags WHERE version_id = ?", (version_id,))
            connection.executemany(
                "INSERT INTO tags VALUES (?, ?, ?, ?)",
                [(version_id, *tag) for tag in sorted(stored_tags(metadata, acl))],
            )
            connection.execute("INSERT OR IGNORE INTO stats VALUES (?, -1, 0, 0)", (version_id,))


def _reads(rows: RowReader, session: WriterSession, version_id: int) -> bool:
    try:
        document = rows.document(version_id)
        rows.structures_of([version_id])
        rows.text(version_id, 0, document.length)
        rows.chunks(session.live.range_of(version_id), vectors=True)
    except IndexDamaged:
        return False
    return True
