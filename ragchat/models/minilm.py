"""The embedder that ships with the package: all-MiniLM-L6-v2, int8 ONNX, 256 tokens, 384 dimensions.

One onnxruntime session with one thread inside, called at batch 1 from as many threads as there are cores: the best
throughput, and the only way to deterministic vectors, because int8 activations are scaled per batch. One forward pass
gives the chunk's vector and, from the same token states, a vector for each sentence. Heavy imports happen here, so
import this module lazily (`ragchat.models.load_embedder`).
"""

import hashlib
import os
import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
import onnxruntime  # type: ignore[import-untyped]
from numpy.typing import NDArray
from tokenizers import Tokenizer

from ragchat.documents import Span
from ragchat.errors import NotReady
from ragchat.models.embedder import EmbedderSpec, Passage, PassageVectors, Vectors

NAME: Final = "local:minilm"
DIRECTORY: Final = Path(__file__).with_name("minilm")
DIMENSION: Final = 384
WINDOW: Final = 256
CONTEXT_SHARE: Final = (
    64  # tokens that title and headings may always have; more only where the text leaves room
)
LONGEST_READ: Final = 16_384  # code points tokenized at most: 64 for each token of the window
LOOK_AHEAD: Final = 4  # passages in flight for each thread
CACHED_QUERIES: Final = 256
CLS: Final = 101
SEP: Final = 102

_SURROGATE: Final = re.compile("[\ud800-\udfff]")


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
        files = _verified_files(directory)
        self.spec = EmbedderSpec(NAME, files["model.onnx"].sha256[:16], DIMENSION)
        self._tokenizer = Tokenizer.from_str(files["tokenizer.json"].content.decode())
        self._session = _session(files["model.onnx"].content)
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
        text = self._tokenizer.encode(_readable(passage.text), add_special_tokens=False)
        context: list[int] = []
        if passage.context:
            context = self._tokenizer.encode(_readable(passage.context), add_special_tokens=False).ids
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


def _readable(text: str) -> str:
    """At most `LONGEST_READ` code points; lone surrogates, which have no UTF-8, become U+FFFD: offsets stay."""
    text = text[:LONGEST_READ]
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)


@dataclass(frozen=True, slots=True)
class _File:
    content: bytes
    sha256: str


def _verified_files(directory: Path) -> dict[str, _File]:
    """The files named in SHA256SUMS by name, read once (23 MB hash in about 15 ms)."""
    files = {}
    for line in _read(directory / "SHA256SUMS").decode().splitlines():
        expected, name = line.split(maxsplit=1)
        content = _read(directory / name)
        actual = hashlib.sha256(content).hexdigest()
        if actual != expected:
            raise _not_ready(
                directory / name, f"is damaged: its sha256 is {actual[:16]}…, not {expected[:16]}…"
            )
        files[name] = _File(content, actual)
    return files


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise _not_ready(path, f"cannot be read ({error.strerror})") from error


def _not_ready(path: Path, problem: str) -> NotReady:
    hint = "Reinstall ragchat, or run tools/build_minilm.py in a clone."
    return NotReady(f"The embedding model's file {path} {problem}.", hint=hint, code="embedder_missing")


def _session(model: bytes) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # Fusing Add and LayerNormalization makes them six times slower (bench/embedding/README.md).
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.enable_cpu_mem_arena = False  # as fast, and memory does not grow with the longest passage
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
