"""A collection in any store and the few lines it takes to fill one, to search it and to read it whole."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from ragchat.corpus.contract import Run, Snapshot, Store
from ragchat.corpus.values import (
    FileStat,
    Filters,
    GenerationInfo,
    Hit,
    KnownDocument,
    Place,
    StoredDocument,
    Wanted,
)
from ragchat.documents import Document
from ragchat.language.analysis import analyze
from ragchat.models.embedder import PassageVectors, Vectors, passage_of
from tests.support.vectors import HashEmbedder, chunks_by_line, make_document

OPTIONS = "options-1"


def stat_of(document: Document) -> FileStat:
    return FileStat(len(document.text.encode()), int(document.content_hash[:8], 16))


def stage(run: Run, embedder: HashEmbedder, document: Document, root: str = "docs") -> int:
    """Stages a document and returns how many passages had to be embedded."""
    chunks = chunks_by_line(document)
    passages = [passage_of(document, chunk) for chunk in chunks]
    found = run.lookup(passages)
    missing = [passage for passage, vectors in zip(passages, found, strict=True) if vectors is None]
    computed = iter(list(embedder.embed_passages(missing)))
    vectors: list[PassageVectors] = [each if each is not None else next(computed) for each in found]
    run.stage(root, document, chunks, vectors, stat_of(document))
    return len(missing)


@dataclass
class Collection:
    """A store with its embedder; `put` is one run that leaves the given texts added, changed or removed."""

    home: Store
    embedder: HashEmbedder = field(default_factory=HashEmbedder)

    def put(self, texts: Mapping[str, str | None], **publishing: object) -> GenerationInfo | None:
        """Text None removes the document."""
        with self.home.run() as run:
            run.begin(self.embedder.spec, OPTIONS)
            for key, text in texts.items():
                document = make_document(key, text or "")
                if text is None:
                    run.remove(document.id)
                else:
                    stage(run, self.embedder, document)
            return run.publish(**publishing)  # type: ignore[arg-type]

    def put_documents(self, *documents: Document, root: str = "docs") -> GenerationInfo | None:
        with self.home.run() as run:
            run.begin(self.embedder.spec, OPTIONS)
            for document in documents:
                stage(run, self.embedder, document, root)
            return run.publish()

    def texts(self, number: int | None = None) -> dict[str, str]:
        """Key to canonical text of everything in a generation, read the slow and complete way."""
        with self.home.open(number) as generation:
            return texts_of(generation)

    def known(self, root: str = "docs") -> dict[str, KnownDocument]:
        with self.home.run() as run:
            run.begin(self.embedder.spec, OPTIONS)
            return {known.key: known for known in run.known(root)}

    def found(self, words: str, number: int | None = None) -> set[str]:
        """Keys of documents that a search for the words finds, by meaning or by words."""
        with self.home.open(number) as generation:
            hits = match(generation, words, 10) + nearest(generation, self.embedder.embed_query(words), 3)
            return {chunk.document.key for chunk in generation.chunks([hit.chunk_id for hit in hits])}


def all_documents(generation: Snapshot) -> Iterator[StoredDocument]:
    after, after_id = "", ""
    while page := generation.documents(after=after, after_id=after_id, limit=7):
        yield from page
        after, after_id = page[-1].key, page[-1].id


def texts_of(generation: Snapshot) -> dict[str, str]:
    return {document.key: text_of(generation, document.id) for document in all_documents(generation)}


def text_of(generation: Snapshot, document_id: str, start: int = 0, end: int = 1 << 40) -> str:
    (text,) = generation.read([Place(document_id, start, end)])
    return text


def nearest(generation: Snapshot, vector: Vectors, limit: int, filters: Filters | None = None) -> list[Hit]:
    """The search by meaning alone."""
    wanted = Wanted(vector, {}, hits=limit, read=0, filters=filters or Filters())
    return list(generation.find(wanted).near)


def match(generation: Snapshot, words: str, limit: int, filters: Filters | None = None) -> list[Hit]:
    """The search by words alone."""
    terms = Counter(analyze(words, generation.language))
    return match_terms(generation, dict(terms), limit, filters)


def match_terms(
    generation: Snapshot, terms: Mapping[str, float], limit: int, filters: Filters | None = None
) -> list[Hit]:
    anywhere = np.ones(generation.embedder.dimension, dtype=np.float32)
    wanted = Wanted(anywhere, terms, hits=limit, read=0, filters=filters or Filters())
    return list(generation.find(wanted).worded)


def matching(generation: Snapshot, words: str) -> list[str]:
    """Keys of the documents whose words match, best first, without repetition."""
    return keys_of(generation, match(generation, words, 50))


def keys_of(generation: Snapshot, hits: list[Hit]) -> list[str]:
    """Keys of the documents of hits, in their order, without repetition."""
    chunks = generation.chunks([hit.chunk_id for hit in hits])
    return list(dict.fromkeys(chunk.document.key for chunk in chunks))
