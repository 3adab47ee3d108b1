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

from ragchat.corpus.local.catalog.seals import get_meta, set_meta
from ragchat.corpus.local.catalog.inserts import embedding_of, insert_chunk, insert_version
from ragchat.corpus.local.catalog.rows import document_row
from ragchat.corpus.local.files.failures import sqlite
from ragchat.corpus.refusals import not_unicode
from ragchat.corpus.values import FileStat
from ragchat.documents import Chunk, Document
from ragchat.errors import DocumentFailed, StorageFailed
from ragchat.models.embedder import EmbedderSpec, PassageVectors, Vectors, passage_of

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
            insert_version(self._connection, staged.version_id, row, document, stat)
            for number, chunk in enumerate(chunks):
                passage = passage_of(document, chunk)
                embedding_id = embedding_of(self._connection, passage, vectors[number], embedder_id)
                insert_chunk(
                    self._connection, staged.first_chunk + number, staged.version_id, embedding_id, chunk
                )
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
                "UPDATE stats SET size = ?, mtime_ns = ?, changed_ns = ? WHERE version_id = ?",
                (stat.size, stat.mtime_ns, stat.changed_ns, version_id),
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

    def drop(self) -> None:
        """Takes back what was not committed yet; nothing more can be staged."""
        self._broken = True
        if self._connection.in_transaction:
            with suppress(sqlite3.Error):
                self._connection.execute("ROLLBACK")

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
                raise not_unicode(uri, error) from error
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
            self.drop()
            raise


def rounded(vectors: Sequence[PassageVectors], dimension: int) -> Vectors:
    """Chunk vectors as the catalog keeps them (float16), so that files built now and rebuilt later are the same."""
    if not vectors:
        return np.zeros((0, dimension), dtype=np.float32)
    return np.stack([each.chunk for each in vectors]).astype(np.float16).astype(np.float32)
