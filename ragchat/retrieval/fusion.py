"""Two lists of scores into one: each from a floor to its best as [0, 1], then added with weights that sum to 1.

A convex combination of normalised scores beat reciprocal rank fusion on every set tried, as Bruch et al. found ("An
Analysis of Fusion Functions for Hybrid Retrieval", TOIS 2023). The floor of cosines is what a chunk drawn at random
has, that of BM25 is 0: floors taken from the last of the candidates change with their number, and cost half a point.
"""

import numpy as np
from numpy.typing import NDArray

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
