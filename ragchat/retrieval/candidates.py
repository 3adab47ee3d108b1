"""The first stage: which chunks are worth reading, from the scores of both searches alone.

Meaning and words each bring their best; the best few of both together are read and lend their words to a second word
search (`feedback`). Then the best `read` chunks are read with their vectors, and nothing else is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ragchat.index.analysis import analyze
from ragchat.index.generation import Generation
from ragchat.index.live import Selection
from ragchat.index.types import Hit, StoredChunk
from ragchat.retrieval.feedback import SEEDS, expanded
from ragchat.retrieval.fusion import Scores, fused, normalized
from ragchat.retrieval.question import Question


@dataclass(frozen=True, slots=True)
class Candidates:
    """Chunks, best first as far as the first stage knows, with BM25 of the words asked and with those added.

    Both are 0 for a chunk that the word search did not bring.
    """

    chunks: list[StoredChunk]
    lexical: Scores
    expanded: Scores


@dataclass(frozen=True, slots=True)
class Reach:
    """How far the first stage looks: hits of each search, and chunks read."""

    hits: int
    read: int


def gather(
    generation: Generation, question: Question, floor: float, reach: Reach, allowed: Selection | None
) -> Candidates:
    """`floor` is the cosine of the question with a chunk drawn at random."""
    dense = _by_id(generation.nearest(question.vector, reach.hits, allowed))
    asked = _by_id(generation.match_terms(question.terms, reach.hits, allowed))
    first = _best(dense, asked, floor)
    words = expanded(question.terms, *_seeds(generation, first[:SEEDS]), generation.idf)
    wider = _by_id(generation.match_terms(words, reach.hits, allowed)) if question.terms else {}
    chunks = generation.chunks([chunk_id for chunk_id, _ in _best(dense, wider, floor)[: reach.read]])
    return Candidates(
        chunks,
        np.array([asked.get(chunk.chunk_id, 0.0) for chunk in chunks]),
        np.array([wider.get(chunk.chunk_id, 0.0) for chunk in chunks]),
    )


def _by_id(hits: Sequence[Hit]) -> dict[int, float]:
    return {hit.chunk_id: hit.score for hit in hits}


def _best(dense: Mapping[int, float], lexical: Mapping[int, float], floor: float) -> list[tuple[int, float]]:
    """Chunk ids with their fused scores, best first, ties by id."""
    ids = sorted({*dense, *lexical})
    scores = fused(
        normalized(np.array([dense.get(i, floor) for i in ids]), floor),
        normalized(np.array([lexical.get(i, 0.0) for i in ids]), 0.0),
    )
    return [(ids[i], float(scores[i])) for i in np.argsort(-scores, kind="stable").tolist()]


def _seeds(generation: Generation, best: Sequence[tuple[int, float]]) -> tuple[list[list[str]], list[float]]:
    """The analysed texts of the best chunks, and their weights."""
    weights = dict(best)
    chunks = generation.chunks(list(weights), vectors=False)
    read = [(analyze(chunk.text, generation.language), weights[chunk.chunk_id]) for chunk in chunks]
    return [words for words, _ in read if words], [weight for words, weight in read if words]
