"""Removing documents from the disk at once: rows, vectors, words, free pages and the write-ahead log.

Every generation that held them goes too, so that rolling back past the purge is given up. A reader that has such a
generation mapped keeps what it mapped until it closes; nobody can open it any more.
"""

from collections.abc import Sequence

from ragchat.errors import NotFound
from ragchat.index.catalog import CATALOG_NAME
from ragchat.index.failures import sqlite
from ragchat.index.prune import drop_generations, forget_new_embeddings
from ragchat.index.types import GenerationInfo
from ragchat.index.writer import IndexWriter


def purge(writer: IndexWriter, document_ids: Sequence[int | str]) -> GenerationInfo:
    """Publishes a generation without the documents, then drops all that held them. Raises NotFound, StorageFailed.

    A document that was removed earlier but is still on disk for a rollback can be purged as well.
    """
    writer.begin_as_base()
    session = writer.session
    versions = [_versions(writer, str(document_id)) for document_id in document_ids]
    for document_id, found in zip(document_ids, versions, strict=True):
        if any(session.live.row_of(version_id) is not None for version_id, _ in found):
            writer.remove(str(document_id))
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
    with sqlite(session.home / CATALOG_NAME):
        session.connection.execute("VACUUM")
        session.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    return info


def _versions(writer: IndexWriter, document_id: str) -> list[tuple[int, int]]:
    """(version_id, first generation) of everything that is still stored of a document."""
    with sqlite(writer.session.home / CATALOG_NAME):
        found: list[tuple[int, int]] = writer.session.connection.execute(
            "SELECT v.version_id, m.first_gen FROM versions v JOIN membership m USING (version_id)"
            " WHERE v.document_id = ?",
            (document_id,),
        ).fetchall()
    if not found:
        raise NotFound(
            f"Nothing is stored of a document {document_id!r}.",
            hint="`ragchat documents list` shows what there is; `ragchat verify` what is still on disk.",
            code="no_such_document",
        )
    return found
