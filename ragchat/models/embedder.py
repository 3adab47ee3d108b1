"""The seam between text and vectors: what an embedder promises. Implementations live beside this module.

One forward pass yields the chunk's vector and, where the model shows its tokens, one vector per sentence pooled from
the same pass, so that sentence scores cost no second one.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ragchat.documents import Chunk, Document, Span

Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class EmbedderSpec:
    """What makes vectors comparable: two specs with the same `key` share a vector space.

    `name` is the settings string ("local:minilm", "openai:text-embedding-3-small"), `revision` the model file's
    sha256 (first 16 hex) or the provider's model name, `dimension` the vector length.
    """

    name: str
    revision: str
    dimension: int
    normalized: bool = True

    @property
    def key(self) -> str:
        return f"{self.name}@{self.revision}/{self.dimension}"


@dataclass(frozen=True, slots=True)
class Passage:
    """What is embedded for one chunk: `context` (title and headings) and `text`; `sentences` are spans of `text`."""

    context: str
    text: str
    sentences: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class PassageVectors:
    """`chunk` has shape (dim,); `sentences` (len(passage.sentences), dim), or (0, dim) where the embedder has none.

    float32, unit length; a sentence beyond the model's window has a zero vector.
    """

    chunk: Vectors
    sentences: Vectors


class Embedder(Protocol):
    """Text to unit vectors. Thread-safe. Raises UpstreamFailed (services), NotReady (model files)."""

    @property
    def spec(self) -> EmbedderSpec: ...

    def embed_passages(self, passages: Iterable[Passage]) -> Iterator[PassageVectors]:
        """Vectors in input order; consumes lazily with a bounded look-ahead, so memory does not grow with the input."""
        ...

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """float32 (n, dim), unit length."""
        ...

    def embed_query(self, text: str) -> Vectors:
        """float32 (dim,), unit length."""
        ...


def passage_of(document: Document, chunk: Chunk) -> Passage:
    """What is embedded for a chunk: title and heading path as context, then its text. The one place that decides."""
    path = [title for title in chunk.heading_path if title != document.title]
    return Passage(
        context=" > ".join([document.title, *path]),
        text=document.text[chunk.start : chunk.end],
        sentences=tuple(sentence.shifted(-chunk.start) for sentence in chunk.sentences),
    )
