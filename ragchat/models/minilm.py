"""The embedder that ships with the package: all-MiniLM-L6-v2, int8 ONNX, 256 tokens, 384 dimensions.

One onnxruntime session with one thread inside, called at batch 1 from as many threads as there are cores: the best
throughput, and the only way to deterministic vectors, because int8 activations are scaled per batch. One forward pass
gives the chunk's vector and, from the same token states, a vector for each sentence. Heavy imports happen here, so
import this module lazily (`ragchat.models.load_embedder`).
"""

import os
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from ragchat.documents import Span
from ragchat.models.embedder import EmbedderSpec, Passage, PassageVectors, Vectors
from ragchat.models.shipped import Origin, readable, session_of, verified_files

NAME: Final = "local:minilm"
DIRECTORY: Final = Path(__file__).with_name("minilm")
DIMENSION: Final = 384
WINDOW: Final = 256
CONTEXT_SHARE: Final = (
    64  # tokens that title and headings may always have; more only where the text leaves room
)
LOOK_AHEAD: Final = 4  # passages in flight for each thread
CACHED_QUERIES: Final = 256
CLS: Final = 101
SEP: Final = 102


@dataclass(frozen=True, slots=True)
class _Tokens:
    """Model input: `ids` with [CLS] and [SEP]; `starts[i]` is where token `text_at + i` starts in the text."""

    ids: NDArray[np.int64]
    text_at: int
    starts: list[int]


class MiniLMEmbedder:
    """The `Embedder` of `local:minilm`; thread-safe, the same text always gives the same bytes.

    `threads` is the number of passages computed at once (default: the cores this process may use). `directory` holds
    model.onnx, tokenizer.json and SHA256SUMS. Raises NotReady when a file is missing or not what SHA256SUMS says.
    """

    def __init__(self, *, threads: int | None = None, directory: Path = DIRECTORY) -> None:
        self.threads = threads or len(os.sched_getaffinity(0))
        files = verified_files(Origin(directory, "build_minilm.py", "embedder_missing"))
        self.spec = EmbedderSpec(NAME, files["model.onnx"].sha256[:16], DIMENSION)
        self._tokenizer = Tokenizer.from_str(files["tokenizer.json"].content.decode())
        self._session = session_of(files["model.onnx"].content)
        self._embed_query = lru_cache(CACHED_QUERIES)(self._embed_text)

    def embed_passages(self, passages: Iterable[Passage]) -> Iterator[PassageVectors]:
        """Vectors in input order; at most `LOOK_AHEAD * threads` passages are in flight."""
        if self.threads == 1:
            yield from map(self._embed, passages)
            return
        pool = ThreadPoolExecutor(self.threads, thread_name_prefix="minilm")
        flying: deque[Future[PassageVectors]] = deque()
        try:
            for passage in passages:
                flying.append(pool.submit(self._embed, passage))
                if len(flying) >= LOOK_AHEAD * self.threads:
                    yield flying.popleft().result()
            while flying:
                yield flying.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """float32 (n, 384), unit length."""
        if len(texts) < 2:
            rows = [self._embed_text(text) for text in texts]
        else:
            rows = [vectors.chunk for vectors in self.embed_passages(Passage("", text) for text in texts)]
        return np.array(rows, np.float32).reshape(len(rows), DIMENSION)

    def embed_query(self, text: str) -> Vectors:
        """float32 (384,), unit length; the latest queries are remembered."""
        return self._embed_query(text).copy()

    def _embed_text(self, text: str) -> Vectors:
        return self._embed(Passage("", text)).chunk

    def _embed(self, passage: Passage) -> PassageVectors:
        tokens = self._tokens(passage)
        states = self._session.run(None, {"input_ids": tokens.ids})[0]
        return PassageVectors(
            _unit(states.mean(axis=0)), _sentence_vectors(states, tokens, passage.sentences)
        )

    def _tokens(self, passage: Passage) -> _Tokens:
        """Context and text in one window; what does not fit is cut from the end of each."""
        text = self._tokenizer.encode(readable(passage.text), add_special_tokens=False)
        context: list[int] = []
        if passage.context:
            context = self._tokenizer.encode(readable(passage.context), add_special_tokens=False).ids
        room = WINDOW - 2
        context = context[: max(CONTEXT_SHARE, room - len(text.ids))]
        taken = text.ids[: room - len(context)]
        starts = [start for start, _ in text.offsets[: len(taken)]]
        ids = np.array([CLS, *context, *taken, SEP], np.int64)
        return _Tokens(ids, 1 + len(context), starts)


def _sentence_vectors(states: Vectors, tokens: _Tokens, sentences: tuple[Span, ...]) -> Vectors:
    """(len(sentences), 384): the mean of the tokens that start inside each span; zero where there are none."""
    vectors = np.zeros((len(sentences), DIMENSION), np.float32)
    edges = [(sentence.start, sentence.end) for sentence in sentences]
    bounds = np.searchsorted(tokens.starts, np.array(edges).reshape(-1, 2)) + tokens.text_at
    for row, (first, last) in enumerate(bounds.tolist()):
        if first < last:
            vectors[row] = _unit(states[first:last].mean(axis=0))
    return vectors


def _unit(vector: Vectors) -> Vectors:
    # np.dot of one vector stays on this thread; layer-normalised states never have a zero mean.
    unit: Vectors = (vector / np.sqrt(np.dot(vector, vector))).astype(np.float32)
    return unit
