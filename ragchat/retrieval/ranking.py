"""The second stage: chunks that were read, scored by everything that is known about them.

score = fused(dense and best sentence, words with their neighbours' words), and for the best of them a share for the
sentence that holds most of the question's words. Each part, its weight and what it brought is in bench/retrieval.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ragchat.index.types import StoredChunk
from ragchat.retrieval.candidates import Candidates
from ragchat.retrieval.fusion import Scores, fused, normalized
from ragchat.retrieval.question import Question
from ragchat.retrieval.sentences import Reading, Wanted, cosines, read_closely

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


def ranked(
    candidates: Candidates, question: Question, floor: float, wanted: Wanted, close: int
) -> list[Scored]:
    """Best first, ties in document order; the best `close` of them are looked at sentence by sentence."""
    chunks = candidates.chunks
    if not chunks:
        return []
    by_sentence = [cosines(chunk, question.vector) for chunk in chunks]
    dense = (np.stack([chunk.vector for chunk in chunks]) @ question.vector).astype(np.float64)
    sentence = np.array(
        [own.max() if own.size else whole for own, whole in zip(by_sentence, dense, strict=True)]
    )
    meaning = normalized((dense + sentence) / 2, floor)
    words = normalized(_with_neighbours(chunks, candidates.expanded), 0.0)
    base = fused(meaning, words)
    scored = []
    for rank, i in enumerate(np.argsort(-base, kind="stable").tolist()):
        reading = read_closely(chunks[i], wanted) if rank < close else None
        overlap = float(reading.overlaps.max(initial=0.0)) if reading else 0.0
        score = (float(base[i]) + SENTENCE_WORDS * overlap) / (1 + SENTENCE_WORDS)
        explanation = {
            "dense": float(dense[i]),
            "sentence": float(sentence[i]),
            "meaning": float(meaning[i]),
            "lexical": float(candidates.lexical[i]),
            "lexical_expanded": float(candidates.expanded[i]),
            "words": float(words[i]),
            "overlap": overlap,
            "relative": score,
        }
        scored.append(Scored(chunks[i], score, by_sentence[i], reading, explanation))
    return sorted(scored, key=lambda one: (-one.score, one.chunk.chunk_id))


def _with_neighbours(chunks: Sequence[StoredChunk], lexical: Scores) -> Scores:
    """BM25 with a share of that of the chunks before and after, where they are among the candidates."""
    place = {(chunk.document.id, chunk.ordinal): i for i, chunk in enumerate(chunks)}
    around = np.zeros_like(lexical)
    for i, chunk in enumerate(chunks):
        for step in (-1, 1):
            neighbour = place.get((chunk.document.id, chunk.ordinal + step))
            if neighbour is not None:
                around[i] += lexical[neighbour] / 2
    return lexical + NEIGHBOUR_WORDS * around
