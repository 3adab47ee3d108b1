"""Removing documents from the disk at once: rows, vectors, words, free pages and the write-ahead log.

Every generation that held them goes too, so that rolling back past the purge is given up. A reader that has such a
generation mapped keeps what it mapped until it closes; nobody can open it any more.
"""

from collections.abc import Sequence
from contextlib import suppress

from ragchat.corpus.local.catalog.catalog import CATALOG_NAME
from ragchat.corpus.local.catalog.reports import scrub_reports
from ragchat.corpus.local.cleaning.prune import drop_generations, forget_new_embeddings
from ragchat.corpus.local.cleaning.reclaim import empty_log
from ragchat.corpus.local.files.failures import sqlite
from ragchat.corpus.local.writing.run import LocalRun
from ragchat.corpus.refusals import nothing_stored
from ragchat.corpus.values import GenerationInfo
from ragchat.errors import StorageFailed


def purge(writer: LocalRun, document_ids: Sequence[str]) -> GenerationInfo:
    """Publishes a generation without the documents, then drops all that held them. Raises NotFound, StorageFailed.

    A document that was removed earlier but is still on disk for a rollback can be purged as well.
    """
    writer.begin_as_base()
    session = writer.session
    versions = [_versions(writer, document_id) for document_id in document_ids]
    names = _names(writer, document_ids)
    for document_id, found in zip(document_ids, versions, strict=True):
        if any(session.live.row_of(version_id) is not None for version_id, _ in found):
            writer.remove(document_id)
    oldest = min((first for found in versions for _, first in found), default=1)
    writer.build(force=True, everything=True)
    info = writer.publish(prune=False)
    if info is None:  # build was forced
        raise RuntimeError("a forced build was not published")
    writer.let_base_go()
    with sqlite(session.home / CATALOG_NAME):
        numbers = [
            row[0]
            for row in session.connection.execute(
                "SELECT number FROM generations WHERE number >= ? AND number < ?", (oldest, info.number)
            )
        ]
    drop_generations(session.connection, session.home, numbers)
    forget_new_embeddings(session.connection, session.home)
    scrub_reports(session.connection, session.home, names)
    with (
        suppress(StorageFailed),
        sqlite(session.home / CATALOG_NAME),
    ):  # deleting has overwritten it all already
        session.connection.execute("VACUUM")
    empty_log(session.connection, session.home)
    return info


def _names(writer: LocalRun, document_ids: Sequence[str]) -> set[str]:
    """What a run report may call the documents: ids, keys and URIs of all their versions."""
    names = set(document_ids)
    with sqlite(writer.session.home / CATALOG_NAME):
        for document_id in document_ids:
            for row in writer.session.connection.execute(
                "SELECT key, uri FROM versions WHERE document_id = ?", (document_id,)
            ):
                names.update(row)
    return names - {""}


def _versions(writer: LocalRun, document_id: str) -> list[tuple[int, int]]:
    """(version_id, first generation) of everything that is still stored of a document."""
    with sqlite(writer.session.home / CATALOG_NAME):
        found: list[tuple[int, int]] = writer.session.connection.execute(
            "SELECT v.version_id, m.first_gen FROM versions v JOIN membership m USING (version_id)"
            " WHERE v.document_id = ?",
            (document_id,),
        ).fetchall()
    if not found:
        raise nothing_stored(document_id)
    return found
