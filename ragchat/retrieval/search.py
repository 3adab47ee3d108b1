"""A question in, passages out: both searches, their fusion, a closer look at the best, and the making of passages.

Synchronous and thread-safe; callers in an event loop use worker threads. One Retriever serves one generation.
"""

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from ragchat.corpus.local.searching.generation import Generation
from ragchat.models.embedder import Embedder, Vectors
from ragchat.retrieval.candidates import Reach, gather
from ragchat.retrieval.passages import REACH, PassageOptions, passages_of
from ragchat.retrieval.question import understood
from ragchat.retrieval.ranking import Measure, Scored, ranked
from ragchat.retrieval.rerank import Reranker, reranked
from ragchat.retrieval.results import RetrievedPassage, RetrievedSentence, SearchOptions

__all__ = ["RetrievedPassage", "RetrievedSentence", "Retriever", "SearchOptions"]

SAMPLE = 256
"""Chunks whose mean vector stands for a chunk drawn at random."""


class Retriever:
    """Hybrid search over one open generation with the embedder that built it."""

    def __init__(self, generation: Generation, embedder: Embedder, reranker: Reranker | None = None) -> None:
        """Raises WrongEmbedder when the embedder is not the one of the generation."""
        generation.require_embedder(embedder.spec)
        self.generation = generation
        self.embedder = embedder
        self.reranker = reranker

    def search(self, query: str, options: SearchOptions | None = None) -> list[RetrievedPassage]:
        """The best passages, best first, at most `options.top_k`. Raises UpstreamFailed (a model's service)."""
        options = options or SearchOptions()
        allowed = self.generation.select(options.filters)
        if not query.strip() or (allowed is not None and allowed.count == 0):
            return []
        generation = self.generation
        question = understood(query, options.context, self.embedder, generation.language)
        floor = float(self._typical @ question.vector)
        reach = Reach(max(options.candidates, 4 * options.top_k), max(options.read, 3 * options.top_k))
        candidates = gather(generation, question, floor, reach, allowed)
        close = max(options.close, REACH * options.top_k)
        found = ranked(candidates, Measure(question, floor, generation.idf, generation.language, close))
        if self.reranker is not None:
            asked = f"{options.context} {query}".strip()  # "And the other one?" alone can be graded by nobody
            found = reranked(self.reranker, asked, found, max(options.close, options.top_k))
        passage_options = PassageOptions(options.top_k, options.trim, _confidence(found))
        return passages_of(found, passage_options, generation.text)

    @cached_property
    def _typical(self) -> Vectors:
        """The mean of a sample of chunk vectors; its product with a question is the cosine of no relation at all."""
        sample = self.generation.sample(SAMPLE, seed=0)
        if not sample:
            return np.zeros(self.embedder.spec.dimension, dtype=np.float32)
        mean: Vectors = np.mean([chunk.vector for chunk in sample], axis=0, dtype=np.float32)
        return mean


def _confidence(found: Sequence[Scored]) -> float:
    """How good the best of the first few is in itself, comparable between questions: mean of cosine and overlap."""
    first = found[:5]
    meaning = max((max(one.explanation["dense"], one.explanation["sentence"]) for one in first), default=0.0)
    words = max((one.explanation["overlap"] for one in first), default=0.0)
    return min(1.0, max(0.0, (meaning + words) / 2))
