"""Rows of documents on their way in: written in bounded transactions, invisible until a publish gives them membership.

Knows the tables, not the files. Ids of versions and chunks only grow, so that an id never means two things.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from ragchat.documents import Chunk, Document
from ragchat.errors import DocumentFailed, StorageFailed
from ragchat.index.catalog import get_meta, set_meta
from ragchat.index.failures import sqlite
from ragchat.index.live import Ranges
from ragchat.index.manifest import canonical_json
from ragchat.index.rows import (
    DOCUMENT_COLUMNS,
    Value,
    block_rows,
    check_crc,
    chunk_vectors,
    crc_of,
    document_row,
    passage_hash,
    sentence_vectors,
    spans_to_bytes,
    tag_rows,
    vectors_to_blobs,
)
from ragchat.index.types import FileStat, KnownDocument
from ragchat.models.embedder import EmbedderSpec, Passage, PassageVectors, Vectors, passage_of

_BATCH: Final = 500
_STAGED_CHARACTERS: Final = 8_000_000


@dataclass(frozen=True, slots=True)
class StagedVersion:
    """A new version's place: its chunk ids are `[first_chunk, first_chunk + chunk_count)`."""

    version_id: int
    first_chunk: int
    chunk_count: int


class Staging:
    """The writer's connection while rows stream in. Not thread-safe."""

    def __init__(self, connection: sqlite3.Connection, path: Path, batch_documents: int) -> None:
        self._connection = connection
        self._path = path
        self._batch_documents = batch_documents
        self._broken = False
        self._documents = self._characters = 0
        with sqlite(path):
            self._next_version = get_meta(connection, "next_version") or 1
            self._next_chunk = get_meta(connection, "next_chunk") or 1

    def embedder_id(self, spec: EmbedderSpec) -> int:
        """The row of a spec, made when it is new."""
        self._begin()
        with sqlite(self._path):
            self._connection.execute(
                "INSERT INTO embedders (key, name, revision, dimension, normalized) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT (key) DO NOTHING",
                (spec.key, spec.name, spec.revision, spec.dimension, spec.normalized),
            )
            row = self._connection.execute(
                "SELECT embedder_id FROM embedders WHERE key = ?", (spec.key,)
            ).fetchone()
        return int(row[0])

    def roots(self, live: Ranges) -> list[str]:
        """Roots that have living documents, sorted."""
        with sqlite(self._path):
            rows = self._connection.execute("SELECT root, version_id FROM versions").fetchall()
        return sorted({root for root, version_id in rows if live.row_of(version_id) is not None})

    def known(self, root: str, live: Ranges, embedder_id: int | None) -> Iterator[KnownDocument]:
        """Living documents of a root, in no particular order; read in batches, so that staging may go on meanwhile."""
        after = 0
        while True:
            with sqlite(self._path):
                rows = self._connection.execute(
                    "SELECT v.version_id, v.document_id, v.key, v.content_hash, s.size, s.mtime_ns,"
                    " v.options_hash, v.embedder_id FROM versions v JOIN stats s USING (version_id)"
                    " WHERE v.root = ? AND v.version_id > ? ORDER BY v.version_id LIMIT ?",
                    (root, after, _BATCH),
                ).fetchall()
            if not rows:
                return
            after = rows[-1][0]
            for version_id, document_id, key, content_hash, size, mtime_ns, options_hash, made_by in rows:
                if live.row_of(version_id) is not None:
                    usable = options_hash if embedder_id in (None, made_by) else ""
                    yield KnownDocument(document_id, key, content_hash, size, mtime_ns, usable)

    def living_version(self, document_id: str, live: Ranges) -> int | None:
        """The version of a document in the base generation."""
        with sqlite(self._path):
            rows = self._connection.execute(
                "SELECT version_id FROM versions WHERE document_id = ?", (document_id,)
            ).fetchall()
        return next((version_id for (version_id,) in rows if live.row_of(version_id) is not None), None)

    def cached(
        self, passages: Sequence[Passage], embedder_id: int, dimension: int
    ) -> list[PassageVectors | None]:
        """Embeddings that are stored already, in the order of `passages`."""
        hashes = [passage_hash(passage) for passage in passages]
        found: dict[bytes, PassageVectors] = {}
        for begin in range(0, len(hashes), _BATCH):
            batch = sorted(set(hashes[begin : begin + _BATCH]))
            marks = ",".join("?" * len(batch))
            with sqlite(self._path):
                rows = self._connection.execute(
                    "SELECT passage_hash, chunk, sentences, crc FROM embeddings"
                    f" WHERE embedder_id = ? AND passage_hash IN ({marks})",
                    (embedder_id, *batch),
                ).fetchall()
            for row in rows:
                check_crc(row[:3], row[3], "catalog.sqlite: a cached embedding")
            chunks = chunk_vectors([row[1] for row in rows], dimension)
            sentences = sentence_vectors([row[2] for row in rows], dimension)
            found.update(
                (row[0], PassageVectors(chunks[number], sentences[number])) for number, row in enumerate(rows)
            )
        return [found.get(digest) for digest in hashes]

    def insert(
        self,
        root: str,
        document: Document,
        chunks: Sequence[Chunk],
        vectors: Sequence[PassageVectors],
        stat: FileStat,
        *,
        options_hash: str,
        embedder_id: int,
    ) -> StagedVersion:
        """Writes a version with its text, chunks and embeddings; `vectors` are unit length and checked."""
        self._begin()
        staged = StagedVersion(self._next_version, self._next_chunk, len(chunks))
        with self._writing(document.uri):
            row = document_row(
                document, root, options_hash, embedder_id, staged.first_chunk, staged.chunk_count
            )
            self._insert_version(staged.version_id, row, document, stat)
            for number, chunk in enumerate(chunks):
                embedding_id = self._embedding(passage_of(document, chunk), vectors[number], embedder_id)
                self._insert_chunk(staged.first_chunk + number, staged.version_id, embedding_id, chunk)
        self._next_version += 1
        self._next_chunk += len(chunks)
        self._documents += 1
        self._characters += len(document.text)
        if self._documents >= self._batch_documents or self._characters >= _STAGED_CHARACTERS:
            self.commit()
        return staged

    def touch(self, version_id: int, stat: FileStat) -> None:
        """Same bytes, new facts from the file system; true whether or not this run publishes."""
        self._begin()
        with self._noticing_failure():
            self._connection.execute(
                "UPDATE stats SET size = ?, mtime_ns = ? WHERE version_id = ?",
                (stat.size, stat.mtime_ns, version_id),
            )

    def commit(self) -> None:
        """Makes what was staged readable by other connections (still without membership)."""
        if self._broken or not self._connection.in_transaction:
            return
        with self._noticing_failure():
            set_meta(self._connection, "next_version", self._next_version)
            set_meta(self._connection, "next_chunk", self._next_chunk)
            self._connection.execute("COMMIT")
        self._documents = self._characters = 0

    def _begin(self) -> None:
        if self._broken:
            raise StorageFailed(
                f"Nothing more can be staged in {self._path.parent.name!r}: an earlier write failed.",
                hint="Run the same command again.",
            )
        if not self._connection.in_transaction:
            with self._noticing_failure():
                self._connection.execute("PRAGMA synchronous=NORMAL")
                self._connection.execute("BEGIN IMMEDIATE")

    @contextmanager
    def _writing(self, uri: str) -> Iterator[None]:
        """All rows of one document or none of them."""
        with self._noticing_failure():
            self._connection.execute("SAVEPOINT document")
            try:
                yield
            except UnicodeEncodeError as error:
                self._connection.execute("ROLLBACK TO document")
                self._connection.execute("RELEASE document")
                raise _not_unicode(uri, error) from error
            self._connection.execute("RELEASE document")

    @contextmanager
    def _noticing_failure(self) -> Iterator[None]:
        """SQLite may have rolled back more than the failed statement: nothing of this run may be published then."""
        try:
            with sqlite(self._path):
                yield
        except DocumentFailed:
            raise
        except BaseException:
            self._broken = True
            if self._connection.in_transaction:
                with suppress(sqlite3.Error):
                    self._connection.execute("ROLLBACK")
            raise

    def _insert_version(
        self, version_id: int, row: Sequence[Value], document: Document, stat: FileStat
    ) -> None:
        marks = ",".join("?" * (len(row) + 2))
        execute, executemany = self._connection.execute, self._connection.executemany
        execute(
            f"INSERT INTO versions (version_id, {DOCUMENT_COLUMNS}, crc) VALUES ({marks})",
            (version_id, *row, crc_of(row)),
        )
        execute("INSERT INTO stats VALUES (?, ?, ?)", (version_id, stat.size, stat.mtime_ns))
        tags = [(version_id, *tag) for tag in tag_rows(document)]
        executemany("INSERT OR IGNORE INTO tags VALUES (?, ?, ?, ?)", tags)
        executemany("INSERT INTO blocks VALUES (?, ?, ?, ?)", block_rows(version_id, document.text))

    def _embedding(self, passage: Passage, vectors: PassageVectors, embedder_id: int) -> int:
        digest = passage_hash(passage)
        blobs = vectors_to_blobs(vectors)
        self._connection.execute(
            "INSERT INTO embeddings (embedder_id, passage_hash, chunk, sentences, crc) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (embedder_id, passage_hash) DO NOTHING",
            (embedder_id, digest, *blobs, crc_of((digest, *blobs))),
        )
        row = self._connection.execute(
            "SELECT embedding_id FROM embeddings WHERE embedder_id = ? AND passage_hash = ?",
            (embedder_id, digest),
        ).fetchone()
        return int(row[0])

    def _insert_chunk(self, chunk_id: int, version_id: int, embedding_id: int, chunk: Chunk) -> None:
        row = (
            chunk_id,
            version_id,
            embedding_id,
            chunk.ordinal,
            chunk.start,
            chunk.end,
            chunk.page,
            canonical_json(list(chunk.heading_path)).decode(),
            spans_to_bytes(chunk.sentences, chunk.start),
        )
        self._connection.execute(
            "INSERT INTO chunks VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", (*row, crc_of(row))
        )


def rounded(vectors: Sequence[PassageVectors], dimension: int) -> Vectors:
    """Chunk vectors as the catalog keeps them (float16), so that files built now and rebuilt later are the same."""
    if not vectors:
        return np.zeros((0, dimension), dtype=np.float32)
    return np.stack([each.chunk for each in vectors]).astype(np.float16).astype(np.float32)


def _not_unicode(uri: str, error: UnicodeEncodeError) -> DocumentFailed:
    return DocumentFailed(
        f"{uri!r} holds a lone surrogate (position {error.start}): it is no valid Unicode text.",
        hint="Save the file as UTF-8 and ingest it again.",
        code="bad_text",
    )
