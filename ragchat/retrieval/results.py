"""What a search takes and gives: options, passages, and the sentences in them with their scores."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ragchat.documents import Span
from ragchat.errors import UsageError
from ragchat.index.types import Filters, StoredDocument
from ragchat.models.embedder import Vectors

MOST_PASSAGES = 1000


@dataclass(frozen=True, slots=True)
class SearchOptions:
    """How many passages and from what; the defaults are the measured ones (bench/retrieval).

    `candidates` chunks come from each of the two searches, more where `top_k` asks for more.
    """

    top_k: int = 5
    candidates: int = 50
    filters: Filters = field(default_factory=Filters)
    explain: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.top_k <= MOST_PASSAGES:
            raise UsageError(f"top_k must be between 1 and {MOST_PASSAGES}, not {self.top_k}.")


@dataclass(frozen=True, slots=True)
class RetrievedSentence:
    """A sentence of a passage: `span` of the document, `score` the cosine with the query.

    `vector` has unit length; it is None, and the score 0, where the embedder gives no sentence vectors.
    """

    span: Span
    text: str
    score: float
    vector: Vectors | None


@dataclass(frozen=True, slots=True)
class RetrievedPassage:
    """A stretch of one document: `text` is its `[start, end)`; `score` in [0, 1], passages come best first.

    `chunk_ids` are the chunks that it was made of, the best one first. `explanation` tells the parts of the score by
    name: dense (cosine), lexical (BM25), sentence (best cosine), each raw and as it entered the sum.
    """

    document: StoredDocument
    chunk_ids: tuple[int, ...]
    start: int
    end: int
    text: str
    heading_path: tuple[str, ...]
    page: int | None
    score: float
    sentences: tuple[RetrievedSentence, ...]
    explanation: Mapping[str, float]
