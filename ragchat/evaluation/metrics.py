"""The measures themselves, pure functions over names and numbers; checked against pytrec_eval in the tests.

Rankings are distinct documents, best first; relevance is binary. Span measures follow the chunking evaluation of
Smith & Troynikov (2024, research.trychroma.com/evaluating-chunking), counted in characters instead of tokens.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from math import log2

import numpy as np


@dataclass(frozen=True, slots=True)
class Stretch:
    """Code points `[start, end)` of a document."""

    document: str
    start: int
    end: int

    def __len__(self) -> int:
        return max(0, self.end - self.start)


@dataclass(frozen=True, slots=True)
class SpanScores:
    """Shares in [0, 1] of one question."""

    recall: float
    precision: float
    iou: float


def recall_at(k: int, ranking: Sequence[str], relevant: Collection[str]) -> float:
    """Relevant documents among the first `k`, as a share of all relevant ones."""
    return len(set(ranking[:k]) & set(relevant)) / len(set(relevant))


def hit_at(k: int, ranking: Sequence[str], relevant: Collection[str]) -> float:
    """1.0 when any of the first `k` documents is relevant."""
    return float(any(document in relevant for document in ranking[:k]))


def reciprocal_rank_at(k: int, ranking: Sequence[str], relevant: Collection[str]) -> float:
    """1 / rank of the first relevant document, 0.0 when it is not among the first `k`."""
    ranks = (rank for rank, document in enumerate(ranking[:k], start=1) if document in relevant)
    return 1 / next(ranks, np.inf)


def ndcg_at(k: int, ranking: Sequence[str], relevant: Collection[str]) -> float:
    """Discounted gain 1 / log2(rank + 1) of the first `k`, over that of the best possible ranking."""
    gain = sum(1 / log2(rank + 1) for rank, d in enumerate(ranking[:k], start=1) if d in relevant)
    best = sum(1 / log2(rank + 1) for rank in range(1, min(k, len(set(relevant))) + 1))
    return gain / best


def span_scores(passages: Sequence[Stretch], evidence: Sequence[Stretch]) -> SpanScores:
    """How well the passages cover the evidence.

    recall = covered / evidence; precision = covered / all retrieved characters, those retrieved twice counted twice;
    IoU = covered / (retrieved + evidence not covered). Evidence that overlaps itself counts once.
    """
    wanted = _merged(evidence)
    covered = sum(_overlap(found, wanted) for found in _merged(passages))
    retrieved = sum(len(passage) for passage in passages)
    total = sum(len(stretch) for stretch in wanted)
    return SpanScores(
        recall=covered / total,
        precision=covered / retrieved if retrieved else 0.0,
        iou=covered / (retrieved + total - covered),
    )


def _merged(stretches: Iterable[Stretch]) -> list[Stretch]:
    """Disjoint stretches that cover the same characters."""
    merged: list[Stretch] = []
    for stretch in sorted(stretches, key=lambda s: (s.document, s.start)):
        last = merged[-1] if merged else None
        if last and last.document == stretch.document and stretch.start <= last.end:
            merged[-1] = Stretch(last.document, last.start, max(last.end, stretch.end))
        else:
            merged.append(stretch)
    return merged


def _overlap(stretch: Stretch, others: Iterable[Stretch]) -> int:
    return sum(
        max(0, min(stretch.end, other.end) - max(stretch.start, other.start))
        for other in others
        if other.document == stretch.document
    )


def auroc(positive: Sequence[float], negative: Sequence[float]) -> float | None:
    """Chance that a positive scores above a negative, ties counting half (Mann-Whitney U); None without both."""
    if len(positive) == 0 or len(negative) == 0:
        return None
    ordered = np.sort(np.asarray(negative, dtype=float))
    values = np.asarray(positive, dtype=float)
    below = np.searchsorted(ordered, values, side="left")
    not_above = np.searchsorted(ordered, values, side="right")
    return float((below + not_above).mean() / 2 / len(ordered))
