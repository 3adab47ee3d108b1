"""The end of a purge: all that holds the documents goes, and the marks with it. Run again until nothing is left.

A purge is marked in the catalog before it begins and unmarked when nothing is left: one that was killed after its
publish, or that a reader of the catalog hindered (a backup, a shell), is finished by the next run.
"""

import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from ragchat.corpus.local.catalog.catalog import CATALOG_NAME
from ragchat.corpus.local.catalog.live import Ranges
from ragchat.corpus.local.cleaning.marks import due_purges, unmark_purges
from ragchat.corpus.local.catalog.reports import scrub_reports
from ragchat.corpus.local.cleaning.prune import drop_generations, forget_new_embeddings
from ragchat.corpus.local.cleaning.reclaim import empty_log
from ragchat.corpus.local.files.failures import sqlite
from ragchat.corpus.refusals import purge_unfinished
from ragchat.errors import StorageFailed


def finish_due_purges(connection: sqlite3.Connection, home: Path, current: int, live: Ranges) -> None:
    """Goes on with purges that did not end; what is hindered again stays marked. One that was never published is
    forgotten: its document still answers, and nobody was told that it went."""
    with sqlite(home / CATALOG_NAME):
        due = due_purges(connection)
    living = [
        one
        for one in due
        if any(live.row_of(version_id) is not None for version_id, _ in stored_versions(connection, home, one))
    ]
    if living:
        unmark_purges(connection, home, living)
    with suppress(StorageFailed):
        finish_purges(connection, home, [one for one in due if one not in living], current)


def finish_purges(
    connection: sqlite3.Connection, home: Path, document_ids: Sequence[str], current: int
) -> None:
    """Drops all that holds the documents but the current generation, which does not. Raises StorageFailed:
    purge_unfinished where words remain."""
    if not document_ids:
        return
    firsts = [first for one in document_ids for _, first in stored_versions(connection, home, one)]
    scrub_reports(connection, home, _names(connection, home, document_ids))
    with sqlite(home / CATALOG_NAME):
        numbers = [
            row[0]
            for row in connection.execute(
                "SELECT number FROM generations WHERE number >= ? AND number < ?",
                (min(firsts, default=current), current),
            )
        ]
    drop_generations(connection, home, numbers)
    forget_new_embeddings(connection, home)
    with suppress(StorageFailed), sqlite(home / CATALOG_NAME):  # deleting has overwritten it all already
        connection.execute("VACUUM")
    if not empty_log(connection, home):
        raise purge_unfinished()
    unmark_purges(connection, home, document_ids)


def stored_versions(connection: sqlite3.Connection, home: Path, document_id: str) -> list[tuple[int, int]]:
    """(version_id, first generation) of everything that is still stored of a document."""
    with sqlite(home / CATALOG_NAME):
        found: list[tuple[int, int]] = connection.execute(
            "SELECT v.version_id, m.first_gen FROM versions v JOIN membership m USING (version_id)"
            " WHERE v.document_id = ?",
            (document_id,),
        ).fetchall()
    return found


def _names(connection: sqlite3.Connection, home: Path, document_ids: Sequence[str]) -> set[str]:
    """What a run report may call the documents: ids, keys and URIs of all their versions."""
    names = set(document_ids)
    with sqlite(home / CATALOG_NAME):
        for document_id in document_ids:
            for row in connection.execute(
                "SELECT key, uri FROM versions WHERE document_id = ?", (document_id,)
            ):
                names.update(row)
    return names - {""}
