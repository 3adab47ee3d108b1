"""Purges that were asked for and have not ended: marks in the catalog, so that a killed or hindered one is finished."""

import sqlite3
from collections.abc import Iterable
from pathlib import Path

from ragchat.corpus.local.catalog.catalog import CATALOG_NAME, transaction


def due_purges(connection: sqlite3.Connection) -> list[str]:
    """Ids of the documents, sorted; none in a catalog from before there were marks."""
    there = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'purges'").fetchone()
    if there is None:
        return []
    return [row[0] for row in connection.execute("SELECT document_id FROM purges ORDER BY document_id")]


def mark_purges(connection: sqlite3.Connection, home: Path, document_ids: Iterable[str]) -> None:
    """Durable when it returns."""
    with transaction(connection, home / CATALOG_NAME, durable=True):
        connection.executemany(
            "INSERT OR IGNORE INTO purges VALUES (?)", [(document_id,) for document_id in document_ids]
        )


def unmark_purges(connection: sqlite3.Connection, home: Path, document_ids: Iterable[str]) -> None:
    with transaction(connection, home / CATALOG_NAME):
        connection.executemany(
            "DELETE FROM purges WHERE document_id = ?", [(document_id,) for document_id in document_ids]
        )
