"""What files are built from: the words of chunks, on their way in or read back from the catalog.

Reading back is what makes derived files rebuildable without embedding anything again.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from ragchat.corpus.fields import title_words
from ragchat.corpus.local.catalog.live import Ranges
from ragchat.corpus.local.catalog.reading import RowReader
from ragchat.corpus.local.writing.build import Words
from ragchat.corpus.local.writing.staging import StagedVersion
from ragchat.corpus.values import StoredChunk
from ragchat.documents import Chunk, Document

_CHUNKS_AT_ONCE: Final = 512


def words_of(document: Document, chunks: Sequence[Chunk], staged: StagedVersion) -> list[Words]:
    """The words of a document that has just been staged."""
    return [
        (
            staged.first_chunk + chunk.ordinal,
            staged.version_id,
            title_words(document.title, document.key),
            chunk.heading_path,
            document.text[chunk.start : chunk.end],
        )
        for chunk in chunks
    ]


def stored_words(chunks: Iterable[StoredChunk], live: Ranges) -> Iterator[Words]:
    """The words of chunks read back."""
    for chunk in chunks:
        version_id = live.version_at(chunk.chunk_id)
        title = title_words(chunk.document.title, chunk.document.key)
        yield chunk.chunk_id, version_id, title, chunk.heading_path, chunk.text


def stored_chunks(rows: RowReader, live: Ranges, *, vectors: bool) -> Iterator[list[StoredChunk]]:
    """Every living chunk, ids ascending, in bounded batches."""
    ids = live.chunk_ids
    for begin in range(0, len(ids), _CHUNKS_AT_ONCE):
        yield rows.chunks(ids[begin : begin + _CHUNKS_AT_ONCE].tolist(), vectors=vectors)


def all_stored_words(rows: RowReader, live: Ranges) -> Iterator[Words]:
    """The words of every living chunk, ids ascending."""
    for chunks in stored_chunks(rows, live, vectors=False):
        yield from stored_words(chunks, live)
