"""The second stage: chunks that were read, scored by everything that is known about them.

score = fused(dense and best sentence, words with feedback and with the neighbours' words), and a share for the
sentence that holds most of the question's words. What each part brought is in bench/retrieval.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ragchat.corpus.contract import Snapshot
from ragchat.corpus.first_stage import Scores, fused, normalized
from ragchat.corpus.values import Found, StoredChunk
from ragchat.retrieval.query import Query
from ragchat.retrieval.scoring.feedback import SEEDS, added_words, feedback_scores
from ragchat.retrieval.scoring.rarity import Rarity, rarity_of
from ragchat.retrieval.scoring.sentences import Reading, cosines, read_closely, shares_of, words_of

NEIGHBOUR_WORDS = 0.2
"""How much of the mean BM25 of the two neighbours a chunk gets: a passage cut in two is still one."""
SENTENCE_WORDS = 0.2
"""Weight of the best sentence's overlap beside 1 for the fused score."""


@dataclass(frozen=True, slots=True)
class Scored:
    """A chunk with its score relative to the best possible (1), and each sentence's cosine with the question.

    `reading` is None, and `overlaps` are 0, for chunks too far down to be looked at closely; else `overlaps` have the
    share of the question's words that each sentence holds. `explanation` has the parts of the score.
    """

    chunk: StoredChunk
    score: float
    cosines: Scores
    overlaps: Scores
    reading: Reading | None
    explanation: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Ranking:
    """Chunks best first, ties in the order of ids; and the rarity of their words and the question's."""

    chunks: list[Scored]
    rarity: Rarity


def ranked(found: Found, query: Query, snapshot: Snapshot, close: int, *, answering: bool = True) -> Ranking:
    """`close` is the number of chunks looked at sentence by sentence. One call to the snapshot, for idf: of the words
    that rank; `answering` also of all others in the chunks looked at, which answers are checked by."""
    chunks = found.chunks
    if not chunks:
        return Ranking([], rarity_of(snapshot, query.terms))
    by_sentence = [cosines(chunk, query.vector) for chunk in chunks]
    dense = (np.stack([chunk.vector for chunk in chunks]) @ query.vector).astype(np.float64)
    sentence = np.array(
        [own.max() if own.size else whole for own, whole in zip(by_sentence, dense, strict=True)]
    )
    meaning = normalized((dense + sentence) / 2, found.floor)
    scores = {hit.chunk_id: hit.score for hit in found.worded}
    lexical = np.array([scores.get(chunk.chunk_id, 0.0) for chunk in chunks])
    first = fused(meaning, _words(chunks, lexical))
    looked = _looked_at(chunks, first, query, snapshot, close, answering=answering)
    words = _words(chunks, lexical + looked.feedback)
    overlap = np.array([own.max(initial=0.0) for own in looked.overlaps])
    score = (fused(meaning, words) + SENTENCE_WORDS * overlap) / (1 + SENTENCE_WORDS)
    parts = {
        "dense": dense,
        "sentence": sentence,
        "meaning": meaning,
        "lexical": lexical,
        "feedback": looked.feedback,
        "words": words,
        "overlap": overlap,
        "relative": score,
    }
    columns = list(zip(*(values.tolist() for values in parts.values()), strict=True))
    order = sorted(range(len(chunks)), key=lambda i: (-score[i], chunks[i].chunk_id))
    return Ranking(
        [
            Scored(
                chunks[i],
                float(score[i]),
                by_sentence[i],
                looked.overlaps[i],
                looked.readings[i],
                dict(zip(parts, columns[i], strict=True)),
            )
            for i in order
        ],
        looked.rarity,
    )


@dataclass(frozen=True, slots=True)
class _Looked:
    """What a closer look at the best chunks found, for each chunk."""

    readings: list[Reading | None]
    overlaps: list[Scores]
    feedback: Scores
    rarity: Rarity


def _looked_at(
    chunks: Sequence[StoredChunk],
    first: Scores,
    query: Query,
    snapshot: Snapshot,
    close: int,
    *,
    answering: bool,
) -> _Looked:
    best = np.argsort(-first, kind="stable")[:close].tolist()
    found = [read_closely(chunks[i], snapshot.language) for i in best]
    rarity = rarity_of(snapshot, query.terms.keys() | words_of(found if answering else found[:SEEDS]))
    shares = shares_of(query.terms, rarity)
    added = added_words(query.terms, found[:SEEDS], [float(first[i]) for i in best[:SEEDS]], rarity)
    readings: list[Reading | None] = [None] * len(chunks)
    overlaps: list[Scores] = [np.zeros(len(chunk.sentences)) for chunk in chunks]
    feedback = np.zeros(len(chunks))
    for i, reading, score in zip(best, found, feedback_scores(added, found, rarity), strict=True):
        readings[i], overlaps[i], feedback[i] = reading, reading.overlaps(shares), score
    return _Looked(readings, overlaps, feedback, rarity)


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
