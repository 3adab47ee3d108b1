"""What comes back out is what went in: text, structure, chunks in order, vectors, neighbours, pages of documents."""

import numpy as np
import pytest

from ragchat.corpus.values import Place, Wanted
from ragchat.documents import Block, Heading, Span
from ragchat.errors import NotFound
from ragchat.models.embedder import passage_of
from tests.corpus.contract.conftest import MakeCollection
from tests.corpus.support import OPTIONS, Collection, all_documents, match, stage, text_of
from tests.support.vectors import HashEmbedder, chunks_by_line, make_document


def test_document_comes_back_as_it_was_extracted(collection: Collection) -> None:
    document = make_document(
        "guide.pdf",
        "Intro\nÄpfel & 梨 🍐 are fruit.\n\nEnd.",
        title="The guide",
        uri="https://example.org/guide",
        media_type="application/pdf",
        pages=(0, 6),
        headings=(Heading(0, 1, "Intro"),),
        metadata={"team": "sales", "year": 2024, "draft": False, "score": 0.5, "owner": None},
        acl=("staff", "board"),
        blocks=(
            Block("heading", Span(0, 5)),
            Block("paragraph", Span(6, 30), 0),
            Block("paragraph", Span(31, 35), 0),
        ),
        language="de",
    )
    collection.put_documents(document)
    with collection.home.open() as generation:
        assert generation.read_document(document.id) == document
        stored = generation.document(document.id)
        assert (stored.version, stored.length, stored.root) == (
            document.content_hash,
            len(document.text),
            "docs",
        )
        assert stored.added_generation == 1
        chunks = generation.document_chunks(document.id)
        assert [chunk.text for chunk in chunks] == document.text.replace("\n\n", "\n").split("\n")
        assert [chunk.page for chunk in chunks] == [1, 2, 2]
        assert chunks[1].heading_path == ("Intro",)


PIECE = 16_384
"""A size in which a store may keep text: borders of it are where cutting goes wrong."""


def test_text_is_cut_exactly_at_every_border(collection: Collection) -> None:
    line = "0123456789 äöü 🍐 abcdefghijklmnop\n"
    text = line * (3 * PIECE // len(line) + 2)
    document = make_document("big.txt", text)
    collection.put_documents(document)
    with collection.home.open() as generation:
        assert text_of(generation, document.id) == text
        for start, end in (
            (0, 5),
            (PIECE - 3, PIECE + 3),
            (PIECE, 2 * PIECE),
            (10, 3 * PIECE),
            (len(text) - 4, len(text) + 100),
            (7, 7),
        ):
            assert text_of(generation, document.id, start, end) == text[start:end]
        for chunk in generation.document_chunks(document.id):
            assert chunk.text == text[chunk.start : chunk.end]
            assert all(chunk.start <= span.start < span.end <= chunk.end for span in chunk.sentences)


def test_stored_vectors_are_the_embedders_to_their_precision(collection: Collection) -> None:
    document = make_document("a.md", "Apples are red. Pears are green.\nBoats float.")
    collection.put_documents(document)
    passages = [passage_of(document, chunk) for chunk in chunks_by_line(document)]
    with collection.home.open() as generation:
        for chunk, vectors in zip(
            generation.document_chunks(document.id), HashEmbedder().embed_passages(passages), strict=True
        ):
            np.testing.assert_allclose(chunk.vector, vectors.chunk, atol=1e-3)
            assert chunk.sentence_vectors.shape == vectors.sentences.shape
            assert np.einsum("ij,ij->i", chunk.sentence_vectors, vectors.sentences).min() > 0.999
            np.testing.assert_allclose(np.linalg.norm(chunk.sentence_vectors, axis=1), 1, atol=1e-5)


def test_embedder_without_sentence_vectors_gives_none(collection: Collection) -> None:
    collection.embedder = HashEmbedder(with_sentences=False)
    collection.put({"a.md": "Apples are red. Pears are green."})
    with collection.home.open() as generation:
        (chunk,) = generation.sample(5, seed=0)
        assert len(chunk.sentences) == 2
        assert chunk.sentence_vectors.shape == (0, 16)


def test_chunks_come_in_the_order_asked_for_and_strangers_are_skipped(collection: Collection) -> None:
    collection.put({"a.md": "One.\nTwo.\nThree."})
    with collection.home.open() as generation:
        ids = [chunk.chunk_id for chunk in generation.sample(3, seed=0)]
        ordered = sorted(ids)
        wanted = [ordered[2], 10**12, ordered[0], -5, ordered[2]]
        assert [chunk.chunk_id for chunk in generation.chunks(wanted)] == [ordered[2], ordered[0], ordered[2]]
        bare = generation.chunks(ordered, vectors=False)
        assert [chunk.text for chunk in bare] == ["One.", "Two.", "Three."]
        assert bare[0].vector.size == bare[0].sentence_vectors.size == 0


def test_pages_of_documents_cover_everything_once_also_where_roots_share_keys(
    make_collection: MakeCollection,
) -> None:
    collection = make_collection()
    collection.put_documents(
        *(make_document(f"k{n % 9}.md", f"Text {n}.", root=f"r{n // 9}") for n in range(30))
    )
    with collection.home.open() as generation:
        listed = [(document.key, document.id) for document in all_documents(generation)]  # type: ignore[attr-defined]
    assert len(set(listed)) == 30
    assert listed == sorted(listed)


def test_document_without_chunks_is_listed_and_counted(collection: Collection) -> None:
    collection.put({"empty.md": "", "a.md": "Apples are red."})
    with collection.home.open() as generation:
        empty = generation.document_by_key("empty.md")
        assert empty is not None
        assert (empty.chunk_count, empty.length) == (0, 0)
        assert text_of(generation, empty.id) == ""
        assert generation.document_chunks(empty.id) == []
        assert generation.document_count == 2


def test_sample_is_the_same_for_the_same_seed_and_without_repetition(collection: Collection) -> None:
    collection.put({f"{n}.md": "One.\nTwo.\nThree." for n in range(10)})
    with collection.home.open() as generation:
        drawn = [chunk.chunk_id for chunk in generation.sample(12, seed=3)]
        assert drawn == [chunk.chunk_id for chunk in generation.sample(12, seed=3)]
        assert drawn != [chunk.chunk_id for chunk in generation.sample(12, seed=4)]
        assert len(set(drawn)) == 12
        assert len(generation.sample(1000, seed=1)) == 30


@pytest.mark.parametrize("language", ["en", "de"])
def test_words_are_analysed_in_the_language_of_the_collection(collection: Collection, language: str) -> None:
    collection.put({"a.md": "Die Häuser stehen leer."})
    with collection.home.run() as writer:
        writer.begin(collection.embedder.spec, OPTIONS, language=language)
        stage(writer, collection.embedder, make_document("b.md", "Viele Katzen."))
        writer.publish()
    with collection.home.open() as generation:
        assert generation.language == language
        assert len(match(generation, "Haus", 5)) == (1 if language == "de" else 0)
        assert len(match(generation, "Katzen", 5)) == 1


def test_structure_comes_back_with_every_kind_of_block(collection: Collection) -> None:
    text = "Kettles\nTo boil:\n1. Fill.\n2. Wait.\nkey value"
    blocks = (
        Block("heading", Span(0, 7)),
        Block("list", Span(17, 34), 0, Span(8, 16)),
        Block("step", Span(17, 25), 1, Span(8, 16)),
        Block("step", Span(26, 34), 1, Span(8, 16)),
        Block("pair", Span(35, 44), 0),
    )
    headed = make_document("a.md", text, headings=(Heading(0, 1, "Kettles"),), pages=(0, 17), blocks=blocks)
    plain = make_document("b.md", "No blocks at all.")
    collection.put_documents(headed, plain)
    with collection.home.open() as generation:
        found = generation.structures([plain.id, headed.id])
        assert found.keys() == {plain.id, headed.id}
        built = found[headed.id]
        assert (built.pages, built.headings, tuple(built.blocks)) == ((0, 17), headed.headings, blocks)
        assert len(built.blocks) == 5
        assert built.blocks[-1] == blocks[-1]
        assert list(built.blocks[1:3]) == list(blocks[1:3])
        assert len(found[plain.id].blocks) == 0
        assert generation.structures([]) == {}
        with pytest.raises(NotFound, match="nobody"):
            generation.structures([headed.id, "nobody"])
        read = generation.find(Wanted(collection.embedder.embed_query("boil"), {"boil": 1.0})).structures
        assert tuple(read[headed.id].blocks) == blocks


def test_places_of_many_documents_are_read_at_once_in_their_order(collection: Collection) -> None:
    one, two = make_document("a.md", "Äpfel 🍐 rot."), make_document("b.md", "Boats float.")
    collection.put_documents(one, two)
    with collection.home.open() as generation:
        places = [
            Place(two.id, 6, 11),
            Place(one.id, 6, 7),
            Place(two.id, 0, 5),
            Place(one.id, 8, 999),
            Place(one.id, -3, 5),
            Place(one.id, 5, 5),
            Place(one.id, 500, 600),
            Place(two.id, 6, 11),
        ]
        assert generation.read(places) == ["float", "🍐", "Boats", "rot.", "Äpfel", "", "", "float"]
        assert generation.read([]) == []
        with pytest.raises(NotFound, match="nobody"):
            generation.read([Place(one.id, 0, 1), Place("nobody", 0, 1)])


def test_documents_are_found_by_key_and_by_id(collection: Collection) -> None:
    first, second = (make_document("same.md", f"Text of {root}.", root=root) for root in ("r1", "r2"))
    collection.put_documents(first, second, make_document("other.md", "Other."))
    with collection.home.open() as generation:
        found = generation.document_by_key("same.md")
        assert found is not None
        assert found.id == min(first.id, second.id)
        assert generation.document_by_key("same") is None
        assert generation.document(second.id).key == "same.md"
        assert [each.key for each in generation.documents(limit=2)] == ["other.md", "same.md"]
        assert generation.documents(limit=0) == []
        assert generation.documents(after="zzz") == []
        with pytest.raises(NotFound, match="nobody"):
            generation.document("nobody")


def test_id_of_a_chunk_never_means_another_one(collection: Collection) -> None:
    collection.put({"a.md": "One.\nTwo.", "b.md": "Three."})
    with collection.home.open() as generation:
        kept = {each.chunk_id: each.text for each in generation.sample(9, seed=0)}
    collection.put({"a.md": "Four.\nFive.\nSix."})
    collection.home.rollback()
    collection.put({"c.md": "Seven."})
    with collection.home.open() as generation:
        now = {each.chunk_id: each.text for each in generation.sample(9, seed=0)}
    assert kept.items() <= now.items()
    assert sorted(now.values()) == ["One.", "Seven.", "Three.", "Two."]
    assert len({*kept, *now}) == 4


def test_document_says_in_which_generation_it_came(collection: Collection) -> None:
    collection.put({"a.md": "One.", "b.md": "Two."})
    collection.put({"b.md": "Three.", "c.md": "Four."})
    collection.home.rebuild()
    with collection.home.open() as generation:
        came = {document.key: document.added_generation for document in generation.documents()}
    assert came == {"a.md": 1, "b.md": 2, "c.md": 2}
