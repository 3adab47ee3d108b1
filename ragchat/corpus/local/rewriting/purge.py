"""Removing documents from the disk at once: rows, vectors, words, free pages and the write-ahead log.

Every generation that held them goes too, so that rolling back past the purge is given up. A reader that has such a
generation mapped keeps what it mapped until it closes; nobody can open it any more.
"""

from collections.abc import Sequence

from ragchat.corpus.local.cleaning.marks import mark_purges
from ragchat.corpus.local.cleaning.purging import finish_purges, stored_versions
from ragchat.corpus.local.writing.run import LocalRun
from ragchat.corpus.refusals import nothing_stored
from ragchat.corpus.values import GenerationInfo


def purge(writer: LocalRun, document_ids: Sequence[str]) -> GenerationInfo:
    """Publishes a generation without the documents, then drops all that held them. Raises NotFound, StorageFailed
    (purge_unfinished where words remain: they are in no answer, and the next run goes on).

    A document that was removed earlier but is still on disk for a rollback can be purged as well.
    """
    writer.begin_as_base()
    session = writer.session
    connection, home = session.connection, session.home
    living: list[str] = []
    for document_id in document_ids:
        versions = stored_versions(connection, home, document_id)
        if not versions:
            raise nothing_stored(document_id)
        if any(session.live.row_of(version_id) is not None for version_id, _ in versions):
            living.append(document_id)
    session.staging.commit()
    mark_purges(connection, home, document_ids)
    for document_id in living:
        writer.remove(document_id)
    writer.build(force=True, everything=True)
    info = writer.publish(prune=False)
    if info is None:  # build was forced
        raise RuntimeError("a forced build was not published")
    writer.let_base_go()
    finish_purges(connection, home, document_ids, info.number)
    return info
