"""What the catalog has already, as a writer asks for it: roots, documents of the base, cached embeddings."""

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from ragchat.corpus.local.catalog.live import Ranges
from ragchat.corpus.local.catalog.rows import check_crc, chunk_vectors, passage_hash, sentence_vectors
from ragchat.corpus.local.files.failures import sqlite
from ragchat.corpus.values import KnownDocument
from ragchat.models.embedder import Passage, PassageVectors

_BATCH: Final = 500


class Known:
    """Reads on the writer's connection, so that it sees what was staged in this run. Not thread-safe."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self._path = path

    def roots(self, live: Ranges) -> list[str]:
        """Roots that have living documents, sorted."""
        with sqlite(self._path):
            rows = self._connection.execute("SELECT root, version_id FROM versions").fetchall()
        return sorted({root for root, version_id in rows if live.row_of(version_id) is not None})

    def documents(self, root: str, live: Ranges, embedder_id: int | None) -> Iterator[KnownDocument]:
        """Living documents of a root, in no particular order; read in batches, so that staging may go on meanwhile."""
        after = 0
        while True:
            with sqlite(self._path):
                rows = self._connection.execute(
                    "SELECT v.version_id, v.document_id, v.key, v.content_hash, s.size, s.mtime_ns,"
                    " v.options_hash, v.embedder_id, s.changed_ns FROM versions v JOIN stats s USING (version_id)"
                    " WHERE v.root = ? AND v.version_id > ? ORDER BY v.version_id LIMIT ?",
                    (root, after, _BATCH),
                ).fetchall()
            if not rows:
                return
            after = rows[-1][0]
            for version_id, name, key, content_hash, size, mtime, options_hash, made_by, changed in rows:
                if live.row_of(version_id) is not None:
                    usable = options_hash if embedder_id in (None, made_by) else ""
                    yield KnownDocument(name, key, content_hash, size, mtime, usable, changed)

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
