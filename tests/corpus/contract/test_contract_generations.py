"""Generations: which are kept, going back, removing and purging, making anew, and what is remembered of runs."""

from contextlib import suppress

import pytest

from ragchat.errors import IndexDamaged, NotFound, NotReady
from tests.corpus.contract.conftest import Implementation, MakeCollection
from tests.corpus.support import OPTIONS, Collection, matching, nearest, stage, text_of, texts_of
from tests.support.vectors import HashEmbedder, make_document

SECRET = "Xylographic quarantined zymurgy."
KEPT = {f"{n}.md": f"Ordinary text {n}.\nSecond line {n}." for n in range(8)}


def numbers(collection: Collection) -> list[int]:
    return [info.number for info in collection.home.generations()]


# What is kept


@pytest.mark.parametrize("keep", [1, 2, 5])
def test_every_publish_keeps_as_many_generations_as_the_store_was_opened_to_keep(
    make_collection: MakeCollection, keep: int
) -> None:
    collection = make_collection(keep=keep)
    for n in range(7):
        collection.put({"a.md": f"Text {n}."})
    assert numbers(collection) == list(range(8 - keep, 8))
    collection.home.rebuild()
    collection.home.remove([make_document("a.md", "").id])
    assert numbers(collection) == list(range(10 - keep, 10))


def test_rollback_from_the_current_generation_stays_possible_whatever_is_pruned(
    make_collection: MakeCollection,
) -> None:
    collection = make_collection(keep=5)
    for n in range(4):
        collection.put({"a.md": f"Text {n}."})
    collection.home.rollback(1)
    assert collection.home.prune(2) == [2]
    collection.put({"b.md": "Based on one."})
    assert collection.home.prune(2) == [3]
    assert numbers(collection) == [1, 4, 5]
    assert collection.home.rollback().number == 1
    assert collection.texts() == {"a.md": "Text 0."}


def test_current_generation_is_never_pruned(make_collection: MakeCollection) -> None:
    collection = make_collection(keep=5)
    for n in range(3):
        collection.put({"a.md": f"Text {n}."})
    collection.home.rollback(1)
    assert collection.home.prune(1) == [2]
    assert collection.texts() == {"a.md": "Text 0."}


def test_going_back_goes_to_the_base_and_then_to_the_newest_before(make_collection: MakeCollection) -> None:
    collection = make_collection(keep=9)
    for n in range(3):
        collection.put({"a.md": f"Text {n}."})
    collection.home.rollback(1)
    collection.put({"a.md": "Text 3."})
    assert collection.home.rollback().number == 1
    with pytest.raises(NotFound, match="no generation before 1"):
        collection.home.rollback()
    assert collection.home.rollback(3).number == 3
    assert collection.home.rollback().number == 2
    for missing in (0, 5, -1):
        with pytest.raises(NotFound, match=f"no generation {missing}"):
            collection.home.rollback(missing)
        with pytest.raises(NotFound, match=f"no generation {missing}"):
            collection.home.open(missing)


def test_generations_tell_what_they_hold(collection: Collection) -> None:
    collection.put({"a.md": "One.\nTwo."})
    collection.put({"b.md": "Three.", "empty.md": ""})
    first, second = collection.home.generations()
    assert (first.number, first.documents, first.chunks, first.current) == (1, 1, 2, False)
    assert (second.number, second.documents, second.chunks, second.current) == (2, 3, 3, True)
    assert first.embedder_key == collection.embedder.spec.key
    assert first.size_bytes > 0


# Making anew


def test_rebuild_is_a_new_generation_with_the_same_content_and_embeds_nothing(collection: Collection) -> None:
    collection.put(KEPT, settings={"threshold": 0.5})
    collection.put({"0.md": None})
    embedded = collection.embedder.passages
    query = collection.embedder.embed_query("ordinary")
    with collection.home.open() as generation:
        before = nearest(generation, query, 99), matching(generation, "ordinary"), generation.settings
    lost: list[str] = []
    assert collection.home.rebuild(lost=lost.append).number == 3
    assert lost == []
    with collection.home.open() as generation:
        after = nearest(generation, query, 99), matching(generation, "ordinary"), generation.settings
    assert after == before
    assert collection.embedder.passages == embedded


# Removing and purging


def test_removing_publishes_a_generation_without_the_documents(collection: Collection) -> None:
    collection.put({"a.md": "One.", "b.md": "Two.", "c.md": "Three."})
    info = collection.home.remove([make_document(key, "").id for key in ("a.md", "c.md")])
    assert (info.number, info.documents, info.current) == (2, 1, True)
    assert collection.texts() == {"b.md": "Two."}
    with pytest.raises(NotFound, match="nobody"):
        collection.home.remove([make_document("b.md", "").id, "nobody"])
    assert collection.texts() == {"b.md": "Two."}
    assert collection.home.rollback().number == 1


def test_purged_document_can_be_reached_by_no_rollback_and_no_cache(collection: Collection) -> None:
    collection.put({**KEPT, "secret.md": SECRET})
    collection.put({"more.md": "More."})
    info = collection.home.purge([make_document("secret.md", "").id])
    assert numbers(collection) == [info.number] == [3]
    assert set(collection.texts()) == {*KEPT, "more.md"}
    assert collection.home.due_purges() == []
    report = collection.home.verify()
    assert (report.problems, report.on_disk) == ((), ())
    embedded = collection.embedder.passages
    collection.put({"secret.md": SECRET})
    assert collection.embedder.passages == embedded + 1


def test_document_removed_before_can_still_be_purged(make_collection: MakeCollection) -> None:
    collection = make_collection(keep=3)
    collection.put({**KEPT, "secret.md": SECRET})
    collection.put({"secret.md": None})
    assert collection.home.purge([make_document("secret.md", "").id]).number == 3
    assert 1 not in numbers(collection)
    assert collection.texts() == KEPT
    with pytest.raises(NotFound):
        collection.home.purge([make_document("secret.md", "").id])


def test_purge_takes_names_out_of_reports_and_leaves_codes_and_figures(collection: Collection) -> None:
    failures = [
        {"uri": "secret.md", "code": "encrypted", "message": "Its first words are quarantined."},
        {"uri": "other.pdf", "code": "damaged", "message": "It cannot be read."},
    ]
    collection.put({**KEPT, "secret.md": SECRET}, report={"failures": failures, "documents": {"added": 9}})
    collection.home.purge([make_document("secret.md", "").id])
    (kept,) = collection.home.reports()
    assert kept["documents"] == {"added": 9}
    assert kept["failures"] == [{"uri": "(purged)", "code": "encrypted", "message": "(purged)"}, failures[1]]


def test_purge_takes_the_file_with_another_ending_out_of_reports(collection: Collection) -> None:
    """The Markdown was stored, the PDF beside it failed: who wants the one forgotten does not want the other named."""
    failures = [
        {"uri": name, "code": "damaged", "message": "It cannot be read."}
        for name in ("hr/secret.pdf", "secret.pdf", "secretary.pdf", "")
    ]
    collection.put({**KEPT, "hr/secret.md": SECRET}, report={"failures": failures})
    collection.home.purge([make_document("hr/secret.md", "").id])
    (kept,) = collection.home.reports()
    assert [one["uri"] for one in kept["failures"]] == ["(purged)", "secret.pdf", "secretary.pdf", ""]


# What is remembered


def test_reports_come_newest_first_with_the_generation_that_was_current_after_them(
    collection: Collection,
) -> None:
    collection.put({"a.md": "One."}, report={"run": "first"})
    collection.put({}, report={"run": "nothing new"})
    with collection.home.run() as run:
        run.begin(collection.embedder.spec, OPTIONS)
        stage(run, collection.embedder, make_document("b.md", "Two."))
        run.publish()
        run.record({"run": "recorded", "nested": {"list": [1, "two", None, 0.5, True]}})
    with collection.home.run() as run:
        run.record({"run": "only a record"})
    told = [(report["run"], report["generation"]) for report in collection.home.reports()]
    assert told == [("only a record", 2), ("recorded", 2), ("nothing new", 1), ("first", 1)]
    assert collection.home.reports()[1]["nested"] == {"list": [1, "two", None, 0.5, True]}
    assert [report["run"] for report in collection.home.reports(2)] == ["only a record", "recorded"]


def test_roots_are_those_of_the_current_generation(collection: Collection) -> None:
    collection.put_documents(make_document("a.md", "One.", root="/x"), root="/x")
    collection.put_documents(make_document("b.md", "Two.", root="/a"), root="/a")
    assert collection.home.roots() == ["/a", "/x"]
    with collection.home.run() as run:
        assert run.roots() == ["/a", "/x"]
        run.begin(collection.embedder.spec, OPTIONS)
        assert [known.key for known in run.known("/x")] == ["a.md"]
        assert list(run.known("/nowhere")) == []
    collection.home.remove([make_document("a.md", "", root="/x").id])
    assert collection.home.roots() == ["/a"]
    collection.home.rollback()
    assert collection.home.roots() == ["/a", "/x"]


def test_verify_counts_the_current_generation(collection: Collection) -> None:
    with pytest.raises(NotReady):
        collection.home.verify()
    collection.put({"a.md": "One.\nTwo."})
    collection.put({"b.md": "Three."})
    report = collection.home.verify()
    assert (report.collection, report.generations, report.problems) == ("test", (1, 2), ())
    assert (report.documents, report.chunks) == (2, 3)
    assert "all is well" in report.summary
    assert report.as_json()["ok"] is True


@pytest.mark.parametrize("call", ["open", "generations", "roots", "reports", "rollback", "prune", "rebuild"])
def test_what_needs_an_index_says_that_there_is_none(collection: Collection, call: str) -> None:
    with pytest.raises(NotReady):
        getattr(collection.home, call)()
    assert not collection.home.exists()


def test_run_that_published_nothing_leaves_an_index_that_has_nothing_to_open(collection: Collection) -> None:
    assert collection.put({}) is None
    assert collection.home.exists()
    assert collection.home.current() is None
    assert collection.home.generations() == collection.home.roots() == []
    for call in (collection.home.open, collection.home.rollback, collection.home.rebuild):
        with pytest.raises(NotReady):
            call()


def test_generations_from_before_the_document_came_survive_its_purge(collection: Collection) -> None:
    collection.put(KEPT)
    collection.put({"secret.md": SECRET})
    collection.home.purge([make_document("secret.md", "").id])
    assert [info.number for info in collection.home.generations()] == [1, 3]
    assert collection.home.rollback(1).number == 1
    assert collection.texts() == KEPT


def test_purging_an_unknown_document_is_a_named_error(collection: Collection) -> None:
    collection.put(KEPT)
    with pytest.raises(NotFound, match="nobody"):
        collection.home.purge(["nobody"])
    assert collection.home.current() == 1


def test_passage_that_another_document_shares_keeps_its_vector(collection: Collection) -> None:
    collection.put({**KEPT, "secret.md": SECRET})
    collection.home.purge([make_document("0.md", "").id])
    with collection.home.open() as generation:
        assert len(generation.sample(100, seed=0)) == generation.chunk_count == 15
    assert collection.home.verify().problems == ()


def test_removed_document_is_back_after_a_rollback_and_can_be_removed_again(collection: Collection) -> None:
    collection.put({"a.md": "Apples are red.", "b.md": "Boats float."})
    doomed = make_document("a.md", "").id
    with collection.home.open() as generation:
        before = {each.chunk_id for each in generation.document_chunks(doomed)}
    collection.home.remove([doomed])
    collection.home.rollback()
    assert collection.found("apples") >= {"a.md"}
    assert collection.known().keys() == {"a.md", "b.md"}
    with collection.home.open() as generation:
        assert matching(generation, "apples") == ["a.md"]
        assert {each.chunk_id for each in generation.document_chunks(doomed)} == before
    assert collection.home.remove([doomed]).number == 3
    assert collection.texts() == {"b.md": "Boats float."}


def test_naming_a_document_twice_or_none_is_no_error(collection: Collection) -> None:
    collection.put({"a.md": "One.", "b.md": "Two.", "c.md": "Three."})
    a, b = make_document("a.md", "").id, make_document("b.md", "").id
    assert collection.home.remove([a, a]).documents == 2
    current = collection.home.current()
    assert collection.home.remove([]).number == current  # nothing changed: no new generation
    assert collection.home.purge([b, b]).documents == 1
    assert collection.texts() == {"c.md": "Three."}


def test_generation_of_another_embedder_stays_what_it_was(make_collection: MakeCollection) -> None:
    collection = make_collection()
    collection.put({"a.md": "Apples are red."})
    old, new = collection.embedder, HashEmbedder(dimension=24, revision="2")
    collection.embedder = new
    collection.put({"a.md": "Apples are red."})
    with collection.home.open(1, embedder=old.spec) as generation:
        assert generation.embedder == old.spec
        assert len(nearest(generation, old.embed_query("apples"), 5)) == 1
    assert [info.embedder_key for info in collection.home.generations()] == [old.spec.key, new.spec.key]
    assert collection.home.rollback().embedder_key == old.spec.key


# Damage


def test_damaged_text_is_a_problem_of_verify_and_never_shown(
    collection: Collection, implementation: Implementation
) -> None:
    """Whatever is stored carries what proves it (here: a sum), and nobody is shown what does not agree."""
    collection.put({"a.md": "Apples are red.", "b.md": "Boats float."})
    if not implementation.damage(collection.home, "Apples are red."):
        pytest.skip("nothing can be damaged in this store")
    report = collection.home.verify()
    assert report.problems
    assert report.as_json()["ok"] is False
    assert "problem" in report.summary
    with suppress(IndexDamaged), collection.home.open() as generation:
        assert text_of(generation, make_document("b.md", "").id) == "Boats float."
        with pytest.raises(IndexDamaged):
            text_of(generation, make_document("a.md", "").id)
        with pytest.raises(IndexDamaged):
            texts_of(generation)
    assert collection.home.current() == 1
    assert collection.home.verify().problems == report.problems


def test_verify_may_run_beside_a_run_and_tells_what_it_reads(collection: Collection) -> None:
    collection.put({"a.md": "One.\nTwo."})
    told: list[str] = []
    with collection.home.run() as run:
        run.begin(collection.embedder.spec, OPTIONS)
        stage(run, collection.embedder, make_document("b.md", "Three."))
        report = collection.home.verify(told.append)
        assert (report.problems, report.documents, report.chunks) == ((), 1, 2)
        assert all(what.strip() for what in told)
        assert run.publish() is not None
    assert collection.home.verify().documents == 2
