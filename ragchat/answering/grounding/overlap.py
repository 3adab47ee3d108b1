"""How much of one text's meaning-bearing words another text holds, weighted by how rare they are in the corpus.

Words come from the index's own analysis, so that scores agree with what was searched.
"""

from collections.abc import Callable, Iterable

from ragchat.language.analysis import analyze

Idf = Callable[[str], float]


def terms(text: str, language: str = "en") -> frozenset[str]:
    """The distinct index terms of a text."""
    return frozenset(analyze(text, language))


def covered(wanted: Iterable[str], found: frozenset[str], idf: Idf) -> float:
    """The idf-weighted share in [0, 1] of `wanted` that stands in `found`; 0 when nothing is wanted."""
    total = hit = 0.0
    for term in wanted:
        weight = idf(term)
        total += weight
        hit += weight if term in found else 0.0
    return hit / total if total else 0.0
