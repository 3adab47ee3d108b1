"""The storage contract: four protocols that every store keeps, and all that the floors above know of storage.

*Stores* opens collections from a URL; a *Store* is one collection; a *Snapshot* is one generation of it and never
changes; a *Run* makes the next one. Everything takes and gives many at once: an answer costs at most four calls to its
snapshot, so that a store across a network serves it as well. What holds of each method is said here, and proved for
every implementation by tests/corpus/contract.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from types import TracebackType
from typing import Literal, Protocol, Self, TypeAlias

from ragchat.corpus.values import (
    FileStat,
    Filters,
    Found,
    GenerationInfo,
    KnownDocument,
    Place,
    StoredChunk,
    StoredDocument,
    Structure,
    View,
    Wanted,
)
from ragchat.corpus.verification import Progress, VerifyReport
from ragchat.documents import Chunk, Document
from ragchat.models.embedder import EmbedderSpec, Passage, PassageVectors, Vectors

Phase: TypeAlias = Literal[
    "cleaning", "staging", "building", "sealing", "renaming", "committing", "published", "pruning"
]
Observe: TypeAlias = Callable[[Phase], None]


class Snapshot(Protocol):
    """One generation: whatever is published, rolled back or pruned meanwhile, it answers the same until it is closed.

    Thread-safe and synchronous; callers in an event loop use worker threads. Raises IndexDamaged from any method where
    what is stored is not what was written. It sees no more than its view: a document outside of it does not exist for
    it, in counts neither.
    """

    @property
    def number(self) -> int: ...
    @property
    def collection(self) -> str: ...
    @property
    def embedder(self) -> EmbedderSpec: ...
    @property
    def settings(self) -> Mapping[str, float]:
        """What was fitted when the generation was built (thresholds)."""
        ...

    @property
    def language(self) -> str:
        """ISO 639-1 code of the collection: its stemmer and function words."""
        ...

    @property
    def chunk_count(self) -> int: ...
    @property
    def document_count(self) -> int: ...

    def close(self) -> None:
        """Lets pruning have it. Idempotent; calls under way in other threads end undisturbed."""
        ...

    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...

    def narrowed(self, view: View) -> "Snapshot":
        """The same generation as a caller may see it. Closing it leaves this one open; views only ever narrow."""
        ...

    def require_embedder(self, spec: EmbedderSpec) -> None:
        """Raises WrongEmbedder unless `spec` made its vectors."""
        ...

    # Searching

    def find(self, wanted: Wanted) -> Found:
        """Both searches and the rows of their best, in one call.

        Filters and view hold inside the search: with `hits` allowed chunks there are `hits` of them. No terms, or none
        that stands anywhere: nothing `worded`. Raises WrongEmbedder for a vector of another dimension or with NaN.
        """
        ...

    def idf(self, terms: Collection[str]) -> Mapping[str, float]:
        """Inverse document frequency of analysed terms over the N chunks of the generation, whatever the view:
        ln(1 + (N - n + .5) / (n + .5)), where n is the most of three counts: chunks that hold the term in their title,
        in their headings, in their text. Exact: what was removed counts nowhere; greatest for a term of no chunk."""
        ...

    def count(self, filters: Filters) -> int:
        """Chunks that the filters let through."""
        ...

    # Reading

    def chunks(self, chunk_ids: Sequence[int], *, vectors: bool = True) -> list[StoredChunk]:
        """In the given order; ids that it does not hold are skipped. Without `vectors` their arrays are empty."""
        ...

    def read(self, places: Sequence[Place]) -> list[str]:
        """The characters of each place, in the given order, cut to the document's length. Raises NotFound."""
        ...

    def structures(self, document_ids: Collection[str]) -> Mapping[str, Structure]:
        """How each of the documents is built. Raises NotFound."""
        ...

    def document(self, document_id: str) -> StoredDocument:
        """Raises NotFound."""
        ...

    def documents(self, *, after: str = "", limit: int = 100, after_id: str = ...) -> list[StoredDocument]:
        """A page ordered by (key, id), behind `after`; pass the last document's id too where roots share keys."""
        ...

    def document_by_key(self, key: str) -> StoredDocument | None:
        """The document with this key (of the first root that has it)."""
        ...

    def document_chunks(self, document_id: str, *, vectors: bool = True) -> list[StoredChunk]:
        """Every chunk of a document, in order. Raises NotFound."""
        ...

    def read_document(self, document_id: str) -> Document:
        """The document as it was extracted. Raises NotFound."""
        ...

    def sample(self, count: int, seed: int, *, vectors: bool = True) -> list[StoredChunk]:
        """`count` chunks (or all) drawn without replacement, the same for the same generation, view and seed."""
        ...


class Run(Protocol):
    """One run that changes a collection: documents stream in, one publish makes them current.

    A context manager; leaving it without `publish` leaves the collection as it was, but for what was embedded (kept as
    a cache) and touched. For one thread at a time.
    """

    @property
    def base(self) -> int | None:
        """The generation that it builds on, None for the first."""
        ...

    def __enter__(self) -> Self:
        """Raises WriterBusy, StorageFailed, IndexDamaged."""
        ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...

    def begin(self, spec: EmbedderSpec, options_hash: str, *, language: str | None = None) -> None:
        """Says what vectors are staged and how texts were cut; `language` None keeps the base's."""
        ...

    def begin_as_base(self) -> None:
        """`begin` with what the base was made with. Raises NotReady without one."""
        ...

    def roots(self) -> list[str]:
        """Roots that have documents in the base, sorted."""
        ...

    def known(self, root: str) -> Iterator[KnownDocument]:
        """The base's documents of a root."""
        ...

    def lookup(self, passages: Sequence[Passage]) -> list[PassageVectors | None]:
        """Vectors that need not be computed again, in order; also those staged in this run."""
        ...

    def stage(
        self,
        root: str,
        document: Document,
        chunks: Sequence[Chunk],
        vectors: Sequence[PassageVectors],
        stat: FileStat,
    ) -> None:
        """Streams a document in; at the publish it replaces an older version of the same id.

        Raises WrongEmbedder (shape, NaN), DocumentFailed (text that is no Unicode), StorageFailed.
        """
        ...

    def touch(self, document_id: str, stat: FileStat) -> None:
        """Same bytes, new facts of the file; kept even without a publish. Raises NotFound."""
        ...

    def remove(self, document_id: str) -> None:
        """The base's version of a document ends; one that this run stages of it, before or after, lives.

        Raises NotFound when the base has none.
        """
        ...

    def withdraw(self, document_id: str) -> None:
        """As if the document had not been staged in this run. Raises NotFound when this run has not staged it."""
        ...

    def chunk_total(self) -> int:
        """Chunks of the collection as this run leaves it."""
        ...

    def build(self, *, force: bool = False, everything: bool = False) -> bool:
        """Makes the next generation searchable before it is current; False when no document changed and it is not
        forced. Nothing can be staged afterwards. `everything` leaves no byte of a removed document in any file. Raises
        PublishRefused when documents would stay that another embedder made."""
        ...

    def open_candidate(self, settings: Mapping[str, float] | None = None) -> Snapshot:
        """The next generation as it would be, published with `settings`; the base when nothing changed."""
        ...

    def publish(
        self,
        *,
        settings: Mapping[str, float] | None = None,
        report: Mapping[str, object] | None = None,
    ) -> GenerationInfo | None:
        """Makes the built generation current if the base still is (compare and swap); None when nothing changed.

        `settings` are laid over the base's; new ones alone are a change. A base that another embedder made leaves none.
        After it, old generations are pruned, all but as many as the store was opened to keep. Raises PublishRefused
        (code "base_moved": somebody published or rolled back meanwhile), StorageFailed: what was current then still is.
        """
        ...

    def record(self, report: Mapping[str, object]) -> None:
        """Keeps the run's report, with the generation that is current after it."""
        ...

    def prune(self, keep: int) -> list[int]:
        """`Store.prune` within the run; part of every publish."""
        ...


class Store(Protocol):
    """One collection. Cheap to make: nothing is opened or created before it is needed. Thread-safe but for runs."""

    @property
    def collection(self) -> str: ...

    def exists(self) -> bool:
        """Whether anything was ever ingested here."""
        ...

    def close(self) -> None:
        """Lets go of idle connections; snapshots stay open."""
        ...

    def current(self) -> int | None:
        """Number of the current generation, at the cost of a few rows; None before the first publish.

        Raises IndexDamaged where what is stored does not tell it any more: never another generation's number.
        """
        ...

    def open(self, number: int | None = None, *, embedder: EmbedderSpec | None = None) -> Snapshot:
        """A generation, the current one by default, kept from pruning until it is closed.

        Raises NotReady (nothing published), NotFound (no such generation), IndexDamaged, WrongEmbedder.
        """
        ...

    def run(self, *, wait: bool = False, observe: Observe | None = None) -> Run:
        """A run that may change the collection; `observe` is told each phase before it begins."""
        ...

    def generations(self) -> list[GenerationInfo]:
        """The generations that are kept, oldest first."""
        ...

    def roots(self) -> list[str]:
        """Roots that have documents in the current generation, sorted."""
        ...

    def reports(self, limit: int = 20) -> list[Mapping[str, object]]:
        """Reports of the last runs, newest first, with `created` and `generation`."""
        ...

    def remove(self, document_ids: Sequence[str]) -> GenerationInfo:
        """Publishes a generation without these documents. Raises NotFound, WriterBusy, NotReady, StorageFailed."""
        ...

    def purge(self, document_ids: Sequence[str]) -> GenerationInfo:
        """`remove`, and takes their bytes from the storage at once: text, vectors, words, names in reports.

        Every generation that held them goes too, with all that only it used, under an open snapshot as well: that one
        goes on without it. Searches, lists and samples leave it out, reading a text of it raises NotFound, and it tells
        the same as before of the rest; its counts stay those that it was opened with. What was removed earlier and is
        kept for a rollback can be purged too. Raises as `remove` does.
        """
        ...

    def due_purges(self) -> list[str]:
        """Ids of documents, sorted, whose purge was interrupted or hindered: the next run finishes it."""
        ...

    def rebuild(self, *, lost: Callable[[str], None] | None = None) -> GenerationInfo:
        """A new generation with the documents of the current one, all that is derived from them made anew; nothing is
        embedded. A document of which something is damaged that cannot be made again is not in it: `lost` is told the
        key of each. It is the way out of damage that every other change refuses (code "log_lost": a generation that
        was acknowledged is gone). Raises NotReady, WriterBusy, StorageFailed."""
        ...

    def rollback(self, to: int | None = None) -> GenerationInfo:
        """Makes an older generation current again, after checking it; by default the one before.

        The next run builds on it; its number is then a new one, never one that was used before. Raises NotFound,
        NotReady, IndexDamaged, WriterBusy.
        """
        ...

    def prune(self, keep: int = 2) -> list[int]:
        """Drops all but the newest `keep` generations, the current one, and with `keep` above 1 the one that a rollback
        from it goes to: numbers dropped.

        Those that a snapshot has open stay until the next time. With them goes what only they used: text, vectors,
        cached embeddings. Raises WriterBusy.
        """
        ...

    def verify(self, progress: Progress | None = None) -> VerifyReport:
        """Reads everything and changes nothing; every damage is a problem in the report, whatever else is wrong.

        Raises NotReady when nothing was ever ingested.
        """
        ...


class Stores(Protocol):
    """The collections at one URL."""

    def names(self) -> list[str]:
        """Of the collections that exist, sorted."""
        ...

    def store(self, collection: str) -> Store:
        """The collection of that name, whether or not it exists yet."""
        ...


__all__ = ["Observe", "Phase", "Run", "Snapshot", "Store", "Stores", "Vectors"]
