"""A question in, passages and units out: the one search behind every face, `ragchat eval` and every answer.

Both searches and the rows of their best, ranking by all that is known, the windows around the best, a second reader
over their units where one is set and wanted, and the making of passages: three calls to the snapshot. A search without
a second reader makes no windows and units, which only answers use; its passages are the same. Synchronous and
thread-safe; callers in an event loop use worker threads. One Retriever serves one generation.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, TypeAlias, TypeVar

from ragchat.corpus.contract import Snapshot
from ragchat.corpus.values import Structure, View, Wanted
from ragchat.errors import NotFound
from ragchat.models.embedder import Embedder
from ragchat.models.reranker import Reranker
from ragchat.retrieval.passages import REACH, Read, passages_of
from ragchat.retrieval.query import Query, query_of
from ragchat.retrieval.ranking import Scored, ranked
from ragchat.retrieval.results import RetrievedPassage, RetrievedSentence, SearchOptions
from ragchat.retrieval.scoring.rarity import Rarity
from ragchat.retrieval.second_reader import blended, graded
from ragchat.retrieval.units import Unit, units_of
from ragchat.retrieval.windows import Windows, windows_around

__all__ = ["Retrieval", "RetrievedPassage", "RetrievedSentence", "Retriever", "SearchOptions"]


T = TypeVar("T")

READ_ALONG: Final = 2
"""Words of the conversation that the second reader reads behind the question."""


@dataclass(frozen=True, slots=True)
class Retrieval:
    """What one search brought: passages and units, each best first; the windows that they are cut from; how rare the
    words of the question and of the best chunks are; and `asked`, the question as the second reader read it ("" where
    none did)."""

    query: Query
    passages: tuple[RetrievedPassage, ...]
    units: tuple[Unit, ...]
    windows: Windows
    rarity: Rarity
    asked: str = ""


Enough: TypeAlias = Callable[[Retrieval], bool]


class Retriever:
    """Hybrid search over one open generation with the embedder that built it."""

    def __init__(self, snapshot: Snapshot, embedder: Embedder, reranker: Reranker | None = None) -> None:
        """Raises WrongEmbedder when the embedder is not the one of the generation."""
        snapshot.require_embedder(embedder.spec)
        self.snapshot = snapshot
        self.embedder = embedder
        self.reranker = reranker

    def narrowed(self, view: View) -> "Retriever":
        """The same, over what a caller may see."""
        return Retriever(self.snapshot.narrowed(view), self.embedder, self.reranker)

    def search(self, query: str, options: SearchOptions | None = None) -> Sequence[RetrievedPassage]:
        """The best passages, best first, at most `options.top_k`. Raises UpstreamFailed (a model's service)."""
        options = options or SearchOptions()
        if self._reader(options) is not None:
            return self.retrieve(query, options).passages
        return _despite_a_purge(partial(self._search, query, options))

    def retrieve(self, query: str, options: SearchOptions, enough: Enough | None = None) -> Retrieval:
        """Passages, units and what they were judged by; `enough` is shown what the search found, and says whether the
        second reader may be left out. Raises UpstreamFailed."""
        return _despite_a_purge(partial(self._retrieve, query, options, enough))

    def _search(self, query: str, options: SearchOptions) -> Sequence[RetrievedPassage]:
        first = self._first(query, options, answering=False)
        return first.passages(first.chunks, options.top_k, self.snapshot.read)

    def _retrieve(self, query: str, options: SearchOptions, enough: Enough | None) -> Retrieval:
        first = self._first(query, options, answering=True)
        chunks = first.chunks[: first.close]
        windows = windows_around([scored.chunk for scored in chunks], first.structures, self.snapshot)
        units = units_of(chunks, windows)

        def found(chunks: Sequence[Scored], units: Sequence[Unit], asked: str = "") -> Retrieval:
            ordered = [*chunks, *first.chunks[first.close :]]
            passages = first.passages(ordered, options.top_k, windows.read)
            return Retrieval(first.query, tuple(passages), tuple(units), windows, first.rarity, asked)

        reader = self._reader(options)
        if reader is None:
            return found(chunks, units)
        if enough is not None and enough(unread := found(chunks, units)):
            return unread
        # "And the other one?" alone can be graded by nobody; with all of the conversation's words that is what the
        # grade would be about.
        asked = " ".join([query, *options.context.split()[:READ_ALONG]])
        units = graded(reader, asked, units)
        return found(blended(chunks, units), units, asked)

    def _reader(self, options: SearchOptions) -> Reranker | None:
        return self.reranker if options.rerank else None

    def _first(self, query: str, options: SearchOptions, *, answering: bool) -> "_First":
        """Both searches, ranked by all that is known without another model."""
        snapshot = self.snapshot
        asked = query_of(query, options.context, self.embedder, snapshot.language)
        if not query.strip():
            return _First(asked, [], Rarity({}, 1.0, 1.0), {}, 0)
        found = snapshot.find(
            Wanted(
                asked.vector,
                asked.terms,
                hits=max(options.candidates, 4 * options.top_k),
                read=max(options.read, 3 * options.top_k),
                filters=options.filters,
            )
        )
        close = max(options.close, REACH * options.top_k)
        ranking = ranked(found, asked, snapshot, close, answering=answering)
        return _First(asked, ranking.chunks, ranking.rarity, found.structures, close)


@dataclass(frozen=True, slots=True)
class _First:
    """What the search knows before a second reader: all chunks that were read, best first, the first `close` of them
    looked at closely."""

    query: Query
    chunks: list[Scored]
    rarity: Rarity
    structures: Mapping[str, Structure]
    close: int

    def passages(self, chunks: Sequence[Scored], top_k: int, read: Read) -> list[RetrievedPassage]:
        """The chunks, in the order that they have by now, as passages."""
        return passages_of(chunks, top_k, _confidence(self.chunks), self.structures, read)


def _despite_a_purge(work: Callable[[], T]) -> T:
    """Again, where a document was purged between being found and being read: it is not found any more then."""
    try:
        return work()
    except NotFound:
        return work()


def _confidence(found: Sequence[Scored]) -> float:
    """How good the best of the first few is in itself, comparable between questions: mean of cosine and overlap."""
    first = found[:5]
    meaning = max((max(one.explanation["dense"], one.explanation["sentence"]) for one in first), default=0.0)
    words = max((one.explanation["overlap"] for one in first), default=0.0)
    return min(1.0, max(0.0, (meaning + words) / 2))
