"""Publishing: what a run leaves, what readers see meanwhile, how generations relate to each other."""

import re

import pytest

from ragchat.errors import NotFound, NotReady
from tests.corpus.contract.conftest import MakeCollection
from tests.corpus.support import OPTIONS, Collection, matching, nearest, stage, text_of
from tests.support.vectors import make_document


def test_first_publish_makes_generation_one_with_everything_staged(collection: Collection) -> None:
    info = collection.put({"a.md": "Apples are red.\nPears are green.", "b.md": "Boats float."})

    assert info is not None
    assert (info.number, info.documents, info.chunks, info.current) == (1, 2, 3, True)
    assert collection.texts() == {"a.md": "Apples are red.\nPears are green.", "b.md": "Boats float."}
    assert collection.home.current() == 1


def test_nothing_is_there_before_the_first_publish(collection: Collection) -> None:
    assert collection.home.current() is None
    assert not collection.home.exists()
    with pytest.raises(NotReady, match="ragchat ingest"):
        collection.home.open()


def test_run_left_without_publishing_changes_nothing(collection: Collection) -> None:
    collection.put({"a.md": "Apples are red."})
    with collection.home.run() as writer:
        writer.begin(collection.embedder.spec, OPTIONS)
        stage(writer, collection.embedder, make_document("b.md", "Boats float."))
        writer.build()

    assert collection.home.current() == 1
    assert collection.texts() == {"a.md": "Apples are red."}


def test_run_that_changes_nothing_publishes_nothing(collection: Collection) -> None:
    collection.put({"a.md": "Apples are red."})

    assert collection.put({}) is None
    assert collection.home.current() == 1


def test_changed_document_replaces_its_older_version(collection: Collection) -> None:
    collection.put({"a.md": "Apples are red.", "b.md": "Boats float."})
    collection.put({"a.md": "Apricots are orange."})

    assert collection.texts() == {"a.md": "Apricots are orange.", "b.md": "Boats float."}
    assert collection.texts(1) == {"a.md": "Apples are red.", "b.md": "Boats float."}
    with collection.home.open() as generation:
        assert matching(generation, "apples") == []
        assert matching(generation, "apricots") == ["a.md"]


def test_reader_of_an_old_generation_sees_exactly_that_while_a_new_one_is_current(
    collection: Collection,
) -> None:
    collection.put({"a.md": "Apples are red."})
    with collection.home.open() as old:
        collection.put({"a.md": None, "b.md": "Boats float."})
        assert [document.key for document in old.documents()] == ["a.md"]
        assert matching(old, "apples boats") == ["a.md"]
        assert old.number == 1
    assert collection.texts() == {"b.md": "Boats float."}


def test_removed_document_is_reachable_by_no_way(collection: Collection) -> None:
    collection.put({"a.md": "Apples are red.", "b.md": "Boats float."})
    with collection.home.open() as generation:
        removed = generation.document_by_key("a.md")
        assert removed is not None
        chunk_ids = [chunk.chunk_id for chunk in generation.document_chunks(removed.id)]
    collection.put({"a.md": None})

    with collection.home.open() as generation:
        assert matching(generation, "apples red") == []
        hits = nearest(generation, collection.embedder.embed_query("apples are red"), 10)
        assert not {hit.chunk_id for hit in hits} & set(chunk_ids)
        assert generation.chunks(chunk_ids) == []
        assert generation.document_by_key("a.md") is None
        for read in (
            generation.document,
            lambda document_id: text_of(generation, document_id),
            lambda document_id: generation.structures([document_id]),
            generation.read_document,
            generation.document_chunks,
        ):
            with pytest.raises(NotFound):
                read(removed.id)


def test_rollback_is_a_pointer_and_the_next_publish_builds_on_it(collection: Collection) -> None:
    collection.put({"a.md": "Apples are red."})
    collection.put({"b.md": "Boats float.", "a.md": None})
    assert collection.home.rollback().number == 1
    assert collection.texts() == {"a.md": "Apples are red."}

    info = collection.put({"c.md": "Cats sleep."})

    assert info is not None
    assert info.number == 3
    assert collection.texts() == {"a.md": "Apples are red.", "c.md": "Cats sleep."}
    assert collection.texts(1) == {"a.md": "Apples are red."}


def test_number_of_a_generation_is_never_used_again(make_collection: MakeCollection) -> None:
    collection = make_collection(keep=1)
    for number, text in enumerate(("One.", "Two.", "Three."), start=1):
        info = collection.put({"a.md": text})
        assert info is not None
        assert info.number == number
    assert [info.number for info in collection.home.generations()] == [3]


def test_newest_two_generations_are_kept_and_older_ones_leave_when_nobody_reads_them(
    collection: Collection,
) -> None:
    collection.put({"a.md": "One."})
    with collection.home.open(1):
        collection.put({"a.md": "Two."})
        collection.put({"a.md": "Three."})
        assert [info.number for info in collection.home.generations()] == [1, 2, 3]
    assert collection.home.prune() == [1]
    assert [info.number for info in collection.home.generations()] == [2, 3]
    with pytest.raises(NotFound):
        collection.home.open(1)


def test_rollback_needs_something_to_go_back_to(collection: Collection) -> None:
    collection.put({"a.md": "One."})
    with pytest.raises(NotFound, match="no generation before 1"):
        collection.home.rollback()


def test_time_of_a_generation_is_utc_to_the_second(collection: Collection) -> None:
    info = collection.put({"a.md": "One."}, report={"documents": {}})
    assert info is not None
    for created in (
        info.created,
        collection.home.generations()[0].created,
        collection.home.reports()[0]["created"],
    ):
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", str(created))


def test_settings_and_reports_are_kept(collection: Collection) -> None:
    collection.put({"a.md": "One."}, settings={"refusal_threshold": 0.4}, report={"documents": {"added": 1}})
    collection.put({"b.md": "Two."}, settings={"other": 1.0}, report={"documents": {"added": 2}})
    with collection.home.open() as generation:
        assert generation.settings == {"refusal_threshold": 0.4, "other": 1.0}
    reports = collection.home.reports()
    assert [(report["generation"], report["documents"]) for report in reports] == [
        (2, {"added": 2}),
        (1, {"added": 1}),
    ]
    assert "created" in reports[0]
    assert len(collection.home.reports(limit=1)) == 1


def test_new_settings_alone_make_a_generation(collection: Collection) -> None:
    collection.put({"a.md": "One."}, settings={"refusal_threshold": 0.4})
    assert collection.put({}, settings={"refusal_threshold": 0.4}) is None
    info = collection.put({}, settings={"refusal_threshold": 0.5})
    assert info is not None
    with collection.home.open() as generation:
        assert generation.settings == {"refusal_threshold": 0.5}
        assert generation.document_count == 1
