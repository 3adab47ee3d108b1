"""One generation in memory as a caller may see it."""

import random
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from threading import RLock
from types import TracebackType
from typing import Final, Self

import numpy as np

from ragchat.corpus.filtering import both, common_tags, passes
from ragchat.corpus.first_stage import worth_reading
from ragchat.corpus.intake import unit_query
from ragchat.corpus.memory.state import Content, Generation, Version
from ragchat.corpus.refusals import no_such_document, other_embedder
from ragchat.corpus.values import (
    Filters,
    Found,
    Hit,
    Place,
    StoredChunk,
    StoredDocument,
    Structure,
    View,
    Wanted,
)
from ragchat.documents import Document
from ragchat.models.embedder import EmbedderSpec, Vectors

_LAST: Final = "\U0010ffff"


class MemorySnapshot:
    """Made by `MemoryStore.open`; counts among the generation's readers until it is closed."""

    def __init__(
        self, collection: str, generation: Generation, changing: RLock, view: View | None = None
    ) -> None:
        self._generation = generation
        self._changing = changing
        self._view = view or View()
        self._open = view is None  # a narrowed one is no reader of its own
        self.collection = collection
        self.number = generation.number
        self.embedder = generation.embedder
        self.settings: Mapping[str, float] = dict(generation.settings)
        self.language = generation.whole.language
        if self._open:
            with changing:
                generation.readers += 1
        self.document_count = len(self._seen)
        self.chunk_count = self.count(Filters())

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
        with self._changing:
            self._generation.readers -= self._open
            self._open = False

    def narrowed(self, view: View) -> "MemorySnapshot":
        narrow = View(common_tags(self._view.acl, view.acl))
        return MemorySnapshot(self.collection, self._generation, self._changing, narrow)

    def require_embedder(self, spec: EmbedderSpec) -> None:
        if spec.key != self.embedder.key:
            raise other_embedder(self.collection, self.embedder, spec)

    # Searching

    def find(self, wanted: Wanted) -> Found:
        content = self._content
        unit = unit_query(wanted.vector, self.embedder.dimension)
        allowed = self._allowed(wanted.filters)
        near = _nearest(content, unit, wanted.hits, allowed)
        worded = content.words.match(wanted.terms, wanted.hits, allowed)
        floor = float(content.mean @ unit)
        chunks = self.chunks(worth_reading(near, worded, floor)[: wanted.read])
        structures = self.structures({chunk.document.id for chunk in chunks})
        return Found(tuple(near), tuple(worded), floor, tuple(chunks), structures)

    def idf(self, terms: Collection[str]) -> dict[str, float]:
        return {term: self._content.words.idf(term) for term in terms}

    def count(self, filters: Filters) -> int:
        return sum(len(version.chunks) for version in self._passing(filters))

    # Reading

    def chunks(self, chunk_ids: Sequence[int], *, vectors: bool = True) -> list[StoredChunk]:
        allowed = self._allowed(Filters())
        stored = self._content.chunks
        found = [stored[i] for i in chunk_ids if i in stored and (allowed is None or i in allowed)]
        return found if vectors else [_without_vectors(chunk, self.embedder.dimension) for chunk in found]

    def read(self, places: Sequence[Place]) -> list[str]:
        return [self._version(p.document_id).document.text[max(p.start, 0) : max(p.end, 0)] for p in places]

    def structures(self, document_ids: Collection[str]) -> dict[str, Structure]:
        documents = [self._version(document_id).document for document_id in document_ids]
        return {each.id: Structure(each.pages, each.headings, each.blocks) for each in documents}

    def document(self, document_id: str) -> StoredDocument:
        return self._version(document_id).stored(self._content.added[document_id])

    def documents(self, *, after: str = "", limit: int = 100, after_id: str = _LAST) -> list[StoredDocument]:
        behind = (after, after_id if after else "")
        seen = sorted(self._seen.values(), key=lambda version: (version.document.key, version.document.id))
        page = [each.document.id for each in seen if (each.document.key, each.document.id) > behind]
        return [self.document(document_id) for document_id in page[: max(limit, 0)]]

    def document_by_key(self, key: str) -> StoredDocument | None:
        found = self.documents(after=key, after_id="", limit=1)
        return found[0] if found and found[0].key == key else None

    def document_chunks(self, document_id: str, *, vectors: bool = True) -> list[StoredChunk]:
        version = self._version(document_id)
        return self.chunks(
            range(version.first_chunk, version.first_chunk + len(version.chunks)), vectors=vectors
        )

    def read_document(self, document_id: str) -> Document:
        return self._version(document_id).document

    def sample(self, count: int, seed: int, *, vectors: bool = True) -> list[StoredChunk]:
        allowed = self._allowed(Filters())
        ids = [i for i in self._content.ids if allowed is None or i in allowed]
        return self.chunks(random.Random(seed).sample(ids, min(count, len(ids))), vectors=vectors)  # noqa: S311

    # What is seen

    @property
    def _content(self) -> Content:
        return self._generation.whole

    @property
    def _seen(self) -> dict[str, Version]:
        return {version.document.id: version for version in self._passing(Filters())}

    def _passing(self, filters: Filters) -> list[Version]:
        filters = both(filters, self._view)
        return [version for version in self._content.versions.values() if passes(version.stored(0), filters)]

    def _allowed(self, filters: Filters) -> frozenset[int] | None:
        """Ids of chunks; None for all."""
        if both(filters, self._view).empty:
            return None
        return frozenset(
            chunk_id
            for version in self._passing(filters)
            for chunk_id in range(version.first_chunk, version.first_chunk + len(version.chunks))
        )

    def _version(self, document_id: str) -> Version:
        """Raises NotFound."""
        version = self._content.versions.get(document_id)
        if version is None or not passes(version.stored(0), both(Filters(), self._view)):
            raise no_such_document(document_id)
        return version


def _nearest(content: Content, unit: Vectors, limit: int, allowed: frozenset[int] | None) -> list[Hit]:
    """Exact cosine, best first, ties by id."""
    kept = [row for row, i in enumerate(content.ids) if allowed is None or i in allowed]
    cosines = np.array([content.matrix[row] @ unit for row in kept], dtype=np.float32)
    best = np.argsort(-cosines, kind="stable")[: max(limit, 0)]
    return [Hit(content.ids[kept[place]], float(cosines[place])) for place in best.tolist()]


def _without_vectors(chunk: StoredChunk, dimension: int) -> StoredChunk:
    none = np.zeros(0, dtype=np.float32)
    return replace(chunk, vector=none, sentence_vectors=np.zeros((0, dimension), dtype=np.float32))
