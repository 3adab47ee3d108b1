"""A synthetic corpus of any size that looks like a real one to an index: clustered vectors, Zipf-distributed words.

Every block of documents comes from a generator of its own, so that vectors can be made again for exact answers without
being kept. Ten chunks a document, four sentences of twenty words a chunk, 384 dimensions.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from ragchat.documents import Chunk, Document, Scalar, Span
from ragchat.models.embedder import EmbedderSpec, PassageVectors, Vectors

SEED = 7
DIMENSION = 384
CHUNKS, SENTENCES, WORDS = 10, 4, 20
BLOCK = 100
"""Documents made together."""
BLOCK_CHUNKS = BLOCK * CHUNKS
VOCABULARY = 60_000
SHORT_WORDS = 4_000
CLUSTERS = 3_000
SPREAD = 0.9
"""Length of the noise around a cluster's centre, whose length is 1: neighbours have cosines of about .55."""
SPEC = EmbedderSpec("bench:synthetic", "1", DIMENSION)
KEPT = {"half": 2, "twentieth": 20, "two_hundredth": 200}
"""Filters: one document in so many carries the value 0 of a metadata field of this name."""


@dataclass(frozen=True, slots=True)
class Made:
    """A document with everything that `LocalRun.stage` takes."""

    document: Document
    chunks: tuple[Chunk, ...]
    vectors: tuple[PassageVectors, ...]


@dataclass(frozen=True, slots=True)
class Query:
    """Words of a chunk and a vector near its own."""

    text: str
    vector: Vectors


def unit(rows: NDArray[np.floating]) -> Vectors:
    scaled: Vectors = (rows / np.linalg.norm(rows, axis=-1, keepdims=True)).astype(np.float32)
    return scaled


@cache
def vocabulary() -> list[str]:
    """Pronounceable words of two or three syllables, short ones first as in language."""
    rng = np.random.default_rng(SEED)
    syllables = [c + v for c in "bcdfghjklmnprstvwz" for v in "aeiou"]
    words: dict[str, None] = {}
    while len(words) < VOCABULARY:
        length = 2 if len(words) < SHORT_WORDS else 3
        words["".join(syllables[i] for i in rng.integers(0, len(syllables), length))] = None
    return list(words)


@cache
def _word_odds() -> NDArray[np.float64]:
    """Cumulative odds of the vocabulary's words: Zipf with exponent 1."""
    odds = 1 / np.arange(1, VOCABULARY + 1)
    return np.cumsum(odds / odds.sum())


@cache
def _centres() -> Vectors:
    return unit(np.random.default_rng(SEED + 1).standard_normal((CLUSTERS, DIMENSION), dtype=np.float32))


def block_vectors(block: int) -> Vectors:
    """Chunk vectors of a block, (BLOCK_CHUNKS, DIMENSION); the chunks of a document share a cluster."""
    rng = np.random.default_rng([SEED, 1, block])
    clusters = np.repeat(rng.integers(0, CLUSTERS, BLOCK), CHUNKS)
    noise = rng.standard_normal((BLOCK_CHUNKS, DIMENSION), dtype=np.float32)
    return unit(_centres()[clusters] + noise * np.float32(SPREAD / DIMENSION**0.5))


def _block_words(block: int) -> NDArray[np.intp]:
    """(BLOCK_CHUNKS, SENTENCES * WORDS) places in the vocabulary."""
    rng = np.random.default_rng([SEED, 2, block])
    return np.searchsorted(_word_odds(), rng.random((BLOCK_CHUNKS, SENTENCES * WORDS)))


def documents(first_block: int, end_block: int) -> Iterator[Made]:
    """The documents of some blocks, in order."""
    for block in range(first_block, end_block):
        vectors, words = block_vectors(block), _block_words(block)
        noise = np.random.default_rng([SEED, 3, block]).standard_normal(
            (BLOCK_CHUNKS, SENTENCES, DIMENSION), dtype=np.float32
        )
        sentences = unit(vectors[:, None, :] + noise * np.float32(0.6 / DIMENSION**0.5))
        for number in range(BLOCK):
            rows = slice(number * CHUNKS, (number + 1) * CHUNKS)
            yield _document(block * BLOCK + number, vectors[rows], sentences[rows], words[rows])


def _document(number: int, vectors: Vectors, sentences: Vectors, words: NDArray[np.intp]) -> Made:
    identity = f"d{number:08}"
    known = vocabulary()
    pieces: list[str] = []
    chunks: list[Chunk] = []
    at = 0
    for ordinal, row in enumerate(words.tolist()):
        start, spans = at, []
        for first in range(0, SENTENCES * WORDS, WORDS):
            sentence = " ".join(known[word] for word in row[first : first + WORDS]) + "."
            spans.append(Span(at, at + len(sentence)))
            pieces.append(sentence)
            at += len(sentence) + 1
        chunks.append(Chunk(identity, ordinal, start, at - 1, sentences=tuple(spans)))
    text = " ".join(pieces)
    metadata: dict[str, Scalar] = {name: number % every for name, every in KEPT.items()}
    document = Document(
        id=identity,
        collection="scale",
        key=f"{identity}.txt",
        uri=f"{identity}.txt",
        title=f"Document {known[number % VOCABULARY]}",
        media_type="text/plain",
        content_hash=sha256(text.encode()).hexdigest(),
        text=text,
        metadata=metadata,
    )
    stored = tuple(PassageVectors(vectors[i], sentences[i]) for i in range(CHUNKS))
    return Made(document, tuple(chunks), stored)


def queries(count: int, blocks: int, seed: int = 1) -> list[Query]:
    """Six words of a random chunk, rare and common as they come, and its vector with as much noise again."""
    rng = np.random.default_rng([SEED, 4, seed])
    known = vocabulary()
    made = []
    for block in rng.integers(0, blocks, count):
        row = int(rng.integers(0, BLOCK_CHUNKS))
        words = _block_words(int(block))[row]
        noise = rng.standard_normal(DIMENSION, dtype=np.float32) * np.float32(0.6 / DIMENSION**0.5)
        text = " ".join(known[int(word)] for word in rng.choice(words, 6, replace=False))
        made.append(Query(text, unit(block_vectors(int(block))[row] + noise)))
    return made
