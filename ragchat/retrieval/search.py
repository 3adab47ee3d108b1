"""A question in, passages out: the two searches, their fusion, and the making of passages.

Synchronous and thread-safe; callers in an event loop use worker threads. One Retriever serves one generation.
"""

import numpy as np

from ragchat.index.generation import Generation
from ragchat.models.embedder import Embedder
from ragchat.retrieval.candidates import Candidates, gather
from ragchat.retrieval.fusion import normalized
from ragchat.retrieval.passages import Scored, passages_of
from ragchat.retrieval.results import RetrievedPassage, RetrievedSentence, SearchOptions

__all__ = ["RetrievedPassage", "RetrievedSentence", "Retriever", "SearchOptions"]

DENSE_WEIGHT = 0.5


class Retriever:
    """Hybrid search over one open generation with the embedder that built it."""

    def __init__(self, generation: Generation, embedder: Embedder) -> None:
        """Raises WrongEmbedder when the embedder is not the one of the generation."""
        generation.require_embedder(embedder.spec)
        self.generation = generation
        self.embedder = embedder

    def search(self, query: str, options: SearchOptions | None = None) -> list[RetrievedPassage]:
        """The best passages, best first, at most `options.top_k`. Raises UpstreamFailed (embedding service)."""
        options = options or SearchOptions()
        allowed = self.generation.select(options.filters)
        if not query.strip() or (allowed is not None and allowed.count == 0):
            return []
        limit = max(options.candidates, 2 * options.top_k)
        vector = self.embedder.embed_query(query)
        return passages_of(_ranked(gather(self.generation, query, vector, limit, allowed)), options.top_k)


def _ranked(candidates: Candidates) -> list[Scored]:
    """Candidates with their fused scores, best first; ties in document order."""
    meaning = (candidates.dense + candidates.sentence) / 2
    dense = normalized(meaning)
    lexical = normalized(candidates.lexical, 0.0)
    final = DENSE_WEIGHT * dense + (1 - DENSE_WEIGHT) * lexical
    return [
        Scored(
            candidates.chunks[i],
            float(final[i]),
            candidates.sentence_scores[i],
            {
                "dense": float(candidates.dense[i]),
                "sentence": float(candidates.sentence[i]),
                "dense_normalized": float(dense[i]),
                "lexical": float(candidates.lexical[i]),
                "lexical_normalized": float(lexical[i]),
                "final": float(final[i]),
            },
        )
        for i in np.argsort(-final, kind="stable")
    ]
