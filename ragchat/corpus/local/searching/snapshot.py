"""An open, immutable snapshot of a collection: search by meaning and by words, filters, documents, chunks.

Opening checks that the files are the published ones and that rows, vectors and words agree in number. Everything is
thread-safe; FAISS, tantivy and SQLite release the GIL, so that threads search side by side.
"""

import random
from collections.abc import Collection, Mapping, Sequence
from copy import copy
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import numpy as np

from ragchat.corpus.filtering import both, common_tags
from ragchat.corpus.first_stage import worth_reading
from ragchat.corpus.intake import unit_query
from ragchat.corpus.local.catalog.catalog import CATALOG_NAME, ReaderPool
from ragchat.corpus.local.catalog.live import Ranges, Selection
from ragchat.corpus.local.catalog.reading import RowReader
from ragchat.corpus.local.files.failures import damaged, damaged_row
from ragchat.corpus.local.files.files import Flock
from ragchat.corpus.local.files.manifest import Manifest
from ragchat.corpus.local.files.tuning import Tuning
from ragchat.corpus.local.searching.integrity import BackgroundCheck, check_files
from ragchat.corpus.local.searching.purged import Purged, without_purged
from ragchat.corpus.local.searching.selection import FilterKey, filter_key, select
from ragchat.corpus.local.segments.helpers import Helpers
from ragchat.corpus.local.segments.vectors import VectorIndex
from ragchat.corpus.local.words.lexical import LexicalIndex
from ragchat.corpus.refusals import no_such_document, other_embedder
from ragchat.corpus.values import Filters, Found, Place, StoredChunk, StoredDocument, Structure, View, Wanted
from ragchat.documents import Document
from ragchat.models.embedder import EmbedderSpec, Vectors

_CACHED_SELECTIONS: Final = 64
_AVERAGED: Final = 65_536
"""Vectors from which the mean of a generation is taken at most."""
_LAST: Final = "\U0010ffff"


class LocalSnapshot:
    """Made by `LocalStore.open`; `close` (or leaving the block) lets pruning have it."""

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
        # A candidate is not listed yet; it is the writer's own, who purges nothing meanwhile.
        self.purged = Purged(self._pool, self.number, live) if pin is not None else None
        self._selections: dict[tuple[FilterKey, int], Selection] = {}
        self._owned = True
        self.view = View()
        self._seen: Selection | None = None
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
        if not self._owned:
            return
        if self.check is not None:
            self.check.stop()
        if self._pin is not None:
            self._pin.release()
        self._helpers.close()
        self._pool.close()

    @without_purged
    def narrowed(self, view: View) -> "LocalSnapshot":
        """The same generation as a caller may see it: shares all that is open; closing it closes nothing."""
        narrow = copy(self)
        narrow.view = View(common_tags(self.view.acl, view.acl))
        narrow._seen = narrow.select(Filters())
        if narrow._seen is not None:
            narrow.chunk_count, narrow.document_count = narrow._seen.count, len(narrow._seen.ranges)
        narrow._owned = False
        return narrow

    def require_embedder(self, spec: EmbedderSpec) -> None:
        """Raises WrongEmbedder unless `spec` made the vectors of this generation."""
        if spec.key != self.embedder.key:
            raise other_embedder(self.collection, self.embedder, spec)

    # Searching

    @without_purged
    def find(self, wanted: Wanted) -> Found:
        """See the contract. Side by side where there is enough to search."""
        self._raise_if_damaged()
        allowed = self.select(wanted.filters)
        if not self._side_by_side:
            near = self.vectors.search(wanted.vector, wanted.hits, allowed)
            worded = self.words.match_terms(wanted.terms, wanted.hits, allowed)
        else:
            words = self._helpers.start(self.words.match_terms, wanted.terms, wanted.hits, allowed)
            near = self.vectors.search(wanted.vector, wanted.hits, allowed)
            worded = words.result()
        floor = float(self.typical @ unit_query(wanted.vector, self.embedder.dimension))
        chunks = self.chunks(worth_reading(near, worded, floor)[: wanted.read])
        structures = self.structures({chunk.document.id for chunk in chunks})
        return Found(tuple(near), tuple(worded), floor, tuple(chunks), structures)

    @cached_property
    def typical(self) -> Vectors:
        """float32 (dim,): the mean of all chunk vectors, as stored when it was published."""
        if self.manifest.mean is not None:
            return np.asarray(self.manifest.mean, dtype=np.float32)
        return mean_of(self.vectors, self.live)

    def select(self, filters: Filters) -> Selection | None:
        """What `filters` let through of what is seen, remembered for the generation; None means everything."""
        filters = both(filters, self.view)
        gone = 0 if self.purged is None else len(self.purged.versions)
        if filters.empty and not gone:
            return None
        key = filter_key(filters), gone
        found = self._selections.get(key)
        if found is None:
            with self._pool.borrow() as connection:
                found = select(connection, self._left(self.live), filters)
            if len(self._selections) >= _CACHED_SELECTIONS:
                self._selections.clear()
            self._selections[key] = found
        return found

    def idf(self, terms: Collection[str]) -> dict[str, float]:
        """See the contract."""
        return {term: self.words.idf(term) for term in terms}

    def count(self, filters: Filters) -> int:
        """Chunks that the filters let through."""
        allowed = self.select(filters)
        return self.live.count if allowed is None else allowed.count

    # Reading

    @without_purged
    def chunks(self, chunk_ids: Sequence[int], *, vectors: bool = True) -> list[StoredChunk]:
        """In the given order; ids not in this generation are skipped. Without `vectors` their arrays are empty."""
        seen = self._visible
        if seen is not self.live:
            kept = seen.mask(np.asarray(chunk_ids, dtype=np.int64).reshape(-1))
            chunk_ids = [chunk_id for chunk_id, one in zip(chunk_ids, kept, strict=True) if one]
        chunks = self.rows.chunks(chunk_ids, vectors=vectors)
        for document in {chunk.document.id: chunk.document for chunk in chunks}.values():
            self._require_visible(document)
        return chunks

    @without_purged
    def read(self, places: Sequence[Place]) -> list[str]:
        """The characters of each place, cut to the document's length. Raises NotFound."""
        versions = self._versions({place.document_id for place in places})
        documents = self.rows.documents_of(versions.values())
        for document in documents.values():
            self._require_visible(document)
        cut: list[tuple[int, int, int]] = []
        for place in places:
            version_id = versions[place.document_id]
            cut.append((version_id, max(place.start, 0), min(place.end, documents[version_id].length)))
        return self.rows.texts(cut)

    @without_purged
    def structures(self, document_ids: Collection[str]) -> dict[str, Structure]:
        """How each of the documents is built. Raises NotFound."""
        versions = self._versions(document_ids)
        found = self.rows.structures_of(versions.values())
        return {document_id: found[version_id] for document_id, version_id in versions.items()}

    @without_purged
    def document(self, document_id: str) -> StoredDocument:
        """Raises NotFound."""
        document = self.rows.document(self._version(document_id))
        self._require_visible(document)
        return document

    def document_by_key(self, key: str) -> StoredDocument | None:
        """The document with this key (of the first root that has it)."""
        found = self.documents(after=key, after_id="", limit=1)
        return found[0] if found and found[0].key == key else None

    @without_purged
    def documents(self, *, after: str = "", limit: int = 100, after_id: str = _LAST) -> list[StoredDocument]:
        """A page ordered by (key, id), behind `after`; pass the last document's id too where roots share keys."""
        page = self.rows.page(after, after_id if after else "", limit, self._visible)
        for document in page:
            self._require_visible(document)
        return page

    @without_purged
    def read_document(self, document_id: str) -> Document:
        """The document as it was extracted. Raises NotFound."""
        version_id, stored = self._version(document_id), self.document(document_id)
        structure = self.rows.structures_of([version_id])[version_id]
        return Document(
            id=stored.id,
            collection=self.collection,
            key=stored.key,
            uri=stored.uri,
            title=stored.title,
            media_type=stored.media_type,
            content_hash=stored.version,
            text=self.rows.text(version_id, 0, stored.length),
            pages=structure.pages,
            headings=structure.headings,
            metadata=stored.metadata,
            acl=stored.acl,
            blocks=tuple(structure.blocks),
            language=stored.language,
        )

    def document_chunks(self, document_id: str, *, vectors: bool = True) -> list[StoredChunk]:
        """Every chunk of a document, in order. Raises NotFound."""
        return self.chunks(self.live.range_of(self._version(document_id)), vectors=vectors)

    @without_purged
    def sample(self, count: int, seed: int, *, vectors: bool = True) -> list[StoredChunk]:
        """`count` chunks (or all) drawn without replacement, the same for the same generation, view and seed."""
        seen = self._visible
        ends = np.cumsum(seen.counts)
        drawn = random.Random(seed).sample(range(seen.count), min(count, seen.count))  # noqa: S311
        rows = np.searchsorted(ends, drawn, side="right")
        ids = seen.first[rows] + np.asarray(drawn, dtype=np.int64) - (ends - seen.counts)[rows]
        return self.chunks(ids.tolist(), vectors=vectors)

    def _version(self, document_id: str) -> int:
        """Raises NotFound for a document that is not of this generation or not of this view."""
        return self._versions([document_id])[document_id]

    def _versions(self, document_ids: Collection[str]) -> dict[str, int]:
        versions, seen = self.rows.versions_of(document_ids), self._visible
        for document_id, version_id in versions.items():
            if seen.row_of(version_id) is None:
                raise no_such_document(document_id)
        return versions

    @property
    def _visible(self) -> Ranges:
        """The documents of the view, without those that a purge took meanwhile."""
        return self._left(self.live if self._seen is None else self._seen.ranges)

    def _left(self, ranges: Ranges) -> Ranges:
        return ranges if self.purged is None else self.purged.left_of(ranges)

    def _require_visible(self, document: StoredDocument) -> None:
        """The filter's tags are rows of their own; what is handed out goes by the document's, which has a checksum."""
        if self.view.acl is not None and document.acl and not set(document.acl) & set(self.view.acl):
            raise damaged(
                "catalog.sqlite, filter tags", f"those of document {document.id!r} are not those of its ACL"
            )

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


def mean_of(vectors: VectorIndex, live: Ranges) -> Vectors:
    """float32 (dim,): the mean of the living vectors, of evenly spaced ones where there are many; zero for none."""
    ids = live.chunk_ids
    if not len(ids):
        return np.zeros(vectors.dimension, dtype=np.float32)
    ids = ids[:: -(-len(ids) // _AVERAGED)]
    mean: Vectors = vectors.read(ids).mean(axis=0, dtype=np.float64).astype(np.float32)
    return mean
