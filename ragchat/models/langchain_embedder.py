"""Any LangChain embedder by its `init_embeddings` name, held to our contract: batches, retries, unit vectors.

The dimension is learnt from the first vectors, or by embedding one word when `spec` is asked for before: building an
embedder calls no service.
Sentence vectors are (0, dim): a service shows no token states, and one request for each sentence would cost too much.
"""

import math
import random
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from ragchat.errors import UpstreamFailed
from ragchat.models.embedder import EmbedderSpec, Passage, PassageVectors, Vectors
from ragchat.models.providers import (
    Options,
    at_home,
    built,
    openai_options,
    provider_of,
    retry_after,
    upstream_failed,
)

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings
    from pydantic import SecretStr

SETTING: Final = "RAGCHAT_EMBEDDINGS"
BYTES_PER_TOKEN: Final = (
    3  # a careful guess: English is 4-5 bytes a token in current tokenizers, code about 3
)


QUERY_DEADLINE = 10.0
"""Seconds in which a question's vector is tried for."""


@dataclass(frozen=True, slots=True)
class BatchLimits:
    """At most `texts` texts and about `tokens` tokens in one request; a longer text goes alone, cut to `text_tokens`.

    The defaults stay inside what OpenAI (300,000 a request, 8,191 a text) and local servers accept.
    """

    texts: int = 128
    tokens: int = 100_000
    text_tokens: int = 8_000


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Full-jitter exponential backoff in seconds (AWS Architecture Blog, 2015), all tries inside `deadline`."""

    deadline: float = 120.0
    first_wait: float = 0.5
    longest_wait: float = 20.0

    def wait(self, tries: int, asked: float | None) -> float:
        """How long to wait after `tries` failures; the service's Retry-After is a lower bound."""
        backoff = random.uniform(0, min(self.longest_wait, self.first_wait * 2**tries))  # noqa: S311
        return max(backoff, asked or 0.0)


class LangChainEmbedder:
    """The `Embedder` around a LangChain `Embeddings`; thread-safe as far as that one is.

    Raises UpstreamFailed when the service still fails at the deadline, or answers with what are not vectors.
    """

    def __init__(
        self,
        name: str,
        model: "Embeddings",
        *,
        limits: BatchLimits | None = None,
        retries: RetryPolicy | None = None,
    ) -> None:
        self.name = name
        self._model = model
        self._limits = limits or BatchLimits()
        self._retries = retries or RetryPolicy()
        # Somebody waits for a question's vector, and for the first call of all; an ingest may wait out a bad minute.
        self._query_retries = replace(self._retries, deadline=min(self._retries.deadline, QUERY_DEADLINE))
        self._spec: EmbedderSpec | None = None
        self._probing = threading.Lock()

    @classmethod
    def named(
        cls, name: str, *, base_url: str | None = None, api_key: "SecretStr | None" = None
    ) -> "LangChainEmbedder":
        """The embedder that LangChain calls `name`. Raises UsageError or NotReady; calls no service."""
        provider = provider_of(name, SETTING)
        options = _openai_embedding_options(base_url, api_key) if provider == "openai" else {}

        def build() -> "Embeddings":
            from langchain.embeddings import init_embeddings  # langchain: only for its models

            model = init_embeddings(name, **options)
            at_home(model)
            return model

        return cls(name, built(name, provider, SETTING, build))

    @property
    def spec(self) -> EmbedderSpec:
        """Calls the service once to learn the dimension, unless vectors have come already."""
        with self._probing:
            if self._spec is None:
                self._unit(
                    self._retried(lambda: self._model.embed_documents(["dimension"]), self._query_retries), 1
                )
        assert self._spec is not None  # _embed has set it or raised
        return self._spec

    def embed_passages(self, passages: Iterable[Passage]) -> Iterator[PassageVectors]:
        """Vectors in input order, batch by batch; only one batch is in memory."""
        none = np.zeros((0, self.spec.dimension), np.float32)
        texts = (f"{passage.context}\n{passage.text}".strip() for passage in passages)
        for batch in self._batches(texts):
            for vector in self._embed(batch):
                yield PassageVectors(vector, none)

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """float32 (n, dim), unit length."""
        found = [self._embed(batch) for batch in self._batches(texts)]
        return np.concatenate(found) if found else np.zeros((0, self.spec.dimension), np.float32)

    def embed_query(self, text: str) -> Vectors:
        """float32 (dim,), unit length. Uses the model's query form, which differs from the document form in some."""
        readable = _readable(text, self._limits.text_tokens)
        rows = self._retried(lambda: [self._model.embed_query(readable)], self._query_retries)
        vector: Vectors = self._unit(rows, 1)[0]
        return vector

    def _batches(self, texts: Iterable[str]) -> Iterator[list[str]]:
        batch: list[str] = []
        tokens = 0
        for text in texts:
            readable = _readable(text, self._limits.text_tokens)
            cost = math.ceil(len(readable.encode()) / BYTES_PER_TOKEN)
            if batch and (len(batch) >= self._limits.texts or tokens + cost > self._limits.tokens):
                yield batch
                batch, tokens = [], 0
            batch.append(readable)
            tokens += cost
        if batch:
            yield batch

    def _embed(self, batch: list[str]) -> Vectors:
        rows = self._retried(lambda: self._model.embed_documents(batch), self._retries)
        return self._unit(rows, len(batch))

    def _retried(self, call: Callable[[], list[list[float]]], policy: RetryPolicy) -> list[list[float]]:
        """`call`, again while it fails in a way that may pass and the deadline allows for the wait."""
        deadline = time.monotonic() + policy.deadline
        tries = 0
        while True:
            try:
                return call()
            except Exception as error:  # the adapter's boundary: every provider has its own exceptions
                failure = upstream_failed(self.name, error)
                wait = policy.wait(tries, retry_after(error))
                if not failure.retryable or time.monotonic() + wait > deadline:
                    raise failure from error
            tries += 1
            time.sleep(wait)

    def _unit(self, rows: list[list[float]], count: int) -> Vectors:
        """(count, dim) at unit length; UpstreamFailed for anything else than `count` finite, non-zero vectors."""
        try:
            vectors = np.array(rows, np.float32)
        except (TypeError, ValueError) as error:
            raise self._unusable("vectors of different lengths") from error
        if vectors.ndim != 2 or len(vectors) != count or not vectors.shape[1]:
            raise self._unusable(f"an array of shape {vectors.shape} for {count} texts")
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        if not np.isfinite(lengths).all() or not lengths.all():
            raise self._unusable("vectors with no direction (NaN, infinite or zero)")
        self._check_dimension(vectors.shape[1])
        unit: Vectors = vectors / lengths
        return unit

    def _check_dimension(self, dimension: int) -> None:
        if self._spec is None:
            self._spec = EmbedderSpec(self.name, self.name.partition(":")[2], dimension)
        if dimension != self._spec.dimension:
            raise self._unusable(f"vectors of {dimension} numbers, not {self._spec.dimension}")

    def _unusable(self, what: str) -> UpstreamFailed:
        hint = "Check that the name is an embedding model's."
        return UpstreamFailed(f"{self.name} sent {what}.", hint=hint, code="bad_embedding", retryable=False)


def _openai_embedding_options(base_url: str | None, api_key: "SecretStr | None") -> Options:
    options: Options = {
        **openai_options(base_url, api_key),
        "max_retries": 0,  # ours know the deadline
        "timeout": 60.0,
        # LangChain's own batches would cut ours; 2,048 is OpenAI's limit of inputs.
        "chunk_size": 2_048,
    }
    # Text, not token numbers: tiktoken would download its vocabulary, and other servers do not read token numbers.
    return options | {"check_embedding_ctx_length": False}


def _readable(text: str, tokens: int) -> str:
    """Valid UTF-8, not empty (OpenAI refuses empty input), cut to about `tokens` tokens."""
    encoded = text.encode("utf-8", "replace")[: tokens * BYTES_PER_TOKEN]
    return encoded.decode("utf-8", "ignore").strip() or "-"
