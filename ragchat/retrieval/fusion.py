"""Scores of two searches into one ranking: normalised to [0, 1] each and added with weights that sum to 1.

Convex combination of min-max-normalised scores beat reciprocal rank fusion on every set tried, as Bruch et al. found
("An Analysis of Fusion Functions for Hybrid Retrieval", TOIS 2023).
"""

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float64]


def normalized(scores: Scores, floor: float | None = None) -> Scores:
    """Scores from [floor, best] to [0, 1]; `floor` defaults to the least. All zero where there is no spread."""
    if scores.size == 0:
        return scores
    low = float(scores.min()) if floor is None else floor
    spread = float(scores.max()) - low
    if spread <= 0:
        return np.zeros_like(scores)
    return np.clip((scores - low) / spread, 0.0, 1.0)
