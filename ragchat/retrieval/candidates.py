"""What both searches found, with every candidate's raw scores: cosine, BM25, best sentence."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ragchat.index.generation import Generation
from ragchat.index.live import Selection
from ragchat.index.types import Hit, StoredChunk
from ragchat.models.embedder import Vectors
from ragchat.retrieval.fusion import Scores


@dataclass(frozen=True, slots=True)
class Candidates:
    """Chunks in the order of their ids and, for each, its raw scores (arrays of the same length).

    `lexical` is 0 for a chunk that the word search did not bring; `sentence` is the best sentence's cosine, the
    chunk's own where there are no sentence vectors. `sentence_scores[i]` has one cosine for each sentence of chunk i.
    """

    chunks: list[StoredChunk]
    dense: Scores
    lexical: Scores
    sentence: Scores
    sentence_scores: list[Vectors]


def gather(
    generation: Generation, query: str, vector: Vectors, limit: int, allowed: Selection | None
) -> Candidates:
    """The best `limit` chunks by meaning and the best `limit` by words, each scored both ways."""
    by_meaning = generation.nearest(vector, limit, allowed)
    by_words = generation.match(query, limit, allowed)
    ids = sorted({hit.chunk_id for hit in (*by_meaning, *by_words)})
    return scored(generation.chunks(ids), by_words, vector)


def scored(chunks: list[StoredChunk], by_words: Sequence[Hit], vector: Vectors) -> Candidates:
    """The chunks with their scores; cosines are computed anew, so that every candidate has one."""
    words = {hit.chunk_id: hit.score for hit in by_words}
    sentence_scores = [chunk.sentence_vectors @ vector for chunk in chunks]
    dense = np.array([float(chunk.vector @ vector) for chunk in chunks])
    best = [
        float(scores.max()) if len(scores) else own
        for scores, own in zip(sentence_scores, dense, strict=True)
    ]
    lexical = np.array([words.get(chunk.chunk_id, 0.0) for chunk in chunks])
    return Candidates(chunks, dense, lexical, np.array(best), sentence_scores)
