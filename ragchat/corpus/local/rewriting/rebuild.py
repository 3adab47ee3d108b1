"""New files for an old generation: everything derived is made again from the catalog's rows, nothing is embedded.

The damaged files are never opened; the result is a new generation with the same documents, but for those of which a
row is damaged: they are named.
"""

from collections.abc import Callable

import numpy as np

from ragchat.corpus.local.catalog.live import Ranges
from ragchat.corpus.local.catalog.records import GenerationRecord
from ragchat.corpus.local.files.layout import generation_directory, now
from ragchat.corpus.local.files.manifest import Manifest
from ragchat.corpus.local.searching.integrity import is_sound
from ragchat.corpus.local.rewriting.salvage import make_tags_anew, names_of, readable_members
from ragchat.corpus.local.writing.build import GenerationBuild
from ragchat.corpus.local.writing.material import stored_chunks, stored_words
from ragchat.corpus.local.writing.publish import Change, publish
from ragchat.corpus.local.writing.session import WriterSession
from ragchat.corpus.values import GenerationInfo
from ragchat.language.analysis import analysis_of


def rebuild(session: WriterSession, lost: Callable[[str], None]) -> GenerationInfo:
    """Publishes the base's documents with fresh files; `lost` is told each that cannot be brought back. Raises NotReady,
    StorageFailed."""
    record = session.base_record()
    embedder_id = session.staging.embedder_id(record.embedder)
    session.staging.commit()
    session.observe("building")
    live = readable_members(session, record.embedder.dimension)
    gone = sorted(set(session.live.version_ids.tolist()) - set(live.version_ids.tolist()))
    make_tags_anew(session.connection, session.home, live)
    build = GenerationBuild(
        session.generations, None, record.embedder.dimension, record.language, session.tuning
    )
    try:
        _fill(session, build, live, record.embedder.dimension)
        manifest = _manifest(session, record, live)
        info = publish(
            session.connection,
            session.home,
            build,
            manifest,
            Change(live, (), tuple(gone), embedder_id),
            session.observe,
        )
    except BaseException:
        build.abandon()
        raise
    for name in names_of(session.connection, gone):
        lost(name)
    # What was rebuilt has the same documents: a damaged original serves nobody any more, not even a rollback.
    sound = not gone and is_sound(generation_directory(session.home, record.number), record)
    session.prune(session.tuning.keep, besides=() if sound else (record.number,))
    return info


def _fill(session: WriterSession, build: GenerationBuild, live: Ranges, dimension: int) -> None:
    with session.rows(live, dimension) as rows:
        for chunks in stored_chunks(rows, live, vectors=True):
            build.add(list(stored_words(chunks, live)), np.stack([chunk.vector for chunk in chunks]))
    build.finish(live, (), (), everything=False)


def _manifest(session: WriterSession, record: GenerationRecord, live: Ranges) -> Manifest:
    return Manifest(
        collection=session.home.name,
        number=session.next_number(),
        base=session.base,
        created=now(),
        embedder=record.embedder,
        options_hash=record.options_hash,
        language=record.language,
        documents=len(live),
        chunks=live.count,
        segments=(),
        files={},
        settings=record.settings,
        analysis=analysis_of(record.language),
    )
