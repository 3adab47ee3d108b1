"""An embedder that gives no sentence vectors, as services do: everything works, by chunk vectors and words."""

import zlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from small_library import LIBRARY, build

from ragchat.language.analysis import analyze
from ragchat.models.embedder import EmbedderSpec, Passage, PassageVectors, Vectors
from ragchat.retrieval.search import Retriever, SearchOptions


class HashingEmbedder:
    """Bags of hashed words as unit vectors: deterministic, and near where words are shared."""

    spec = EmbedderSpec("test:hashing", "1", 64)

    def embed_query(self, text: str) -> Vectors:
        vector = np.full(64, 0.01, np.float32)
        for word in analyze(text):
            vector[zlib.crc32(word.encode()) % 64] += 1
        unit: Vectors = vector / np.linalg.norm(vector)
        return unit

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        return np.array([self.embed_query(text) for text in texts], np.float32).reshape(-1, 64)

    def embed_passages(self, passages: Iterable[Passage]) -> Iterator[PassageVectors]:
        for passage in passages:
            yield PassageVectors(self.embed_query(passage.text), np.zeros((0, 64), np.float32))


def test_passages_have_sentences_without_scores_and_are_trimmed_by_their_words(tmp_path: Path) -> None:
    embedder = HashingEmbedder()
    with build(tmp_path, LIBRARY, embedder) as generation:
        found = Retriever(generation, embedder).search("screws for wall mounting", SearchOptions(top_k=3))

    best = found[0]
    assert best.document.title == "Router XR-2000"
    assert "Wall mounting needs two screws" in best.text
    assert best.sentences
    assert all(sentence.vector is None and sentence.score == 0.0 for sentence in best.sentences)
    assert best.explanation["sentence"] == pytest.approx(best.explanation["dense"], abs=1e-6)
