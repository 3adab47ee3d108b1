"""Vectors for prepared documents, with the embedder busy across document boundaries.

Passages of many documents go through one lazy stream, so that the last chunk of a document does not leave a core
idle; documents come out in order, each with all its vectors. Passages embedded before are taken from the cache.
"""

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from ingest.prepare import Prepared
from ragchat.models.embedder import Embedder, Passage, PassageVectors, passage_of


class VectorCache(Protocol):
    """Vectors of passages embedded earlier by the same embedder, None where there are none."""

    def lookup(self, passages: Sequence[Passage]) -> list[PassageVectors | None]: ...


@dataclass(slots=True)
class EmbeddedDocument:
    """A prepared document and the vectors of its chunks, in their order; `cached` of them were not computed now.

    `missing` are the chunks that are being embedded, `twins` those that say word by word what one of them says.
    """

    prepared: Prepared
    vectors: list[PassageVectors | None]
    cached: int = 0
    missing: deque[int] = field(default_factory=deque)
    twins: dict[int, list[int]] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        return not self.missing

    def take(self, vectors: PassageVectors) -> None:
        """The next of the missing ones, for its twins too."""
        index = self.missing.popleft()
        for place in (index, *self.twins.get(index, ())):
            self.vectors[place] = vectors

    def chunk_vectors(self) -> list[PassageVectors]:
        """The vectors; only to be called when complete."""
        return [vectors for vectors in self.vectors if vectors is not None]


def embed(
    documents: Iterable[Prepared], embedder: Embedder, cache: VectorCache
) -> Iterator[EmbeddedDocument]:
    """Each document with all its vectors, in order. Holds only what the embedder looks ahead."""
    waiting: deque[EmbeddedDocument] = deque()
    for vectors in embedder.embed_passages(_missing(documents, cache, waiting)):
        yield from _completed(waiting)
        waiting[0].take(vectors)
    yield from _completed(waiting)


def _missing(
    documents: Iterable[Prepared], cache: VectorCache, waiting: deque[EmbeddedDocument]
) -> Iterator[Passage]:
    """The passages that are not in the cache; every document joins the queue before its first passage leaves."""
    for prepared in documents:
        passages = [passage_of(prepared.document, chunk) for chunk in prepared.chunks]
        vectors = cache.lookup(passages)
        first: dict[Passage, int] = {}
        twins: dict[int, list[int]] = defaultdict(list)
        for index, found in enumerate(vectors):
            if found is None and first.setdefault(passages[index], index) != index:
                twins[first[passages[index]]].append(index)
        missing = deque(first.values())
        waiting.append(EmbeddedDocument(prepared, vectors, len(passages) - len(missing), missing, twins))
        for index in tuple(missing):
            yield passages[index]


def _completed(waiting: deque[EmbeddedDocument]) -> Iterator[EmbeddedDocument]:
    while waiting and waiting[0].complete:
        yield waiting.popleft()
