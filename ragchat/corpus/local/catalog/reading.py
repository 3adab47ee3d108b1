"""Reading rows of one generation: documents, text and chunks by id, restricted to the versions that live in it.

Every row is checked against its CRC on the way out. Connections come from a pool; nothing here is changed after it
was made but a cache of documents.
"""

import sqlite3
from collections.abc import Collection, Iterable, Sequence
from itertools import islice
from typing import Final

import numpy as np

from ragchat.corpus.local.catalog.catalog import ReaderPool
from ragchat.corpus.local.catalog.live import Ranges
from ragchat.corpus.local.catalog.rows import (
    CHUNK_COLUMNS,
    DOCUMENT_COLUMNS,
    check_crc,
    chunk_vectors,
    heading_path_from,
    sentence_vectors,
    spans_from_bytes,
    stored_document,
    structure,
)
from ragchat.corpus.local.catalog.schema import BLOCK_CHARACTERS, BLOCKS_PER_VERSION
from ragchat.corpus.local.catalog.structures import StoredBlocks
from ragchat.corpus.local.files.failures import damaged_row
from ragchat.corpus.refusals import no_such_document
from ragchat.corpus.values import StoredChunk, StoredDocument, Structure

_BATCH: Final = 500
_CACHED_DOCUMENTS: Final = 16_384
_CACHED_STRUCTURES: Final = 1_024

ChunkRow = tuple[int, int, int, int, int, int, int | None, str, bytes, int, bytes, bytes, bytes, int]


class RowReader:
    """The catalog as one generation sees it. Thread-safe."""

    def __init__(self, pool: ReaderPool, live: Ranges, dimension: int) -> None:
        self._pool = pool
        self._live = live
        self._dimension = dimension
        self._versions: dict[str, int] = {}
        self._documents: dict[int, StoredDocument] = {}
        self._structures: dict[int, Structure] = {}

    # Documents

    def versions_of(self, document_ids: Collection[str]) -> dict[str, int]:
        """The living version of each document, remembered. Raises NotFound for the first that does not live in this
        generation."""
        found = {one: self._versions[one] for one in document_ids if one in self._versions}
        missing = iter([one for one in document_ids if one not in found])
        while batch := list(islice(missing, _BATCH)):
            sql = f"SELECT document_id, version_id FROM versions WHERE document_id IN ({_marks(batch)})"
            with self._pool.borrow() as connection:
                rows = connection.execute(sql, batch).fetchall()
            found.update((name, int(one)) for name, one in rows if self._live.row_of(one) is not None)
        for document_id in document_ids:
            if document_id not in found:
                raise no_such_document(document_id)
        if len(self._versions) + len(found) > _CACHED_DOCUMENTS:
            self._versions = {}
        self._versions.update(found)
        return found

    def document(self, version_id: int) -> StoredDocument:
        """Raises IndexDamaged when the row is not there."""
        found = self._documents.get(version_id)
        return found if found is not None else self.documents_of([version_id])[version_id]

    def documents_of(self, version_ids: Iterable[int]) -> dict[int, StoredDocument]:
        """Living versions by id. Raises IndexDamaged when a row is not there."""
        wanted = set(version_ids)
        found = {version: self._documents[version] for version in wanted if version in self._documents}
        missing = iter(sorted(wanted - found.keys()))
        while batch := list(islice(missing, _BATCH)):
            sql = f"SELECT version_id, {DOCUMENT_COLUMNS}, crc FROM versions WHERE version_id IN ({_marks(batch)})"
            with self._pool.borrow() as connection:
                rows = connection.execute(sql, batch).fetchall()
                languages = _languages(connection, batch)
            for version_id, *row in rows:
                language = languages.get(version_id, "")
                found[version_id] = stored_document(tuple(row), self._added(version_id), language)
        for version_id in wanted - found.keys():
            raise damaged_row("catalog.sqlite", f"the row of document version {version_id} is missing")
        self._remember(found)
        return found

    def page(self, after: str, after_id: str, limit: int, seen: Ranges) -> list[StoredDocument]:
        """At most `limit` documents of `seen` behind (key, id), ordered by (key, id)."""
        sql = "SELECT version_id FROM versions WHERE (key, document_id) > (?, ?) ORDER BY key, document_id"
        page: list[int] = []
        with self._pool.borrow() as connection:
            for (version_id,) in connection.execute(sql, (after, after_id)):
                if len(page) >= limit:
                    break
                if seen.row_of(version_id) is not None:
                    page.append(version_id)
        documents = self.documents_of(page)
        return [documents[version_id] for version_id in page]

    def structures_of(self, version_ids: Iterable[int]) -> dict[int, Structure]:
        """Pages, headings and blocks of living versions, remembered. Raises IndexDamaged when a row is not there."""
        wanted = set(version_ids)
        found = {version: self._structures[version] for version in wanted if version in self._structures}
        missing = iter(sorted(wanted - found.keys()))
        while batch := list(islice(missing, _BATCH)):
            sql = f"SELECT version_id, {DOCUMENT_COLUMNS}, crc FROM versions WHERE version_id IN ({_marks(batch)})"
            with self._pool.borrow() as connection:
                rows = connection.execute(sql, batch).fetchall()
                blocks = _stored_blocks(connection, batch)
            for version_id, *row in rows:
                check_crc(row[:-1], row[-1], f"document {row[0]!r}")
                found[version_id] = Structure(*structure(row), blocks.get(version_id, ()))
        for version_id in wanted - found.keys():
            raise damaged_row("catalog.sqlite", f"the row of document version {version_id} is missing")
        if len(self._structures) + len(found) > _CACHED_STRUCTURES:
            self._structures = {}
        self._structures.update(found)
        return found

    # Text

    def text(self, version_id: int, start: int, end: int) -> str:
        """Code points `[start, end)` of a version's canonical text; the caller keeps them inside the text."""
        return self.texts([(version_id, start, end)])[0]

    def texts(self, places: Sequence[tuple[int, int, int]]) -> list[str]:
        """Version, start and end of each: as `text`, in the given order."""
        numbers = [_blocks_between(*place) for place in places]
        blocks = self._blocks([number for each in numbers for number in each])
        texts: list[str] = []
        for (_, start, end), each in zip(places, numbers, strict=True):
            offset = start // BLOCK_CHARACTERS * BLOCK_CHARACTERS
            texts.append("".join(blocks[number] for number in each)[start - offset : max(start, end) - offset])
        return texts

    def _blocks(self, block_ids: Sequence[int]) -> dict[int, str]:
        """Block texts by id, ascending."""
        found: dict[int, str] = {}
        wanted = sorted(set(block_ids))
        for begin in range(0, len(wanted), _BATCH):
            batch = wanted[begin : begin + _BATCH]
            sql = f"SELECT block_id, text, crc FROM blocks WHERE block_id IN ({_marks(batch)}) ORDER BY block_id"
            with self._pool.borrow() as connection:
                for block_id, text, crc in connection.execute(sql, batch):
                    check_crc((text,), crc, f"catalog.sqlite: text block {block_id}")
                    found[block_id] = text
        if len(found) < len(wanted):
            raise damaged_row("catalog.sqlite", "a text block is missing")
        return found

    # Chunks

    def chunks(self, chunk_ids: Sequence[int], *, vectors: bool) -> list[StoredChunk]:
        """In the given order; ids that do not live in this generation are skipped."""
        alive = self._live.mask(np.asarray(chunk_ids, dtype=np.int64).reshape(-1))
        wanted = [chunk_id for chunk_id, lives in zip(chunk_ids, alive, strict=True) if lives]
        chunks: dict[int, StoredChunk] = {}
        for begin in range(0, len(wanted), _BATCH):
            rows = self._chunk_rows(wanted[begin : begin + _BATCH], vectors=vectors)
            chunks.update((chunk.chunk_id, chunk) for chunk in self._assemble(rows, vectors=vectors))
        for chunk_id in wanted:
            if chunk_id not in chunks:
                raise damaged_row("catalog.sqlite", f"the row of chunk {chunk_id} is missing")
        return [chunks[chunk_id] for chunk_id in wanted]

    def _chunk_rows(self, chunk_ids: Sequence[int], *, vectors: bool) -> list[ChunkRow]:
        if vectors:
            sql = (
                f"SELECT {CHUNK_COLUMNS}, e.passage_hash, e.chunk, e.sentences, e.crc FROM chunks c"
                " JOIN embeddings e ON e.embedding_id = c.embedding_id"
            )
        else:
            sql = f"SELECT {CHUNK_COLUMNS}, x'', x'', x'', 0 FROM chunks c"
        with self._pool.borrow() as connection:
            return connection.execute(
                f"{sql} WHERE c.chunk_id IN ({_marks(chunk_ids)})", list(chunk_ids)
            ).fetchall()

    def _assemble(self, rows: Sequence[ChunkRow], *, vectors: bool) -> list[StoredChunk]:
        for row in rows:
            check_crc(row[:9], row[9], f"catalog.sqlite: chunk {row[0]}")
            if vectors:
                check_crc(row[10:13], row[13], f"catalog.sqlite: the embedding of chunk {row[0]}")
        documents = self.documents_of(row[1] for row in rows)
        blocks = self._blocks([block for row in rows for block in _blocks_of(row)])
        chunk_rows = chunk_vectors([row[11] for row in rows], self._dimension)
        if not vectors:
            chunk_rows = np.zeros((len(rows), 0), dtype=np.float32)
        sentence_rows = sentence_vectors([row[12] for row in rows], self._dimension)
        return [
            _stored_chunk(row, documents[row[1]], blocks, chunk_rows[number], sentence_rows[number])
            for number, row in enumerate(rows)
        ]

    def _added(self, version_id: int) -> int:
        row = self._live.row_of(version_id)
        if row is None:
            raise damaged_row("catalog.sqlite", f"document version {version_id} is not of this generation")
        return int(self._live.added[row])

    def _remember(self, documents: dict[int, StoredDocument]) -> None:
        if len(self._documents) + len(documents) > _CACHED_DOCUMENTS:
            self._documents = {}
        self._documents.update(documents)


def _blocks_of(row: ChunkRow) -> range:
    return _blocks_between(row[1], row[4], max(row[5], row[4] + 1))


def _blocks_between(version_id: int, start: int, end: int) -> range:
    """Ids of the text blocks that hold code points `[start, end)` of a version; none for an empty stretch."""
    origin = version_id * BLOCKS_PER_VERSION
    if end <= start:
        return range(0)
    return range(origin + start // BLOCK_CHARACTERS, origin + (end - 1) // BLOCK_CHARACTERS + 1)


def _stored_chunk(
    row: ChunkRow,
    document: StoredDocument,
    blocks: dict[int, str],
    vector: np.ndarray[tuple[int], np.dtype[np.float32]],
    sentences: np.ndarray[tuple[int, int], np.dtype[np.float32]],
) -> StoredChunk:
    chunk_id, _, _, ordinal, start, end, page, heading_path, spans, *_ = row
    numbers = _blocks_of(row)
    offset = (start // BLOCK_CHARACTERS) * BLOCK_CHARACTERS
    text = "".join(blocks[number] for number in numbers)[start - offset : end - offset]
    return StoredChunk(
        chunk_id=chunk_id,
        document=document,
        ordinal=ordinal,
        start=start,
        end=end,
        text=text,
        heading_path=heading_path_from(heading_path),
        page=page,
        sentences=spans_from_bytes(spans, start),
        vector=vector,
        sentence_vectors=sentences,
    )


def _languages(connection: sqlite3.Connection, version_ids: Sequence[int]) -> dict[int, str]:
    if not has_structures(connection):
        return {}
    sql = f"SELECT version_id, language FROM structures WHERE version_id IN ({_marks(version_ids)})"
    return dict(connection.execute(sql, version_ids))


def _stored_blocks(connection: sqlite3.Connection, version_ids: Sequence[int]) -> dict[int, StoredBlocks]:
    """Raises IndexDamaged for blocks that are not those that were written."""
    if not has_structures(connection):
        return {}
    sql = f"SELECT version_id, language, blocks, crc FROM structures WHERE version_id IN ({_marks(version_ids)})"
    found: dict[int, StoredBlocks] = {}
    for *row, crc in connection.execute(sql, version_ids):
        check_crc(row, crc, f"catalog.sqlite: the blocks of document version {row[0]}")
        found[row[0]] = StoredBlocks(row[2])
    return found


def has_structures(connection: sqlite3.Connection) -> bool:
    """False in a catalog of the first schema that no writer has opened since."""
    return bool(connection.execute("PRAGMA user_version").fetchone()[0] > 1)


def _marks(values: Sequence[object]) -> str:
    return ",".join("?" * len(values))
