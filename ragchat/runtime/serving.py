"""One collection as it is served: the current generation, swapped under load without a dropped or mixed answer.

A lease pins one generation for the length of one answer. A newer generation is opened beside the old one, new
leases get the new one, and the old one is closed when its last lease ends. Synchronous and thread-safe.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import monotonic
from typing import Protocol, Self

from ragchat.corpus.contract import Snapshot, Store
from ragchat.errors import NotReady, RagchatError
from ragchat.models.embedder import EmbedderSpec
from ragchat.retrieval.search import Retriever

FIRST_RETRY_SECONDS = 0.5
LAST_RETRY_SECONDS = 30.0
"""Until a generation that could not be opened is tried again: twice as long after each failure, at most this."""


class RetrieverFactory(Protocol):
    """How an open generation becomes searchable."""

    def __call__(self, snapshot: Snapshot) -> Retriever: ...


@dataclass(slots=True)
class _Served:
    """A generation that is open, with the number of answers that still read it."""

    snapshot: Snapshot
    retriever: Retriever
    leases: int = 0
    retired: bool = False


@dataclass(frozen=True, slots=True)
class ServingState:
    """What readiness reports: the generation served (None: nothing yet) and why a newer one is not, if so."""

    collection: str
    generation: int | None
    documents: int
    chunks: int
    problem: RagchatError | None


@dataclass(slots=True)
class ServedCollection:
    """The generations of one index home that are open in this process."""

    home: Store
    spec: Callable[[], EmbedderSpec]
    retriever_for: RetrieverFactory
    clock: Callable[[], float] = monotonic
    _current: _Served | None = None
    _problem: RagchatError | None = None
    _failed_number: int | None = None
    _failures: int = 0
    _again: float = 0.0
    _looked: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _opening: threading.Lock = field(default_factory=threading.Lock)

    def opened(self) -> Self:
        """With the newest generation tried at least once. Who comes while it is being opened waits for it."""
        if not self._looked:
            self.refresh()
            self._looked = True
        return self

    def refresh(self) -> bool:
        """Serve the newest published generation; True when that is another one than before.

        A generation that cannot be opened is remembered as the problem and tried again, at longer and longer intervals;
        so is a catalog that does not tell which one is current. The old one serves on.
        """
        with self._opening:
            try:
                number = self.home.current() if self.home.exists() else None
            except RagchatError as problem:  # a damaged pointer, a catalog that cannot be read
                self._failed(None, problem)
                return False
            serving = self._current.snapshot.number if self._current else None
            if number is None or number == serving:
                self._well()
                return False
            if number == self._failed_number and self.clock() < self._again:
                return False
            try:
                snapshot = self.home.open(number, embedder=self.spec())
            except RagchatError as problem:
                self._failed(number, problem)
                return False
            self._swap(_Served(snapshot, self.retriever_for(snapshot)))
            self._well()
            return True

    def _well(self) -> None:
        self._problem = self._failed_number = None
        self._failures = 0

    def _failed(self, number: int | None, problem: RagchatError) -> None:
        self._failures = self._failures + 1 if number == self._failed_number else 1
        self._problem, self._failed_number = problem, number
        self._again = self.clock() + min(FIRST_RETRY_SECONDS * 2 ** (self._failures - 1), LAST_RETRY_SECONDS)

    def _swap(self, served: _Served | None) -> None:
        with self._lock:
            old, self._current = self._current, served
            if old is None:
                return
            old.retired = True
            idle = old.leases == 0
        if idle:
            old.snapshot.close()

    @contextmanager
    def lease(self) -> Iterator[Retriever]:
        """A retriever whose generation stays open until the lease ends. NotReady when there is nothing to serve."""
        with self._lock:
            served = self._current
            if served is not None:
                served.leases += 1
        if served is None:
            raise self._problem or nothing_ingested(self.home.collection)
        try:
            yield served.retriever
        finally:
            with self._lock:
                served.leases -= 1
                last = served.retired and served.leases == 0
            if last:
                served.snapshot.close()

    def state(self) -> ServingState:
        """A consistent view for readiness probes; reads nothing from disk."""
        with self._lock:
            snapshot = self._current.snapshot if self._current else None
        return ServingState(
            collection=self.home.collection,
            generation=snapshot.number if snapshot else None,
            documents=snapshot.document_count if snapshot else 0,
            chunks=snapshot.chunk_count if snapshot else 0,
            problem=self._problem,
        )

    def close(self) -> None:
        """Stop serving; a generation still leased closes when its last lease ends."""
        self._swap(None)


def nothing_ingested(collection: str) -> NotReady:
    """The error for a collection without any generation."""
    option = "" if collection == "default" else f" --collection {collection}"
    return NotReady(
        f"The collection {collection!r} has no index yet.",
        hint=f"Run `ragchat ingest{option} PATH` first.",
        code="no_index",
    )
