"""What costs nothing the second time: unchanged files, unchanged chunks, renamed files, interrupted runs."""

from dataclasses import replace

import pytest

from ragchat.corpus.values import FileStat
from ragchat.errors import NotFound, PublishRefused, WrongEmbedder
from ragchat.models.embedder import passage_of
from tests.corpus.support import OPTIONS, Collection, match, nearest, stage, stat_of
from tests.support.vectors import HashEmbedder, chunks_by_line, make_document


def test_known_documents_carry_what_tells_a_change(collection: Collection) -> None:
    collection.put({"a.md": "Apples are red.", "b.md": "Boats float."})
    document = make_document("a.md", "Apples are red.")
    known = collection.known()["a.md"]
    stat = stat_of(document)
    assert (known.document_id, known.content_hash, known.options_hash) == (
        document.id,
        document.content_hash,
        OPTIONS,
    )
    assert (known.size, known.mtime_ns) == (stat.size, stat.mtime_ns)
    assert collection.known("another root") == {}
    assert collection.home.roots() == ["docs"]


def test_only_changed_chunks_are_embedded(collection: Collection) -> None:
    collection.put({"a.md": "Apples are red.\nPears are green.\nPlums are blue."})
    assert collection.embedder.passages == 3
    collection.put({"a.md": "Apples are red.\nPears are yellow.\nPlums are blue."})
    assert collection.embedder.passages == 4


def test_renamed_document_is_not_embedded_again(collection: Collection) -> None:
    with collection.home.run() as writer:
        writer.begin(collection.embedder.spec, OPTIONS)
        stage(writer, collection.embedder, make_document("old.md", "Apples are red.", title="Fruit"))
        writer.publish()
    with collection.home.run() as writer:
        writer.begin(collection.embedder.spec, OPTIONS)
        writer.remove(make_document("old.md", "").id)
        assert (
            stage(writer, collection.embedder, make_document("new.md", "Apples are red.", title="Fruit")) == 0
        )
        writer.publish()
    assert collection.texts() == {"new.md": "Apples are red."}


def test_same_passage_twice_in_one_run_is_found_in_the_cache(collection: Collection) -> None:
    collection.put({"a.md": "Apples are red.", "b.md": "Boats float."})
    with collection.home.run() as writer:
        writer.begin(collection.embedder.spec, OPTIONS)
        assert stage(writer, collection.embedder, make_document("c.md", "Cats sleep.", title="c")) == 1
        assert stage(writer, collection.embedder, make_document("d.md", "Cats sleep.", title="c")) == 0
        writer.publish()


def test_interrupted_run_leaves_its_embeddings_for_the_next(collection: Collection) -> None:
    collection.put({"a.md": "Apples are red."})
    with collection.home.run() as writer:
        writer.begin(collection.embedder.spec, OPTIONS)
        stage(writer, collection.embedder, make_document("b.md", "Boats float.\nShips sail."))
    before = collection.embedder.passages
    collection.put({"b.md": "Boats float.\nShips sail."})
    assert collection.embedder.passages == before


def test_embeddings_that_nothing_uses_any_more_leave_with_the_last_generation_that_did(
    collection: Collection,
) -> None:
    collection.put({"a.md": "Apples are red."})
    for text in ("Two.", "Three.", "Four."):
        collection.put({"a.md": text})
    before = collection.embedder.passages
    collection.put({"a.md": "Apples are red."})
    assert collection.embedder.passages == before + 1


def test_touched_document_has_its_new_stat_and_makes_no_generation(collection: Collection) -> None:
    collection.put({"a.md": "Apples are red."})
    with collection.home.run() as writer:
        writer.begin(collection.embedder.spec, OPTIONS)
        writer.touch(make_document("a.md", "").id, FileStat(15, 999))
        assert writer.publish() is None
    assert collection.known()["a.md"].mtime_ns == 999
    assert collection.home.current() == 1


def test_after_a_rollback_the_known_stat_is_that_of_the_older_content(collection: Collection) -> None:
    collection.put({"a.md": "Old."})
    collection.put({"a.md": "New and longer."})
    collection.home.rollback()
    known = collection.known()["a.md"]
    old = make_document("a.md", "Old.")
    assert (known.content_hash, known.size, known.mtime_ns) == (
        old.content_hash,
        stat_of(old).size,
        stat_of(old).mtime_ns,
    )


def test_document_staged_twice_counts_once_with_its_last_text(collection: Collection) -> None:
    with collection.home.run() as writer:
        writer.begin(collection.embedder.spec, OPTIONS)
        stage(writer, collection.embedder, make_document("a.md", "First words."))
        stage(writer, collection.embedder, make_document("a.md", "Second words."))
        stage(writer, collection.embedder, make_document("b.md", "Unwanted."))
        writer.withdraw(make_document("b.md", "").id)
        writer.publish()
    assert collection.texts() == {"a.md": "Second words."}
    with collection.home.open() as generation:
        assert len(match(generation, "words", 5)) == 1
        assert match(generation, "first unwanted", 5) == []


def test_removing_or_touching_an_unknown_document_is_a_named_error(collection: Collection) -> None:
    collection.put({"a.md": "One."})
    with collection.home.run() as writer:
        writer.begin(collection.embedder.spec, OPTIONS)
        with pytest.raises(NotFound, match="nobody"):
            writer.remove("nobody")
        with pytest.raises(NotFound, match="nobody"):
            writer.touch("nobody", FileStat(1, 1))
    with pytest.raises(NotFound):
        collection.home.remove(["nobody"])


def test_another_embedder_has_to_stage_everything_again(collection: Collection) -> None:
    collection.put({"a.md": "Apples are red.", "b.md": "Boats float."}, settings={"refusal_threshold": 0.4})
    other = HashEmbedder(dimension=24, revision="2")
    with pytest.raises(WrongEmbedder, match="hash@1/16"):
        collection.home.open(embedder=other.spec)
    with collection.home.run() as writer:
        writer.begin(other.spec, OPTIONS)
        assert {known.options_hash for known in writer.known("docs")} == {""}
        stage(writer, other, make_document("a.md", "Apples are red."))
        with pytest.raises(PublishRefused, match="1 documents"):
            writer.publish()
    assert collection.home.current() == 1
    collection.embedder = other
    collection.put({"a.md": "Apples are red.", "b.md": "Boats float."})
    with collection.home.open(embedder=other.spec) as generation:
        assert generation.embedder == other.spec
        assert generation.settings == {}
        assert len(nearest(generation, other.embed_query("apples"), 5)) == 2


def test_staging_checks_spans_before_it_writes_anything(collection: Collection) -> None:
    document = make_document("a.md", "Apples are red.")
    (chunk,) = chunks_by_line(document)
    (vectors,) = collection.embedder.embed_passages([passage_of(document, chunk)])
    with collection.home.run() as writer:
        writer.begin(collection.embedder.spec, OPTIONS)
        with pytest.raises(ValueError, match="outside its text"):
            writer.stage("docs", document, [replace(chunk, end=99)], [vectors], stat_of(document))
        assert writer.publish() is None
