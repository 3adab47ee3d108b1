"""Words that the best chunks of a first search share, added to the question at little weight (RM3).

Relevance model 3 (Abdul-Jaleel et al., "UMass at TREC 2004"), with idf in place of the collection model. The first
search is the fused one, so that the words of a passage found by meaning alone help to find the others.
"""

import heapq
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

SEEDS, WORDS, SHARE = 2, 10, 0.2
"""Chunks that are read, words that are added, and their share of the new question's weight."""


def expanded(
    terms: Mapping[str, float],
    seeds: Sequence[Sequence[str]],
    weights: Sequence[float],
    idf: Callable[[str], float],
) -> dict[str, float]:
    """`terms` and the `WORDS` most telling words of the seeds (analysed texts, each with its weight)."""
    telling: Counter[str] = Counter()
    for words, weight in zip(seeds, weights, strict=True):
        for word, count in Counter(words).items():
            telling[word] += weight * count / len(words)  # type: ignore[assignment]  # a Counter of floats
    scored = {word: share * idf(word) for word, share in telling.items()}
    best = heapq.nlargest(WORDS, scored, key=lambda word: (scored[word], word))
    whole = sum(scored[word] for word in best)
    if whole <= 0:
        return dict(terms)
    scale = sum(terms.values()) * SHARE / (1 - SHARE) / whole
    return {word: terms.get(word, 0.0) + scale * scored.get(word, 0.0) for word in {*terms, *best}}
