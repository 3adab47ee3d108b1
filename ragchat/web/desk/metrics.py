"""What is measured, for Prometheus: requests, answers, tokens, refusals, limits, what is open and what is served.

Names and labels are the contract with dashboards. With several workers (PROMETHEUS_MULTIPROC_DIR, set by `ragchat
serve`) each writes into files, and whichever is asked adds them all up. No label holds what a client chose freely.
"""

import os
from typing import Final

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

MULTIPROCESS: Final = "PROMETHEUS_MULTIPROC_DIR"
MEDIA_TYPE: Final = CONTENT_TYPE_LATEST
BUCKETS: Final = (
    *(0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75),
    *(1.0, 1.5, 2.0, 3.0, 5.0, 7.5, 10.0, 15.0, 30.0, 60.0),
)
"""Seconds. Steps of a half or less where answers lie, so that p50, p95 and p99 are read with an error below a third."""


class Metrics:
    """The measures of one application; a registry of its own, so that several fit into one process."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        self.requests = Counter(
            "ragchat_requests", "Requests answered.", ("method", "route", "status"), registry=registry
        )
        self.request_seconds = Histogram(
            "ragchat_request_seconds", "To the last byte.", ("route",), buckets=BUCKETS, registry=registry
        )
        self.first_token_seconds = Histogram(
            "ragchat_first_token_seconds", "From question to first word.", buckets=BUCKETS, registry=registry
        )
        self.answer_seconds = Histogram(
            "ragchat_answer_seconds", "From question to end.", buckets=BUCKETS, registry=registry
        )
        self.answers = Counter(
            "ragchat_answers", "Answers by how they ended.", ("finish",), registry=registry
        )
        self.refusals = Counter("ragchat_refusals", "Refusals by reason.", ("reason",), registry=registry)
        self.tokens = Counter("ragchat_tokens", "Tokens of the model.", ("direction",), registry=registry)
        self.cache = Counter(
            "ragchat_answer_cache", "Questions by what the cache knew.", ("outcome",), registry=registry
        )
        self.limited = Counter(
            "ragchat_limited", "Questions refused by a limit.", ("limit",), registry=registry
        )
        self.open_streams = Gauge(
            "ragchat_open_streams", "Streams being sent.", registry=registry, multiprocess_mode="livesum"
        )
        self.running = Gauge(
            "ragchat_answers_running", "Answers being made.", registry=registry, multiprocess_mode="livesum"
        )
        self.generation = Gauge(
            "ragchat_index_generation",
            "Generation of the index that is served.",
            ("collection",),
            registry=registry,
            multiprocess_mode="livemin",
        )

    def text(self) -> bytes:
        """All of it in Prometheus' text format, of every worker."""
        if not os.environ.get(MULTIPROCESS):
            return generate_latest(self._registry)
        whole = CollectorRegistry()
        MultiProcessCollector(whole)  # type: ignore[no-untyped-call]
        return generate_latest(whole)


def forget_process(process: int) -> None:
    """Take what a worker that is dead had running out of the sums."""
    mark_process_dead(process)  # type: ignore[no-untyped-call]
