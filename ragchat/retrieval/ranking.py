"""The second stage: chunks that were read, scored by everything that is known about them.

score = fused(dense and best sentence, words with feedback and with the neighbours' words), and a share for the
sentence that holds most of the question's words. What each part brought is in bench/retrieval.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ragchat.corpus.values import StoredChunk
from ragchat.retrieval.candidates import Candidates
from ragchat.retrieval.feedback import SEEDS, added_words, feedback_scores
from ragchat.retrieval.fusion import Scores, fused, normalized
from ragchat.retrieval.question import Question
from ragchat.retrieval.sentences import Idf, Reading, cosines, read_closely, shares_of

NEIGHBOUR_WORDS = 0.2
"""How much of the mean BM25 of the two neighbours a chunk gets: a passage cut in two is still one."""
SENTENCE_WORDS = 0.2
"""Weight of the best sentence's overlap beside 1 for the fused score."""


@dataclass(frozen=True, slots=True)
class Scored:
    """A chunk with its score relative to the best possible (1) and each sentence's cosine with the question.

    `reading` is None for chunks too far down to be looked at closely. `explanation` has the parts of the score.
    """

    chunk: StoredChunk
    score: float
    cosines: Scores
    reading: Reading | None
    explanation: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Measure:
    """What chunks are measured by.

    `floor` is the cosine of the question with a chunk drawn at random, `close` the number of chunks looked at
    sentence by sentence.
    """

    question: Question
    floor: float
    idf: Idf
    language: str
    close: int


def ranked(candidates: Candidates, measure: Measure) -> list[Scored]:
    """Best first, ties in the order of ids."""
    chunks = candidates.chunks
    if not chunks:
        return []
    vector = measure.question.vector
    by_sentence = [cosines(chunk, vector) for chunk in chunks]
    dense = (np.stack([chunk.vector for chunk in chunks]) @ vector).astype(np.float64)
    sentence = np.array(
        [own.max() if own.size else whole for own, whole in zip(by_sentence, dense, strict=True)]
    )
    meaning = normalized((dense + sentence) / 2, measure.floor)
    first = fused(meaning, _words(chunks, candidates.lexical))
    readings, feedback = _looked_at(chunks, first, measure)
    words = _words(chunks, candidates.lexical + feedback)
    overlap = np.array([reading.overlaps.max(initial=0.0) if reading else 0.0 for reading in readings])
    score = (fused(meaning, words) + SENTENCE_WORDS * overlap) / (1 + SENTENCE_WORDS)
    parts = {
        "dense": dense,
        "sentence": sentence,
        "meaning": meaning,
        "lexical": candidates.lexical,
        "feedback": feedback,
        "words": words,
        "overlap": overlap,
        "relative": score,
    }
    columns = list(zip(*(values.tolist() for values in parts.values()), strict=True))
    order = sorted(range(len(chunks)), key=lambda i: (-score[i], chunks[i].chunk_id))
    return [
        Scored(
            chunks[i], float(score[i]), by_sentence[i], readings[i], dict(zip(parts, columns[i], strict=True))
        )
        for i in order
    ]


def _looked_at(
    chunks: Sequence[StoredChunk], first: Scores, measure: Measure
) -> tuple[list[Reading | None], Scores]:
    """A reading of each of the best chunks, None for the others; and the BM25 of the words that the very best lend."""
    terms, idf = measure.question.terms, measure.idf
    shares = shares_of(terms, idf)
    best = np.argsort(-first, kind="stable")[: measure.close].tolist()
    found = [read_closely(chunks[i], shares, measure.language) for i in best]
    added = added_words(terms, found[:SEEDS], [float(first[i]) for i in best[:SEEDS]], idf)
    readings: list[Reading | None] = [None] * len(chunks)
    feedback = np.zeros(len(chunks))
    for i, reading, score in zip(best, found, feedback_scores(added, found, idf), strict=True):
        readings[i], feedback[i] = reading, score
    return readings, feedback


def _words(chunks: Sequence[StoredChunk], lexical: Scores) -> Scores:
    """BM25 with a share of that of the chunks before and after, where they are among the candidates, normalised."""
    place = {(chunk.document.id, chunk.ordinal): i for i, chunk in enumerate(chunks)}
    around = np.zeros_like(lexical)
    for i, chunk in enumerate(chunks):
        for step in (-1, 1):
            neighbour = place.get((chunk.document.id, chunk.ordinal + step))
            if neighbour is not None:
                around[i] += lexical[neighbour] / 2
    return normalized(lexical + NEIGHBOUR_WORDS * around, 0.0)
