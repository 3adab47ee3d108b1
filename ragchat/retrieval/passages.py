"""Ranked chunks into passages: neighbours of a better chunk join it, copies of it vanish."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ragchat.documents import Span
from ragchat.index.types import StoredChunk
from ragchat.models.embedder import Vectors
from ragchat.retrieval.results import RetrievedPassage, RetrievedSentence


@dataclass(frozen=True, slots=True)
class Scored:
    """A chunk with its final score, its sentences' cosines and what the score is made of."""

    chunk: StoredChunk
    score: float
    sentence_scores: Vectors
    explanation: Mapping[str, float]


def passages_of(ranked: Sequence[Scored], top_k: int) -> list[RetrievedPassage]:
    """The best `top_k` passages of chunks that come best first."""
    return [_passage(scored) for scored in ranked[:top_k]]


def _passage(scored: Scored) -> RetrievedPassage:
    chunk = scored.chunk
    return RetrievedPassage(
        document=chunk.document,
        chunk_ids=(chunk.chunk_id,),
        start=chunk.start,
        end=chunk.end,
        text=chunk.text,
        heading_path=chunk.heading_path,
        page=chunk.page,
        score=scored.score,
        sentences=tuple(_sentences(scored)),
        explanation=scored.explanation,
    )


def _sentences(scored: Scored) -> list[RetrievedSentence]:
    chunk = scored.chunk
    known = len(scored.sentence_scores) == len(chunk.sentences)
    return [
        RetrievedSentence(
            span=span,
            text=Span(span.start - chunk.start, span.end - chunk.start).of(chunk.text),
            score=float(scored.sentence_scores[i]) if known else 0.0,
            vector=chunk.sentence_vectors[i] if known else None,
        )
        for i, span in enumerate(chunk.sentences)
    ]
