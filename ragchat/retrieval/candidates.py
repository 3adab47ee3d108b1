"""The first stage: which chunks are worth reading, from the scores of both searches alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ragchat.corpus.local.catalog.live import Selection
from ragchat.corpus.local.searching.generation import Generation
from ragchat.corpus.values import Hit, StoredChunk
from ragchat.retrieval.fusion import Scores, fused, normalized
from ragchat.retrieval.question import Question


@dataclass(frozen=True, slots=True)
class Candidates:
    """Chunks with their vectors, best first as far as the first stage knows.

    `lexical` is their BM25, 0 for a chunk that the word search did not bring.
    """

    chunks: list[StoredChunk]
    lexical: Scores


@dataclass(frozen=True, slots=True)
class Reach:
    """How far the first stage looks: hits of each search, and chunks read."""

    hits: int
    read: int


def gather(
    generation: Generation, question: Question, floor: float, reach: Reach, allowed: Selection | None
) -> Candidates:
    """`floor` is the cosine of the question with a chunk drawn at random."""
    near, worded = generation.find(question.vector, question.terms, reach.hits, allowed)
    dense, lexical = _by_id(near), _by_id(worded)
    chunks = generation.chunks(_best(dense, lexical, floor)[: reach.read])
    return Candidates(chunks, np.array([lexical.get(chunk.chunk_id, 0.0) for chunk in chunks]))


def _by_id(hits: Sequence[Hit]) -> dict[int, float]:
    return {hit.chunk_id: hit.score for hit in hits}


def _best(dense: Mapping[int, float], lexical: Mapping[int, float], floor: float) -> list[int]:
    """Chunk ids by their fused scores, best first, ties by id."""
    ids = sorted({*dense, *lexical})
    scores = fused(
        normalized(np.array([dense.get(i, floor) for i in ids]), floor),
        normalized(np.array([lexical.get(i, 0.0) for i in ids]), 0.0),
    )
    return [ids[i] for i in np.argsort(-scores, kind="stable").tolist()]
