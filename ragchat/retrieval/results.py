"""What a search takes and gives: options, passages, and the sentences in them with their scores."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ragchat.corpus.values import Filters, StoredDocument
from ragchat.documents import Span
from ragchat.errors import UsageError
from ragchat.models.embedder import Vectors

MOST_PASSAGES = 1000


@dataclass(frozen=True, slots=True)
class SearchOptions:
    """How many passages and from what; the defaults are the measured ones (bench/retrieval).

    `context` is what a conversation said before (the last question, the end of the last reply): it is searched along
    with the question at less weight. `candidates` chunks come from each of the two searches, `read` of them are
    scored with their vectors and `close` sentence by sentence; all three grow with `top_k`. `rerank` lets the second
    reader read the best of them, where there is one.
    """

    top_k: int = 5
    candidates: int = 100
    read: int = 24
    close: int = 12
    context: str = ""
    rerank: bool = True
    filters: Filters = field(default_factory=Filters)

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

    `chunk_ids` are the chunks that it was made of, the best one first; `whole` is what they cover, `[start, end)` what
    of it matters to the question, `sentences` are those of the whole.
    `explanation` has the parts of the score of the best one. Raw: dense and sentence (cosines of chunk and best
    sentence), lexical and feedback (BM25 of the words asked and of those that the best chunks lend), overlap (share
    of the question's words in one sentence). In [0, 1]: meaning and words (normalised), relative (their
    sum), confidence (how good the best candidates are); relative * confidence is the score.
    """

    document: StoredDocument
    chunk_ids: tuple[int, ...]
    start: int
    end: int
    whole: Span
    text: str
    heading_path: tuple[str, ...]
    page: int | None
    score: float
    sentences: tuple[RetrievedSentence, ...]
    explanation: Mapping[str, float]
