"""A Retriever inside LangChain: a `BaseRetriever` for chains, and a read-only `VectorStore` for code that wants one.

Thin on purpose: searching is hybrid, with everything that `Retriever.search` does, and documents come in by `ragchat
ingest` alone. Import this module only where LangChain is wanted; it costs a quarter of a second.
"""

from collections.abc import Iterable
from typing import Any, NoReturn, Self

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from langchain_core.retrievers import BaseRetriever
from langchain_core.vectorstores import VectorStore
from pydantic import ConfigDict, Field

from ragchat.corpus.values import Filters
from ragchat.errors import UsageError
from ragchat.retrieval.results import RetrievedPassage, SearchOptions
from ragchat.retrieval.search import Retriever


class RagchatRetriever(BaseRetriever):
    """Passages as LangChain documents: `RagchatRetriever(retriever=..., top_k=5) | format | model`."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    retriever: Retriever
    top_k: int = 5
    filters: Filters = Field(default_factory=Filters)

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun
    ) -> list[Document]:
        options = SearchOptions(top_k=self.top_k, filters=self.filters)
        return [document_of(passage) for passage in self.retriever.search(query, options)]


class RagchatVectorStore(VectorStore):
    """An open generation as a LangChain vector store that cannot be written to.

    `filter` is a `Filters`, or a mapping of metadata names to the value wanted (a tuple or list: any of them).
    Scores are those of the passages, in [0, 1], higher is better.
    """

    def __init__(self, retriever: Retriever) -> None:
        self.retriever = retriever

    @property
    def embeddings(self) -> Embeddings:
        return _QueryEmbeddings(self.retriever)

    def similarity_search(self, query: str, k: int = 4, **kwargs: Any) -> list[Document]:
        """The best `k` passages."""
        return [document for document, _ in self.similarity_search_with_score(query, k, **kwargs)]

    def similarity_search_with_score(
        self, query: str, k: int = 4, **kwargs: Any
    ) -> list[tuple[Document, float]]:
        """The best `k` passages and their scores. Raises UsageError for an argument that it does not know."""
        filters = _filters(kwargs.pop("filter", None))
        if kwargs:
            raise UsageError(f"Search arguments {sorted(kwargs)} are not known.", hint="Known: k, filter.")
        passages = self.retriever.search(query, SearchOptions(top_k=k, filters=filters))
        return [(document_of(passage), passage.score) for passage in passages]

    def _similarity_search_with_relevance_scores(
        self, query: str, k: int = 4, **kwargs: Any
    ) -> list[tuple[Document, float]]:
        kwargs.pop("score_threshold", None)  # LangChain applies it to what comes back
        return self.similarity_search_with_score(query, k, **kwargs)

    def add_texts(
        self, texts: Iterable[str], metadatas: list[dict[str, Any]] | None = None, **_: Any
    ) -> NoReturn:
        """Raises UsageError: generations are immutable."""
        raise _read_only()

    def delete(self, ids: list[str] | None = None, **_: Any) -> NoReturn:
        """Raises UsageError: generations are immutable."""
        raise _read_only()

    @classmethod
    def from_texts(
        cls, texts: list[str], embedding: Embeddings, metadatas: list[dict[str, Any]] | None = None, **_: Any
    ) -> Self:
        """Raises UsageError: generations are immutable."""
        raise _read_only()


class _QueryEmbeddings(Embeddings):
    """The retriever's embedder in LangChain's form."""

    def __init__(self, retriever: Retriever) -> None:
        self._embedder = retriever.embedder

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        rows: list[list[float]] = self._embedder.embed_documents(texts).tolist()
        return rows

    def embed_query(self, text: str) -> list[float]:
        row: list[float] = self._embedder.embed_query(text).tolist()
        return row


def document_of(passage: RetrievedPassage) -> Document:
    """The passage's text with where it stands; `id` is its document and span."""
    document = passage.document
    return Document(
        id=f"{document.id}:{passage.start}-{passage.end}",
        page_content=passage.text,
        metadata={
            **document.metadata,
            "document_id": document.id,
            "title": document.title,
            "source": document.uri,
            "page": passage.page,
            "headings": list(passage.heading_path),
            "start": passage.start,
            "end": passage.end,
            "score": passage.score,
        },
    )


def _filters(given: object) -> Filters:
    match given:
        case None:
            return Filters()
        case Filters():
            return given
        case dict():
            return Filters(
                metadata={
                    str(name): tuple(value) if isinstance(value, list | tuple) else (value,)
                    for name, value in given.items()
                }
            )
        case _:
            raise UsageError(
                f"A filter cannot be a {type(given).__name__}.", hint="A mapping or Filters is expected."
            )


def _read_only() -> UsageError:
    return UsageError("This store is read-only.", hint="Add and remove documents with `ragchat ingest`.")
