"""Documents through the embedder as one stream: order, cache, look-ahead."""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import pytest

from ingest.embedding import embed
from ingest.prepare import Prepared
from ragchat.corpus.values import FileStat
from ragchat.documents import Chunk, Document
from ragchat.models.embedder import EmbedderSpec, Passage, PassageVectors, Vectors


class Counting:
    """An embedder that looks four passages ahead and remembers what it was asked for."""

    spec = EmbedderSpec("test:counting", "1", 1)

    def __init__(self) -> None:
        self.texts: list[str] = []

    def embed_passages(self, passages: Iterable[Passage]) -> Iterator[PassageVectors]:
        window: list[Passage] = []
        for passage in passages:
            self.texts.append(passage.text)
            window.append(passage)
            if len(window) == 4:
                yield self.vectors(window.pop(0))
        yield from map(self.vectors, window)

    def vectors(self, passage: Passage) -> PassageVectors:
        return PassageVectors(np.array([float(passage.text)], np.float32), np.zeros((0, 1), np.float32))

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        raise NotImplementedError

    def embed_query(self, text: str) -> Vectors:
        raise NotImplementedError


class Cache:
    """Knows the vectors of some texts."""

    def __init__(self, known: set[str]) -> None:
        self.known = known

    def lookup(self, passages: Sequence[Passage]) -> list[PassageVectors | None]:
        return [Counting().vectors(passage) if passage.text in self.known else None for passage in passages]


def prepared(name: str, *texts: str) -> Prepared:
    starts = [sum(map(len, texts[:index])) for index in range(len(texts))]
    chunks = [
        Chunk(name, index, start, start + len(text))
        for index, (start, text) in enumerate(zip(starts, texts, strict=True))
    ]
    document = Document(name, "c", name, name, name, "text/plain", "hash", "".join(texts))
    return Prepared("/root", document, chunks, FileStat(1, 1), None, 1)


@pytest.mark.parametrize("known", [set(), {"1"}, {"2", "3"}, {"1", "2", "3", "4", "5", "6"}], ids=len)
def test_every_document_comes_out_in_order_with_the_vectors_of_its_chunks(known: set[str]) -> None:
    documents = [
        prepared("a", "1", "2"),
        prepared("empty"),
        prepared("b", "3"),
        prepared("c", "4", "5", "6"),
        prepared("last"),
    ]
    embedder = Counting()
    done = list(embed(documents, embedder, Cache(known)))
    assert [one.prepared.document.id for one in done] == ["a", "empty", "b", "c", "last"]
    assert [[float(v.chunk[0]) for v in one.chunk_vectors()] for one in done] == [
        [1, 2],
        [],
        [3],
        [4, 5, 6],
        [],
    ]
    assert embedder.texts == [text for text in "123456" if text not in known]
    assert sum(one.cached for one in done) == len(known)


def test_the_input_is_read_no_further_than_the_embedder_looks_ahead() -> None:
    read: list[str] = []

    def documents() -> Iterator[Prepared]:
        for number in range(100):
            read.append(str(number))
            yield prepared(f"d{number}", str(number))

    stream = embed(documents(), Counting(), Cache(set()))
    next(stream)
    assert len(read) <= 6


@pytest.mark.parametrize("known", [set(), {"1"}], ids=len)
def test_what_a_document_says_again_and_again_is_embedded_once(known: set[str]) -> None:
    embedder = Counting()
    documents = [prepared("a", "1", "2", "1", "2", "2", "3"), prepared("b", "2", "2"), prepared("c", "4")]
    embedded = list(embed(documents, embedder, Cache(known)))
    vectors = [[float(one.chunk[0]) for one in document.chunk_vectors()] for document in embedded]
    assert vectors == [[1, 2, 1, 2, 2, 3], [2, 2], [4]]
    assert embedder.texts == [text for text in ("1", "2", "3", "2", "4") if text not in known]
    assert sum(document.cached for document in embedded) == 9 - len(embedder.texts)
