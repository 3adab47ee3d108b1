"""A small deterministic embedder and document maker: unit vectors from word hashes, so that shared words are near.

No model, no file: `ragchat.models.embedder.Embedder` in sixteen dimensions, for tests of everything but meaning.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

import numpy as np

from ragchat.documents import Chunk, Document, Span
from ragchat.models.embedder import EmbedderSpec, Passage, PassageVectors, Vectors

DIMENSION = 16


@lru_cache(maxsize=10_000)
def _word_vector(word: str, dimension: int, seed: str) -> Vectors:
    digest = hashlib.sha256(f"{seed}:{word}".encode()).digest()
    return (
        np.random.default_rng(int.from_bytes(digest[:8], "little"))
        .standard_normal(dimension)
        .astype(np.float32)
    )


class HashEmbedder:
    """An Embedder whose vectors are sums of word vectors; `passages` counts what it was asked to embed."""

    def __init__(
        self, dimension: int = DIMENSION, revision: str = "1", *, with_sentences: bool = True
    ) -> None:
        self._spec = EmbedderSpec("hash", revision, dimension)
        self._with_sentences = with_sentences
        self.passages = 0

    @property
    def spec(self) -> EmbedderSpec:
        return self._spec

    def embed_passages(self, passages: Iterable[Passage]) -> Iterator[PassageVectors]:
        for passage in passages:
            self.passages += 1
            sentences = [self.embed_query(span.of(passage.text)) for span in passage.sentences]
            stacked = np.stack(sentences) if sentences and self._with_sentences else self._none()
            yield PassageVectors(self.embed_query(f"{passage.context}\n{passage.text}"), stacked)

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        return np.stack([self.embed_query(text) for text in texts]) if texts else self._none()

    def embed_query(self, text: str) -> Vectors:
        words = re.findall(r"\w+", text.lower()) or [""]
        total = np.sum(
            [_word_vector(word, self._spec.dimension, self._spec.revision) for word in words], axis=0
        )
        return (total / np.linalg.norm(total)).astype(np.float32)

    def _none(self) -> Vectors:
        return np.zeros((0, self._spec.dimension), dtype=np.float32)


def make_document(key: str, text: str, *, root: str = "docs", **fields: object) -> Document:
    """A document whose id, title and hash follow from root, key and text; `fields` replace the others."""
    identity = hashlib.sha256(f"{root}/{key}".encode()).hexdigest()[:16]
    values: dict[str, object] = {
        "id": identity,
        "collection": "test",
        "key": key,
        "uri": key,
        "title": key.removesuffix(".md"),
        "media_type": "text/markdown",
        "content_hash": hashlib.sha256(text.encode()).hexdigest(),
        "text": text,
    }
    return Document(**{**values, **fields})  # type: ignore[arg-type]


def chunks_by_line(document: Document) -> list[Chunk]:
    """One chunk for each line that is not blank; its sentences end at full stops."""
    chunks: list[Chunk] = []
    for match in re.finditer(r"[^\n]+", document.text):
        sentences = tuple(
            Span(match.start() + part.start(), match.start() + part.end())
            for part in re.finditer(r"[^.\s][^.]*\.?", match.group())
        )
        chunks.append(
            Chunk(
                document_id=document.id,
                ordinal=len(chunks),
                start=match.start(),
                end=match.end(),
                heading_path=document.heading_path_at(match.start()),
                page=document.page_at(match.start()),
                sentences=sentences,
            )
        )
    return chunks
