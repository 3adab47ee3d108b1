"""Values that cross the index's boundary: hits, stored chunks, filters, generation facts. No I/O here."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ragchat.documents import Scalar, Span
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
    """A published generation; `created` is an ISO 8601 UTC time, `size_bytes` its directory on disk."""

    number: int
    created: str
    documents: int
    chunks: int
    current: bool
    embedder_key: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class FileStat:
    """What the file system says of a source: bytes and modification time in nanoseconds."""

    size: int
    mtime_ns: int


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
