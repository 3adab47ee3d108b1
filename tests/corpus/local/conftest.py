"""A collection in a temporary directory and the few lines it takes to fill one."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from ragchat.documents import Document
from ragchat.corpus.local.searching.snapshot import LocalSnapshot
from ragchat.corpus.local.store import LocalStore
from ragchat.corpus.local.files.tuning import Tuning
from ragchat.corpus.values import FileStat, GenerationInfo, KnownDocument
from ragchat.corpus.local.writing.run import LocalRun
from ragchat.models.embedder import PassageVectors, passage_of
from tests.support.vectors import HashEmbedder, chunks_by_line, make_document

OPTIONS = "options-1"


def stat_of(document: Document) -> FileStat:
    return FileStat(len(document.text.encode()), int(document.content_hash[:8], 16))


def stage(writer: LocalRun, embedder: HashEmbedder, document: Document, root: str = "docs") -> int:
    """Stages a document and returns how many passages had to be embedded."""
    chunks = chunks_by_line(document)
    passages = [passage_of(document, chunk) for chunk in chunks]
    found = writer.lookup(passages)
    missing = [passage for passage, vectors in zip(passages, found, strict=True) if vectors is None]
    computed = iter(list(embedder.embed_passages(missing)))
    vectors: list[PassageVectors] = [each if each is not None else next(computed) for each in found]
    writer.stage(root, document, chunks, vectors, stat_of(document))
    return len(missing)


@dataclass
class Collection:
    """An index home with its embedder; `put` is one run that leaves the given texts added, changed or removed."""

    home: LocalStore
    embedder: HashEmbedder = field(default_factory=HashEmbedder)

    def put(self, texts: Mapping[str, str | None], **publishing: object) -> GenerationInfo | None:
        """Text None removes the document."""
        with self.home.run() as writer:
            writer.begin(self.embedder.spec, OPTIONS)
            for key, text in texts.items():
                document = make_document(key, text or "")
                if text is None:
                    writer.remove(document.id)
                else:
                    stage(writer, self.embedder, document)
            return writer.publish(**publishing)  # type: ignore[arg-type]

    def texts(self, number: int | None = None) -> dict[str, str]:
        """Key to canonical text of everything in a generation, read the slow and complete way."""
        with self.home.open(number) as generation:
            return {document.key: generation.text(document.id) for document in all_documents(generation)}

    def known(self, root: str = "docs") -> dict[str, KnownDocument]:
        with self.home.run() as writer:
            writer.begin(self.embedder.spec, OPTIONS)
            return {known.key: known for known in writer.known(root)}

    def found(self, words: str, number: int | None = None) -> set[str]:
        """Keys of documents that a search for the words finds, by meaning or by words."""
        with self.home.open(number) as generation:
            hits = generation.match(words, 10)
            hits += generation.nearest(self.embedder.embed_query(words), 3)
            return {chunk.document.key for chunk in generation.chunks([hit.chunk_id for hit in hits])}


def all_documents(generation: LocalSnapshot) -> Iterator[object]:
    after, after_id = "", ""
    while page := generation.documents(after=after, after_id=after_id, limit=7):
        yield from page
        after, after_id = page[-1].key, page[-1].id


def matching(generation: LocalSnapshot, words: str) -> list[str]:
    """Keys of the documents whose words match, best first, without repetition."""
    chunks = generation.chunks([hit.chunk_id for hit in generation.match(words, 50)])
    return list(dict.fromkeys(chunk.document.key for chunk in chunks))


@pytest.fixture
def make_home(tmp_path: Path) -> Iterator[Callable[..., LocalStore]]:
    homes: list[LocalStore] = []

    def make(name: str = "test", **tuning: object) -> LocalStore:
        homes.append(LocalStore(tmp_path / "indexes" / name, tuning=Tuning(**tuning)))  # type: ignore[arg-type]
        return homes[-1]

    yield make
    for home in homes:
        home.close()


@pytest.fixture
def collection(make_home: Callable[..., LocalStore]) -> Collection:
    return Collection(make_home())


@pytest.fixture
def make_collection(make_home: Callable[..., LocalStore]) -> Callable[..., Collection]:
    return lambda **tuning: Collection(make_home(**tuning))
