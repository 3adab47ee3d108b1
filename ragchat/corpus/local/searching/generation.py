"""An open, immutable snapshot of a collection: search by meaning and by words, filters, documents, chunks.

Opening checks that the files are the published ones and that rows, vectors and words agree in number. Everything is
thread-safe; FAISS, tantivy and SQLite release the GIL, so that threads search side by side.
"""

import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import numpy as np

from ragchat.documents import Document, heading_path, page_at
from ragchat.errors import WrongEmbedder
from ragchat.corpus.local.catalog.catalog import CATALOG_NAME, ReaderPool
from ragchat.corpus.local.files.failures import damaged_row
from ragchat.corpus.local.files.files import Flock
from ragchat.corpus.local.segments.helpers import Helpers
from ragchat.corpus.local.searching.integrity import BackgroundCheck, check_files
from ragchat.corpus.local.words.lexical import LexicalIndex
from ragchat.corpus.local.catalog.live import Ranges, Selection
from ragchat.corpus.local.files.manifest import Manifest
from ragchat.corpus.local.catalog.reading import RowReader
from ragchat.corpus.local.catalog.selection import FilterKey, filter_key, select
from ragchat.corpus.local.files.tuning import Tuning
from ragchat.corpus.values import Filters, Hit, StoredChunk, StoredDocument
from ragchat.corpus.local.segments.vectors import VectorIndex
from ragchat.models.embedder import EmbedderSpec, Vectors

_CACHED_SELECTIONS: Final = 64
_LAST: Final = "\U0010ffff"


class Generation:
    """Made by `IndexHome.open`; `close` (or leaving the block) lets pruning have it."""

    def __init__(
        self, home: Path, directory: Path, manifest: Manifest, live: Ranges, tuning: Tuning, pin: Flock | None
    ) -> None:
        """`home` holds the catalog, `directory` the files. Raises IndexDamaged."""
        self.number = manifest.number
        self.collection = manifest.collection
        self.embedder: EmbedderSpec = manifest.embedder
        self.chunk_count = manifest.chunks
        self.document_count = manifest.documents
        self.settings: Mapping[str, float] = dict(manifest.settings)
        self.language = manifest.language
        self.directory = directory
        self.manifest = manifest
        self.live = live
        self._pin = pin
        _check_counts(manifest, live)
        small = sum(entry.size for entry in manifest.files.values()) <= tuning.hash_on_open_bytes
        check_files(directory, manifest, whole=small)
        self._helpers = Helpers()
        self._side_by_side = manifest.chunks >= tuning.rows_a_thread
        self.vectors = VectorIndex.open(
            directory / "vectors",
            manifest.segments,
            live,
            manifest.embedder.dimension,
            tuning,
            self._helpers,
        )
        self.words = LexicalIndex(
            directory / "lexical", chunks=manifest.chunks, language=manifest.language, tuning=tuning
        )
        self._pool = ReaderPool(home / CATALOG_NAME)
        self.rows = RowReader(self._pool, live, manifest.embedder.dimension)
        self._selections: dict[FilterKey, Selection] = {}
        self.check = None if small else BackgroundCheck(directory, manifest)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Releases the pin. Idempotent; searches under way in other threads end undisturbed."""
        if self.check is not None:
            self.check.stop()
        if self._pin is not None:
            self._pin.release()
        self._helpers.close()
        self._pool.close()

    def require_embedder(self, spec: EmbedderSpec) -> None:
        """Raises WrongEmbedder unless `spec` made the vectors of this generation."""
        if spec.key != self.embedder.key:
            raise WrongEmbedder(
                f"Collection {self.collection!r} was built with {self.embedder.key}; this is {spec.key}.",
                hint="Set RAGCHAT_EMBEDDINGS to the former, or ingest the documents again with the latter.",
            )

    # Searching

    def nearest(self, vector: Vectors, limit: int, allowed: Selection | None = None) -> list[Hit]:
        """Chunks by cosine with `vector` (float32 (dim,)), best first. Raises WrongEmbedder for a wrong or NaN one."""
        self._raise_if_damaged()
        return self.vectors.search(vector, limit, allowed)

    def match(self, query: str, limit: int, allowed: Selection | None = None) -> list[Hit]:
        """Chunks by BM25 over title, headings and text, best first; any string is a query."""
        self._raise_if_damaged()
        return self.words.match(query, limit, allowed)

    def match_terms(
        self, weights: Mapping[str, float], limit: int, allowed: Selection | None = None
    ) -> list[Hit]:
        """The same for analysed terms, each with its own weight."""
        self._raise_if_damaged()
        return self.words.match_terms(weights, limit, allowed)

    def find(
        self, vector: Vectors, weights: Mapping[str, float], limit: int, allowed: Selection | None = None
    ) -> tuple[list[Hit], list[Hit]]:
        """`nearest` and `match_terms` at once, side by side where there is enough to search."""
        if not self._side_by_side:
            return self.nearest(vector, limit, allowed), self.match_terms(weights, limit, allowed)
        words = self._helpers.start(self.match_terms, weights, limit, allowed)
        return self.nearest(vector, limit, allowed), words.result()

    def select(self, filters: Filters) -> Selection | None:
        """What `filters` let through, remembered for the generation; None means everything."""
        if filters.empty:
            return None
        key = filter_key(filters)
        found = self._selections.get(key)
        if found is None:
            with self._pool.borrow() as connection:
                found = select(connection, self.live, filters)
            if len(self._selections) >= _CACHED_SELECTIONS:
                self._selections = {}
            self._selections[key] = found
        return found

    def idf(self, term: str) -> float:
        """Inverse document frequency of an analysed term over chunks (BM25's, always positive)."""
        return self.words.idf(term)

    # Reading

    def chunks(self, chunk_ids: Sequence[int], *, vectors: bool = True) -> list[StoredChunk]:
        """In the given order; ids not in this generation are skipped. Without `vectors` their arrays are empty."""
        return self.rows.chunks(chunk_ids, vectors=vectors)

    def neighbours(self, chunk: StoredChunk, radius: int = 1, *, vectors: bool = True) -> list[StoredChunk]:
        """Chunks of the same document at most `radius` places away, in order, without the chunk itself."""
        first = chunk.chunk_id - chunk.ordinal
        ids = range(max(first, chunk.chunk_id - radius), chunk.chunk_id + radius + 1)
        last = first + chunk.document.chunk_count
        wanted = [chunk_id for chunk_id in ids if chunk_id != chunk.chunk_id and chunk_id < last]
        return self.rows.chunks(wanted, vectors=vectors)

    def document(self, document_id: str) -> StoredDocument:
        """Raises NotFound."""
        return self.rows.document(self.rows.version_of(document_id))

    def document_by_key(self, key: str) -> StoredDocument | None:
        """The document with this key (of the first root that has it)."""
        return self.rows.by_key(key)

    def documents(self, *, after: str = "", limit: int = 100, after_id: str = _LAST) -> list[StoredDocument]:
        """A page ordered by (key, id), behind `after`; pass the last document's id too where roots share keys."""
        return self.rows.page(after, after_id if after else "", limit)

    def read_document(self, document_id: str) -> Document:
        """The document as it was extracted. Raises NotFound."""
        version_id = self.rows.version_of(document_id)
        stored = self.rows.document(version_id)
        pages, headings = self.rows.structure_of(version_id)
        return Document(
            id=stored.id,
            collection=self.collection,
            key=stored.key,
            uri=stored.uri,
            title=stored.title,
            media_type=stored.media_type,
            content_hash=stored.version,
            text=self.rows.text(version_id, 0, stored.length),
            pages=pages,
            headings=headings,
            metadata=stored.metadata,
            acl=stored.acl,
        )

    def place(self, document_id: str, offset: int) -> tuple[int | None, tuple[str, ...]]:
        """The page and the headings in force at an offset of the canonical text. Raises NotFound."""
        pages, headings = self.rows.structure_of(self.rows.version_of(document_id))
        return page_at(pages, offset), heading_path(headings, offset)

    def text(self, document_id: str, start: int = 0, end: int | None = None) -> str:
        """Code points `[start, end)` of the canonical text, cut to its length. Raises NotFound."""
        version_id = self.rows.version_of(document_id)
        length = self.rows.document(version_id).length
        return self.rows.text(version_id, max(start, 0), length if end is None else min(end, length))

    def document_chunks(self, document_id: str, *, vectors: bool = True) -> list[StoredChunk]:
        """Every chunk of a document, in order. Raises NotFound."""
        return self.rows.chunks(self.live.range_of(self.rows.version_of(document_id)), vectors=vectors)

    def sample(self, count: int, seed: int, *, vectors: bool = True) -> list[StoredChunk]:
        """`count` chunks (or all) drawn without replacement, the same for the same generation and seed."""
        ends = np.cumsum(self.live.counts)
        drawn = random.Random(seed).sample(range(self.chunk_count), min(count, self.chunk_count))  # noqa: S311
        rows = np.searchsorted(ends, drawn, side="right")
        ids = self.live.first[rows] + np.asarray(drawn) - (ends - self.live.counts)[rows]
        return self.rows.chunks(ids.tolist(), vectors=vectors)

    def _raise_if_damaged(self) -> None:
        if self.check is not None:
            self.check.raise_if_damaged()


def _check_counts(manifest: Manifest, live: Ranges) -> None:
    for name, found, wanted in (
        ("documents", len(live), manifest.documents),
        ("chunks", live.count, manifest.chunks),
    ):
        if found != wanted:
            raise damaged_row("catalog.sqlite", f"{found} {name}, the manifest says {wanted}")
