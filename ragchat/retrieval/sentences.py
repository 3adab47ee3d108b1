"""How well single sentences match a question: by meaning (their vectors) and by words (idf-weighted overlap).

A chunk is as good as its best sentence as much as on the whole, and a passage is trimmed to the sentences that
matter; both rest on these scores.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from ragchat.corpus.values import StoredChunk
from ragchat.documents import Span
from ragchat.language.analysis import analyze
from ragchat.models.embedder import Vectors
from ragchat.retrieval.fusion import Scores

Idf = Callable[[str], float]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a closer look at a chunk's words found.

    `overlaps` has for each sentence the share in [0, 1] of the question's words that it holds; `counts` are the
    chunk's analysed words and `length` is their number, at least 1.
    """

    overlaps: Scores
    counts: Counter[str]
    length: int


def shares_of(terms: Mapping[str, float], idf: Idf) -> dict[str, float]:
    """What share of the question each of its words is, idf times weight; a word said twice counts once."""
    weights = {term: min(weight, 1.0) * idf(term) for term, weight in terms.items()}
    total = sum(weights.values())
    return {term: weight / total for term, weight in weights.items()} if total else {}


def read_closely(chunk: StoredChunk, shares: Mapping[str, float], language: str) -> Reading:
    """Analyses every sentence of the chunk: about 0.03 ms."""
    wanted = frozenset(shares)
    held: list[float] = []
    every: list[str] = []
    for sentence in chunk.sentences:
        words = analyze(sentence_text(chunk, sentence), language)
        held.append(sum(shares[word] for word in wanted.intersection(words)))
        every += words
    return Reading(np.array(held, dtype=np.float64), Counter(every), max(1, len(every)))


def cosines(chunk: StoredChunk, vector: Vectors) -> Scores:
    """For each sentence its cosine with the question; the chunk's own where there are no sentence vectors."""
    if len(chunk.sentence_vectors) == len(chunk.sentences):
        return np.asarray(chunk.sentence_vectors @ vector, dtype=np.float64)
    return np.full(len(chunk.sentences), float(chunk.vector @ vector))


def sentence_text(chunk: StoredChunk, sentence: Span) -> str:
    """The characters of a sentence of the chunk."""
    return chunk.text[sentence.start - chunk.start : sentence.end - chunk.start]
