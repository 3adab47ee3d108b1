"""What one collection in memory consists of: versions of documents, generations of them, and what outlives a run.

Versions never change. A generation that a purge drops under an open snapshot loses what nothing kept has.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import count
from threading import Lock, RLock

import numpy as np

from ragchat.corpus.memory.words import Words
from ragchat.corpus.refusals import no_such_generation
from ragchat.corpus.values import FileStat, GenerationInfo, StoredChunk, StoredDocument
from ragchat.documents import Chunk, Document
from ragchat.models.embedder import EmbedderSpec, Passage, PassageVectors, Vectors, passage_of


@dataclass(frozen=True, eq=False)
class Version:
    """One extraction of a document; its chunk ids are `[first_chunk, first_chunk + len(chunks))`."""

    number: int
    root: str
    document: Document
    chunks: tuple[Chunk, ...]
    vectors: tuple[PassageVectors, ...]
    first_chunk: int
    embedder: EmbedderSpec
    options_hash: str

    def stored(self, added: int) -> StoredDocument:
        """As readers see it."""
        document = self.document
        return StoredDocument(
            id=document.id,
            key=document.key,
            uri=document.uri,
            title=document.title,
            media_type=document.media_type,
            version=document.content_hash,
            length=len(document.text),
            chunk_count=len(self.chunks),
            root=self.root,
            metadata=document.metadata,
            acl=document.acl,
            added_generation=added,
            language=document.language,
        )

    def passages(self) -> Iterator[tuple[Passage, PassageVectors]]:
        """What was embedded, with what came of it."""
        passages = (passage_of(self.document, chunk) for chunk in self.chunks)
        return zip(passages, self.vectors, strict=True)


@dataclass(frozen=True)
class Content:
    """What lives in a generation: versions and the generation that each was added in, by document id."""

    versions: Mapping[str, Version]
    added: Mapping[str, int]
    dimension: int
    language: str

    @cached_property
    def chunks(self) -> dict[int, StoredChunk]:
        """By id, ascending."""
        versions = sorted(self.versions.values(), key=lambda version: version.first_chunk)
        return {chunk.chunk_id: chunk for version in versions for chunk in self._chunks_of(version)}

    @cached_property
    def ids(self) -> list[int]:
        return list(self.chunks)

    @cached_property
    def matrix(self) -> Vectors:
        """float32 (chunks, dim), in the order of ids."""
        rows = [chunk.vector for chunk in self.chunks.values()]
        return np.stack(rows) if rows else np.zeros((0, self.dimension), dtype=np.float32)

    @cached_property
    def mean(self) -> Vectors:
        """float32 (dim,), zero without chunks."""
        if not self.chunks:
            return np.zeros(self.dimension, dtype=np.float32)
        mean: Vectors = self.matrix.mean(axis=0, dtype=np.float64).astype(np.float32)
        return mean

    @cached_property
    def words(self) -> Words:
        return Words(self.chunks.values(), self.language)

    def only(self, stored: Iterable[Version]) -> "Content":
        """Without the versions that are not among those."""
        numbers = {version.number for version in stored}
        return replace(self, versions={i: v for i, v in self.versions.items() if v.number in numbers})

    @property
    def size(self) -> int:
        """Bytes of texts and vectors, about."""
        return self.matrix.nbytes + sum(len(version.document.text) for version in self.versions.values())

    def _chunks_of(self, version: Version) -> Iterator[StoredChunk]:
        document = version.stored(self.added[version.document.id])
        for chunk, vectors in zip(version.chunks, version.vectors, strict=True):
            yield StoredChunk(
                chunk_id=version.first_chunk + chunk.ordinal,
                document=document,
                ordinal=chunk.ordinal,
                start=chunk.start,
                end=chunk.end,
                text=version.document.text[chunk.start : chunk.end],
                heading_path=chunk.heading_path,
                page=chunk.page,
                sentences=chunk.sentences,
                vector=vectors.chunk,
                sentence_vectors=vectors.sentences,
            )


@dataclass
class Generation:
    """A generation and how many snapshots have it open; a purge makes its content less."""

    number: int
    base: int | None
    created: str
    embedder: EmbedderSpec
    options_hash: str
    settings: Mapping[str, float]
    whole: Content
    readers: int = 0

    def info(self, current: int | None) -> GenerationInfo:
        content = self.whole
        return GenerationInfo(
            number=self.number,
            created=self.created,
            documents=len(content.versions),
            chunks=len(content.chunks),
            current=self.number == current,
            embedder_key=self.embedder.key,
            size_bytes=content.size,
        )


@dataclass
class Collection:
    """Everything of one collection. `writing` is held by the run under way, `changing` for moments only."""

    name: str
    writing: Lock = field(default_factory=Lock)
    changing: RLock = field(default_factory=RLock)
    touched: bool = False
    current: int | None = None
    generations: dict[int, Generation] = field(default_factory=dict)
    stats: dict[int, FileStat] = field(default_factory=dict)
    cache: dict[tuple[str, Passage], PassageVectors] = field(default_factory=dict)
    reports: list[dict[str, object]] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=lambda: count(1))
    next_chunk: int = 1
    next_generation: int = 1

    def generation(self, number: int) -> Generation:
        """Raises NotFound."""
        found = self.generations.get(number)
        if found is None:
            raise no_such_generation(number)
        return found

    def prune(self, keep: int) -> list[int]:
        """See `Store.prune`."""
        with self.changing:
            kept = {*sorted(self.generations)[-max(keep, 1) :], self.current}
            if keep > 1 and self.current is not None:
                kept.add(self.generations[self.current].base)
            dropped = [
                number
                for number, generation in sorted(self.generations.items())
                if number not in kept and not generation.readers
            ]
            for number in dropped:
                del self.generations[number]
            self.forget()
        return dropped

    def stored(self) -> list[Version]:
        """Of all kept generations, those that several have as often."""
        return [version for kept in self.generations.values() for version in kept.whole.versions.values()]

    def forget(self) -> None:
        """Cached embeddings and facts of files that no kept generation uses."""
        versions = self.stored()
        self.cache = {
            (version.embedder.key, passage): vectors
            for version in versions
            for passage, vectors in version.passages()
        }
        living = {version.number for version in versions}
        self.stats = {number: stat for number, stat in self.stats.items() if number in living}
