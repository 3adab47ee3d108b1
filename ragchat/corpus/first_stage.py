"""The first stage of a search: which chunks are worth reading, from the scores of both searches alone.

A store reads rows in this order within `Snapshot.find`, so that one call brings hits and rows; the fusion is the one
that ranking goes on with (Bruch et al., "An Analysis of Fusion Functions for Hybrid Retrieval", TOIS 2023).
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ragchat.corpus.values import Hit

Scores = NDArray[np.float64]

DENSE_WEIGHT = 0.5


def normalized(scores: Scores, floor: float) -> Scores:
    """Scores from [floor, best] to [0, 1]; lower ones are 0. All 0 where none is above the floor."""
    spread = float(scores.max(initial=floor)) - floor
    if spread <= 1e-9:
        return np.zeros_like(scores)
    return np.clip((scores - floor) / spread, 0.0, 1.0)


def fused(dense: Scores, lexical: Scores) -> Scores:
    """The convex combination of normalised scores."""
    return DENSE_WEIGHT * dense + (1 - DENSE_WEIGHT) * lexical


def worth_reading(near: Sequence[Hit], worded: Sequence[Hit], floor: float) -> list[int]:
    """Chunk ids by their fused scores, best first, ties by id; a chunk that one search missed has its floor there."""
    dense = {hit.chunk_id: hit.score for hit in near}
    lexical = {hit.chunk_id: hit.score for hit in worded}
    ids = sorted({*dense, *lexical})
    scores = fused(
        normalized(np.array([dense.get(i, floor) for i in ids]), floor),
        normalized(np.array([lexical.get(i, 0.0) for i in ids]), 0.0),
    )
    return [ids[i] for i in np.argsort(-scores, kind="stable").tolist()]
