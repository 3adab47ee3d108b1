"""What answering needs of the floors below, as small protocols, and the way from a passage to a source.

Searching is synchronous and CPU-bound: `in_thread` runs it on the worker threads that the caller was given.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, TypeVar

import anyio.to_thread
from anyio import CapacityLimiter

from ragchat.answering.events import Source
from ragchat.corpus.values import StoredDocument
from ragchat.models.embedder import Embedder
from ragchat.retrieval.search import RetrievedPassage, SearchOptions

T = TypeVar("T")


class Corpus(Protocol):
    """The open generation that an answer rests on; it does not change while the answer runs."""

    @property
    def number(self) -> int: ...
    @property
    def settings(self) -> Mapping[str, float]: ...
    @property
    def language(self) -> str: ...
    def idf(self, term: str) -> float: ...
    def document(self, document_id: str) -> StoredDocument: ...
    def text(self, document_id: str, start: int = 0, end: int | None = None) -> str: ...
    def place(self, document_id: str, offset: int) -> tuple[int | None, tuple[str, ...]]: ...


class Searcher(Protocol):
    """Retrieval over one generation; thread-safe."""

    @property
    def generation(self) -> Corpus: ...
    @property
    def embedder(self) -> Embedder: ...
    def search(self, query: str, options: SearchOptions) -> Sequence[RetrievedPassage]: ...


def source_of(passage: RetrievedPassage, n: int) -> Source:
    """The passage as the user sees it, under the number by which it is cited."""
    return Source(
        n=n,
        document_id=passage.document.id,
        chunk_id=passage.chunk_ids[0],
        title=passage.document.title,
        uri=passage.document.uri,
        page=passage.page,
        heading_path=passage.heading_path,
        start=passage.start,
        end=passage.end,
        text=passage.text,
        score=passage.score,
    )


async def in_thread(work: Callable[[], T], limiter: CapacityLimiter | None) -> T:
    """Runs CPU-bound work (milliseconds) beside the event loop.

    A cancelled caller waits for it: the generation that the work reads may be closed once the caller is gone.
    """
    return await anyio.to_thread.run_sync(work, limiter=limiter)
