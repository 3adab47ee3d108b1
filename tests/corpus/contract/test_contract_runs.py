"""A run: what it may do before its publish, and that there is never anything between the old and the new."""

import threading
import time
from dataclasses import replace
from typing import get_args

import numpy as np
import pytest

from ragchat.corpus.contract import Phase, Store
from ragchat.corpus.values import FileStat
from ragchat.documents import Chunk, Span
from ragchat.errors import DocumentFailed, NotFound, NotReady, PublishRefused, WriterBusy, WrongEmbedder
from ragchat.models.embedder import Passage, PassageVectors, passage_of
from tests.corpus.contract.conftest import Implementation
from tests.corpus.support import OPTIONS, Collection, matching, nearest, stage, texts_of
from tests.support.vectors import DIMENSION, chunks_by_line, make_document

PHASES: tuple[Phase, ...] = get_args(Phase)
OLD = {"a.md": "Apples are red.", "b.md": "Boats float."}
ONE = FileStat(1, 1)


class Killed(BaseException):
    """What the process dies of: nothing catches it."""


# Kill points


@pytest.mark.parametrize("phase", PHASES)
def test_run_that_dies_in_any_phase_leaves_the_old_generation_or_the_new_one(
    collection: Collection, phase: Phase
) -> None:
    collection.put(OLD)
    told: list[Phase] = []

    def die(now: Phase) -> None:
        told.append(now)
        if now == phase:
            raise Killed

    def change() -> None:
        with collection.home.run(observe=die) as run:
            run.begin(collection.embedder.spec, OPTIONS)
            run.remove(make_document("b.md", "").id)
            stage(run, collection.embedder, make_document("c.md", "Cats sleep."))
            run.publish()

    if phase not in _phases_of(collection.home, collection):
        pytest.skip(f"this store has no phase {phase!r}")
    with pytest.raises(Killed):
        change()
    published = "published" in told
    assert collection.texts() == ({"a.md": OLD["a.md"], "c.md": "Cats sleep."} if published else OLD)
    assert collection.home.current() == (3 if published else 2)  # the second told which phases there are
    assert collection.home.verify().problems == ()
    collection.put({"d.md": "Dogs run."})
    assert set(collection.texts()) == ({"a.md", "c.md", "d.md"} if published else {"a.md", "b.md", "d.md"})


def _phases_of(home: Store, collection: Collection) -> list[Phase]:
    """Those that a run goes through; it publishes a generation."""
    told: list[Phase] = []
    with home.run(observe=told.append) as run:
        run.begin(collection.embedder.spec, OPTIONS)
        run.build(force=True)
        run.publish()
    return told


def test_phases_are_told_in_their_order_and_none_but_those_of_the_contract(collection: Collection) -> None:
    told = _phases_of(collection.home, collection)
    assert told == [phase for phase in PHASES if phase in told]
    assert {"staging", "building", "committing", "published"} <= set(told)


def test_error_in_the_block_leaves_the_old_generation_and_what_was_embedded(collection: Collection) -> None:
    collection.put(OLD)
    with pytest.raises(ZeroDivisionError), collection.home.run() as run:  # noqa: PT012
        run.begin(collection.embedder.spec, OPTIONS)
        stage(run, collection.embedder, make_document("c.md", "Cats sleep."))
        run.build()
        raise ZeroDivisionError
    assert collection.texts() == OLD
    before = collection.embedder.passages
    collection.put({"c.md": "Cats sleep."})
    assert collection.embedder.passages == before


# Compare and swap


def test_publish_is_refused_when_another_generation_became_current_meanwhile(
    collection: Collection, implementation: Implementation
) -> None:
    collection.put(OLD)
    collection.put({"c.md": "Cats sleep."})
    with pytest.raises(PublishRefused, match="generation 2") as raised, collection.home.run() as run:  # noqa: PT012
        run.begin(collection.embedder.spec, OPTIONS)
        stage(run, collection.embedder, make_document("d.md", "Dogs run."))
        run.build()
        implementation.move_current(collection.home, 1)
        run.publish()
    assert raised.value.code == "base_moved"
    assert collection.home.current() == 1
    assert collection.texts() == OLD
    assert [info.number for info in collection.home.generations()] == [1, 2]
    assert collection.home.verify().problems == ()
    info = collection.put({"d.md": "Dogs run."})
    assert info is not None
    assert (info.number, set(collection.texts())) == (3, {*OLD, "d.md"})


# The candidate


def test_candidate_can_be_searched_before_it_is_current(collection: Collection) -> None:
    collection.put(OLD, settings={"threshold": 0.5})
    with collection.home.run() as run:
        run.begin(collection.embedder.spec, OPTIONS)
        run.remove(make_document("a.md", "").id)
        stage(run, collection.embedder, make_document("c.md", "Cats sleep.\nCats purr."))
        with run.open_candidate({"other": 1.0}) as candidate:
            assert texts_of(candidate) == {"b.md": OLD["b.md"], "c.md": "Cats sleep.\nCats purr."}
            assert matching(candidate, "apples") == []
            assert matching(candidate, "cats") == ["c.md"]
            assert len(nearest(candidate, collection.embedder.embed_query("cats"), 9)) == 3
            assert candidate.settings == {"threshold": 0.5, "other": 1.0}
            assert collection.home.current() == 1
            assert collection.texts() == OLD
            seen = {chunk.chunk_id: chunk.text for chunk in candidate.sample(9, seed=0)}
        assert run.chunk_total() == 3
        info = run.publish(settings={"threshold": 0.25})
    assert info is not None
    with collection.home.open() as generation:
        assert generation.number == info.number == 2
        assert {chunk.chunk_id: chunk.text for chunk in generation.sample(9, seed=0)} == seen
        assert generation.settings == {"threshold": 0.25}


def test_candidate_of_a_run_that_changed_nothing_is_its_base(collection: Collection) -> None:
    collection.put(OLD)
    with collection.home.run() as run:
        run.begin(collection.embedder.spec, OPTIONS)
        with run.open_candidate() as candidate:
            assert candidate.number == 1
        assert run.publish() is None
    with collection.home.run() as run:
        run.begin_as_base()
        assert run.base == 1


def test_candidate_of_nothing_is_a_named_error(collection: Collection) -> None:
    with collection.home.run() as run:
        run.begin(collection.embedder.spec, OPTIONS)
        with pytest.raises(NotReady):
            run.open_candidate()
        with pytest.raises(NotReady):
            run.begin_as_base()


def test_nothing_can_be_staged_once_it_is_built_and_nothing_is_published_twice(
    collection: Collection,
) -> None:
    document = make_document("a.md", OLD["a.md"])
    with collection.home.run() as run:
        with pytest.raises(RuntimeError):
            stage(run, collection.embedder, document)  # before `begin`
        run.begin(collection.embedder.spec, OPTIONS)
        stage(run, collection.embedder, document)
        assert run.build()
        for late in (
            lambda: stage(run, collection.embedder, make_document("b.md", OLD["b.md"])),
            lambda: run.remove(document.id),
            lambda: run.withdraw(document.id),
        ):
            with pytest.raises(RuntimeError):
                late()
        assert run.publish() is not None
        with pytest.raises(RuntimeError):
            run.publish()
    assert collection.texts() == {"a.md": OLD["a.md"]}


# What comes in


def vectors_of(value: float, dimension: int = DIMENSION, sentences: int = 0) -> PassageVectors:
    return PassageVectors(
        np.full(dimension, value, np.float32), np.full((sentences, dimension), value, np.float32)
    )


@pytest.mark.parametrize(
    "vectors",
    [vectors_of(1, 17), vectors_of(float("nan")), vectors_of(float("inf")), vectors_of(1, sentences=3)],
    ids=["dimension", "nan", "infinity", "sentences"],
)
def test_vectors_that_do_not_fit_are_refused_and_the_run_goes_on(
    collection: Collection, vectors: PassageVectors
) -> None:
    bad = make_document("bad.md", "Bad vectors.")
    with collection.home.run() as run:
        run.begin(collection.embedder.spec, OPTIONS)
        with pytest.raises(WrongEmbedder):
            run.stage("docs", bad, [Chunk(bad.id, 0, 0, 3)], [vectors], ONE)
        stage(run, collection.embedder, make_document("a.md", OLD["a.md"]))
        run.publish()
    assert collection.texts() == {"a.md": OLD["a.md"]}


def test_vectors_of_any_length_are_kept_at_unit_length(collection: Collection) -> None:
    document = make_document("a.md", OLD["a.md"])
    with collection.home.run() as run:
        run.begin(collection.embedder.spec, OPTIONS)
        run.stage("docs", document, [Chunk(document.id, 0, 0, 6)], [vectors_of(7)], ONE)
        run.publish()
    with collection.home.open() as generation:
        (chunk,) = generation.document_chunks(document.id)
        assert np.linalg.norm(chunk.vector) == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize("field", ["text", "title", "uri", "metadata"])
def test_document_that_is_no_unicode_fails_alone(collection: Collection, field: str) -> None:
    bad = {"a": "b\ud800"} if field == "metadata" else "lone \ud800 surrogate"
    with collection.home.run() as run:
        run.begin(collection.embedder.spec, OPTIONS)
        with pytest.raises(DocumentFailed) as raised:
            run.stage("docs", replace(make_document("bad.md", "Sound."), **{field: bad}), [], [], ONE)  # type: ignore[arg-type]
        assert raised.value.code == "bad_text"
        stage(run, collection.embedder, make_document("a.md", OLD["a.md"]))
        run.publish()
    assert collection.texts() == {"a.md": OLD["a.md"]}


# One at a time


def test_second_run_is_told_that_the_collection_is_busy(collection: Collection) -> None:
    collection.put(OLD)
    with collection.home.run():
        for change in (
            lambda: collection.put({}),
            collection.home.rollback,
            collection.home.prune,
            collection.home.rebuild,
            lambda: collection.home.remove([make_document("a.md", "").id]),
            lambda: collection.home.purge([make_document("a.md", "").id]),
        ):
            with pytest.raises(WriterBusy):
                change()
        assert collection.texts() == OLD
    collection.put({"c.md": "Cats sleep."})


def test_waiting_writer_gets_its_turn(collection: Collection) -> None:
    collection.put({"a.md": "Apples are red."})
    done: list[int] = []

    def wait_and_write() -> None:
        with collection.home.run(wait=True) as writer:
            writer.begin(collection.embedder.spec, OPTIONS)
            stage(writer, collection.embedder, make_document("b.md", "Boats float."))
            info = writer.publish()
            assert info is not None
            done.append(info.number)

    with collection.home.run():
        thread = threading.Thread(target=wait_and_write)
        thread.start()
        time.sleep(0.2)
        assert done == []
    thread.join(30)
    assert done == [2]


def test_pruning_inside_a_run_uses_its_lock(collection: Collection) -> None:
    for text in ("One.", "Two."):
        collection.put({"a.md": text})
    with collection.home.run() as writer:
        writer.begin(collection.embedder.spec, OPTIONS)
        stage(writer, collection.embedder, make_document("a.md", "Three."))
        writer.publish()
        with pytest.raises(WriterBusy):
            collection.home.prune(1)
        assert writer.prune(1) == [2]
    assert [info.number for info in collection.home.generations()] == [3]


@pytest.mark.parametrize("removed_first", [True, False])
def test_removing_a_document_ends_its_old_version_and_never_what_this_run_stages(
    collection: Collection, removed_first: bool
) -> None:
    collection.put({"a.md": "Apples are red."})
    new = make_document("a.md", "Apricots are orange.")
    with collection.home.run() as writer:
        writer.begin(collection.embedder.spec, OPTIONS)
        if removed_first:
            writer.remove(new.id)
        stage(writer, collection.embedder, new)
        if not removed_first:
            writer.remove(new.id)
        writer.publish()
    assert collection.texts() == {"a.md": "Apricots are orange."}
    with collection.home.open() as generation:
        assert matching(generation, "apples") == []
    assert collection.home.verify().problems == ()


def test_withdrawing_takes_back_what_was_staged_and_the_old_version_lives_on(collection: Collection) -> None:
    collection.put({"a.md": "Apples are red."})
    with collection.home.run() as writer:
        writer.begin(collection.embedder.spec, OPTIONS)
        for key, text in (("a.md", "Apricots are orange."), ("b.md", "Boats float.")):
            stage(writer, collection.embedder, make_document(key, text))
        writer.withdraw(make_document("a.md", "").id)
        writer.publish()
    assert collection.texts() == {"a.md": "Apples are red.", "b.md": "Boats float."}
    with collection.home.open() as generation:
        assert matching(generation, "apricots") == []
    assert collection.home.verify().problems == ()


def test_withdrawing_everything_changes_nothing(collection: Collection) -> None:
    collection.put({"a.md": "Apples are red."})
    with collection.home.run() as writer:
        writer.begin(collection.embedder.spec, OPTIONS)
        stage(writer, collection.embedder, make_document("a.md", "Apricots are orange."))
        writer.withdraw(make_document("a.md", "").id)
        assert writer.publish() is None
    assert collection.texts() == {"a.md": "Apples are red."}


def test_removed_and_withdrawn_document_is_removed(collection: Collection) -> None:
    collection.put({"a.md": "Apples are red.", "b.md": "Boats float."})
    with collection.home.run() as writer:
        writer.begin(collection.embedder.spec, OPTIONS)
        writer.remove(make_document("a.md", "").id)
        stage(writer, collection.embedder, make_document("a.md", "Apricots are orange."))
        writer.withdraw(make_document("a.md", "").id)
        writer.publish()
    assert collection.texts() == {"b.md": "Boats float."}


def test_removing_what_is_only_staged_and_withdrawing_what_is_not_are_named_errors(
    collection: Collection,
) -> None:
    collection.put({"a.md": "Apples are red."})
    with collection.home.run() as writer:
        writer.begin(collection.embedder.spec, OPTIONS)
        stage(writer, collection.embedder, make_document("b.md", "Boats float."))
        with pytest.raises(NotFound):
            writer.remove(make_document("b.md", "").id)
        with pytest.raises(NotFound):
            writer.withdraw(make_document("a.md", "").id)
        writer.publish()
    assert set(collection.texts()) == {"a.md", "b.md"}


def test_what_a_base_knows_is_read_while_the_run_changes_it(collection: Collection) -> None:
    """`known` may be walked lazily: staging, touching and removing on the way change nothing of what it tells."""
    collection.put({f"{n}.md": f"Text {n}." for n in range(30)})
    seen: list[str] = []
    with collection.home.run() as run:
        run.begin(collection.embedder.spec, OPTIONS)
        for n, known in enumerate(run.known("docs")):
            seen.append(known.key)
            if n % 3 == 0:
                run.remove(known.document_id)
            elif n % 3 == 1:
                run.touch(known.document_id, FileStat(1, 1))
            else:
                stage(run, collection.embedder, make_document(known.key, f"New text of {known.key}."))
                stage(run, collection.embedder, make_document(f"more-{known.key}", "More."))
        assert len(list(run.known("docs"))) == 30
        run.publish()
    assert sorted(seen) == sorted(f"{n}.md" for n in range(30))
    assert len(collection.texts()) == 30


def test_vectors_of_nothing_stay_zero_and_are_near_to_nothing(collection: Collection) -> None:
    """A sentence beyond the model's window has a zero vector, and so may have a chunk without a word."""
    document = make_document("a.md", "One two. Three.\nFour.")
    spans = (Span(0, 8), Span(9, 15))
    chunks = [Chunk(document.id, 0, 0, 15, sentences=spans), Chunk(document.id, 1, 16, 21)]
    some = collection.embedder.embed_query("one two")
    none = np.zeros(DIMENSION, np.float32)
    vectors = [PassageVectors(some, np.stack([some, none])), PassageVectors(none, np.zeros((0, DIMENSION)))]
    with collection.home.run() as run:
        run.begin(collection.embedder.spec, OPTIONS)
        run.stage("docs", document, chunks, vectors, ONE)
        run.publish()
    with collection.home.open() as generation:
        first, second = generation.document_chunks(document.id)
        assert first.sentence_vectors[0] @ some == pytest.approx(1, abs=1e-2)
        assert not first.sentence_vectors[1].any()
        assert not second.vector.any()
        hits = nearest(generation, some, 9)
        assert [hit.score for hit in hits] == pytest.approx([1, 0], abs=2e-3)


def test_cached_vectors_are_those_that_were_staged(collection: Collection) -> None:
    document = make_document("a.md", "Apples are red. Pears are green.")
    collection.put_documents(document)
    (chunk,) = chunks_by_line(document)
    passages = [Passage("other", "Nothing known."), passage_of(document, chunk), Passage("other", "Nor this.")]
    (given,) = collection.embedder.embed_passages(passages[1:2])
    with collection.home.run() as run:
        run.begin(collection.embedder.spec, OPTIONS)
        before, found, after = run.lookup(passages)
        assert (before, after) == (None, None)
        assert found is not None
        np.testing.assert_allclose(found.chunk, given.chunk, atol=1e-3)
        assert np.einsum("ij,ij->i", found.sentences, given.sentences).min() > 0.999
        assert run.lookup([]) == []
