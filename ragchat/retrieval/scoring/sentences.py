"""How well single sentences match a question: by meaning (their vectors) and by words (idf-weighted overlap).

A chunk is as good as its best sentence as much as on the whole, and a passage is trimmed to the sentences that
matter; both rest on these scores.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from ragchat.corpus.first_stage import Scores
from ragchat.corpus.values import StoredChunk
from ragchat.documents import Span
from ragchat.language.analysis import analyze
from ragchat.models.embedder import Vectors
from ragchat.retrieval.scoring.rarity import Idf


@dataclass(frozen=True, slots=True)
class Reading:
    """What a closer look at a chunk's words found: the words of each sentence, all of them counted, and their number
    (at least 1)."""

    words: tuple[tuple[str, ...], ...]
    counts: Counter[str]
    length: int

    def overlaps(self, shares: Mapping[str, float]) -> Scores:
        """For each sentence the share in [0, 1] of the question's words that it holds."""
        held = [sum(map(shares.__getitem__, shares.keys() & words)) for words in self.words]
        return np.array(held, dtype=np.float64)


def shares_of(terms: Mapping[str, float], idf: Idf) -> dict[str, float]:
    """What share of the question each of its words is, idf times weight; a word said twice counts once."""
    weights = {term: min(weight, 1.0) * idf(term) for term, weight in terms.items()}
    total = sum(weights.values())
    return {term: weight / total for term, weight in weights.items()} if total else {}


def read_closely(chunk: StoredChunk, language: str) -> Reading:
    """Analyses every sentence of the chunk: about 0.03 ms."""
    words = tuple(tuple(analyze(sentence_text(chunk, sentence), language)) for sentence in chunk.sentences)
    counts = Counter(chain.from_iterable(words))
    return Reading(words, counts, max(1, counts.total()))


def words_of(readings: Sequence[Reading]) -> set[str]:
    """Every word of the readings."""
    return set[str]().union(*(reading.counts for reading in readings))


def cosines(chunk: StoredChunk, vector: Vectors) -> Scores:
    """For each sentence its cosine with the question; the chunk's own where there are no sentence vectors."""
    if len(chunk.sentence_vectors) == len(chunk.sentences):
        return np.asarray(chunk.sentence_vectors @ vector, dtype=np.float64)
    return np.full(len(chunk.sentences), float(chunk.vector @ vector))


def sentence_text(chunk: StoredChunk, sentence: Span) -> str:
    """The characters of a sentence of the chunk."""
    return chunk.text[sentence.start - chunk.start : sentence.end - chunk.start]
