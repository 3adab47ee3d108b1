"""Over every file of the sample: spans point exactly into the stored text, headings and pages survive to the source."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.options import IngestOptions
from ingest.run import ingest
from ragchat.corpus.local.searching.snapshot import LocalSnapshot
from ragchat.corpus.local.store import LocalStore
from ragchat.corpus.values import StoredDocument
from ragchat.documents import Document
from tests.support.vectors import HashEmbedder


@pytest.fixture(scope="module")
def generation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalSnapshot]:
    corpus = Path(__file__).resolve().parents[2] / "corpus"
    home = LocalStore(tmp_path_factory.mktemp("indexes") / "sample")
    report = ingest([corpus], home, HashEmbedder(), IngestOptions())
    assert report.documents["failed"] == report.documents["empty"] == 0
    with home.open() as opened:
        yield opened


def everything(generation: LocalSnapshot) -> Iterator[tuple[StoredDocument, Document]]:
    for stored in generation.documents(limit=10_000):
        yield stored, generation.read_document(stored.id)


def test_every_chunk_is_the_text_between_its_offsets(generation: LocalSnapshot) -> None:
    seen = 0
    for stored, document in everything(generation):
        for chunk in generation.document_chunks(stored.id):
            assert chunk.text == document.text[chunk.start : chunk.end]
            assert chunk.text.strip()
            assert generation.text(stored.id, chunk.start, chunk.end) == chunk.text
            seen += 1
    assert seen == generation.chunk_count > 200


def test_chunks_cover_every_word_in_order(generation: LocalSnapshot) -> None:
    for stored, document in everything(generation):
        covered = [False] * len(document.text)
        starts = []
        for chunk in generation.document_chunks(stored.id):
            covered[chunk.start : chunk.end] = [True] * (chunk.end - chunk.start)
            starts.append(chunk.start)
        assert starts == sorted(starts)
        missed = "".join(c for c, is_covered in zip(document.text, covered, strict=True) if not is_covered)
        assert not any(character.isalnum() for character in missed), (stored.key, missed[:80])


def test_sentences_lie_in_their_chunk_without_overlap(generation: LocalSnapshot) -> None:
    for stored, document in everything(generation):
        for chunk in generation.document_chunks(stored.id):
            position = chunk.start
            for sentence in chunk.sentences:
                assert position <= sentence.start < sentence.end <= chunk.end
                assert sentence.of(document.text) == sentence.of(document.text).strip()
                position = sentence.end


def test_headings_and_pages_are_those_at_the_start_of_the_chunk(generation: LocalSnapshot) -> None:
    paged = 0
    for stored, document in everything(generation):
        for chunk in generation.document_chunks(stored.id):
            assert chunk.page == document.page_at(chunk.start)
            assert generation.place(stored.id, chunk.start) == (
                chunk.page,
                document.heading_path_at(chunk.start),
            )
            paged += chunk.page is not None and chunk.page > 1
    assert paged, "no chunk of the sample lies beyond a first page"


def test_titles_are_words_and_not_file_names(generation: LocalSnapshot) -> None:
    for stored, _ in everything(generation):
        assert stored.title.strip()
        assert not stored.title.lower().endswith((".md", ".pdf", ".docx", ".csv", ".html", ".jsonl"))
