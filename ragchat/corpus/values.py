"""Values that cross the storage contract: what is asked of a store and what it gives back. No I/O here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ragchat.documents import Block, Heading, Scalar, Span
from ragchat.models.embedder import Vectors


@dataclass(frozen=True, slots=True)
class Hit:
    """A chunk and its raw score from one search (cosine for vectors, BM25 for words); higher is better."""

    chunk_id: int
    score: float


@dataclass(frozen=True, slots=True)
class Filters:
    """What may be found, applied inside the search, never after it. Empty means everything.

    `document_ids` and `uris` are any-of; `metadata` all-of, each value any-of; `acl`: None sees everything (trusted
    callers), else only documents without tags or sharing one of these.
    """

    document_ids: tuple[str, ...] = ()
    uris: tuple[str, ...] = ()
    metadata: Mapping[str, tuple[Scalar, ...]] = field(default_factory=dict)
    acl: tuple[str, ...] | None = None

    @property
    def empty(self) -> bool:
        return not (self.document_ids or self.uris or self.metadata) and self.acl is None


@dataclass(frozen=True, slots=True)
class Wanted:
    """One search by meaning and by words at once.

    `vector` is float32 (dim,), any length but zero; `terms` are analysed words with their weights. Each of the two
    searches brings at most `hits` chunks; the rows of the best `read` of them all are read along, in the order of
    `ragchat.corpus.first_stage`.
    """

    vector: Vectors
    terms: Mapping[str, float]
    hits: int = 100
    read: int = 24
    filters: Filters = field(default_factory=Filters)


@dataclass(frozen=True, slots=True)
class Structure:
    """How one document is built: page offsets, headings, and blocks in text order."""

    pages: tuple[int, ...]
    headings: tuple[Heading, ...]
    blocks: Sequence[Block]


@dataclass(frozen=True, slots=True)
class Found:
    """What a search brought.

    `near` by cosine and `worded` by BM25, best first, ties by chunk id; `floor` is the cosine of the question with the
    mean of all chunk vectors: that of no relation at all. `chunks` are the rows read, best first; `structures` those of
    their documents, by document id.
    """

    near: tuple[Hit, ...]
    worded: tuple[Hit, ...]
    floor: float
    chunks: tuple["StoredChunk", ...]
    structures: Mapping[str, Structure]


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Code points `[start, end)` of a document's canonical text."""

    document_id: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class View:
    """What a caller may see: documents without tags and those that share one of `acl`; None sees everything."""

    acl: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A document of a generation without its text; `version` is the content hash, `length` in code points."""

    id: str
    key: str
    uri: str
    title: str
    media_type: str
    version: str
    length: int
    chunk_count: int
    root: str
    metadata: Mapping[str, Scalar]
    acl: tuple[str, ...]
    added_generation: int
    language: str = ""


@dataclass(frozen=True, slots=True)
class StoredChunk:
    """A chunk as a reader sees it: text, place, and vectors where asked for.

    `sentences` are spans of the document's text; `sentence_vectors` has shape (len(sentences), dim), unit length,
    or (0, dim) where the embedder gives none; `ordinal` counts the document's chunks from 0.
    """

    chunk_id: int
    document: StoredDocument
    ordinal: int
    start: int
    end: int
    text: str
    heading_path: tuple[str, ...]
    page: int | None
    sentences: tuple[Span, ...]
    vector: Vectors
    sentence_vectors: Vectors


@dataclass(frozen=True, slots=True)
class GenerationInfo:
    """A published generation; `created` is an ISO 8601 UTC time, `size_bytes` about what it takes in the storage."""

    number: int
    created: str
    documents: int
    chunks: int
    current: bool
    embedder_key: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class FileStat:
    """What the file system says of a source: bytes, and the times in nanoseconds of the last change of its content and
    of anything about it (st_ctime, which no program sets; 0: not known)."""

    size: int
    mtime_ns: int
    changed_ns: int = 0


@dataclass(frozen=True, slots=True)
class KnownDocument:
    """A document of the generation that a run builds on, for telling what changed.

    `options_hash` is "" when its vectors come from another embedder than this run's: it has to be staged again.
    """

    document_id: str
    key: str
    content_hash: str
    size: int
    mtime_ns: int
    options_hash: str
    changed_ns: int = 0
