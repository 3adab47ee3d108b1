"""An open snapshot is one generation and stays it, whatever becomes of the collection meanwhile."""

import threading
from collections import Counter
from collections.abc import Callable

import pytest

from ragchat.corpus.contract import Snapshot
from ragchat.corpus.values import Filters, View, Wanted
from ragchat.errors import NotFound
from ragchat.language.analysis import analyze
from tests.corpus.support import Collection, match, matching, nearest, text_of, texts_of
from tests.support.vectors import make_document

OLD = {"a.md": "Apples are red.\nApples are sweet.", "b.md": "Boats float."}


def everything(generation: Snapshot, collection: Collection) -> tuple[object, ...]:
    """All that a generation can be asked, without arrays."""
    query = collection.embedder.embed_query("apples boats")
    found = generation.find(Wanted(query, {"appl": 1.0, "boat": 0.5}))
    chunks = generation.sample(100, seed=1, vectors=False)
    documents = generation.documents()
    return (
        (generation.number, generation.chunk_count, generation.document_count, dict(generation.settings)),
        (found.near, found.worded, round(found.floor, 5), [chunk.chunk_id for chunk in found.chunks]),
        [(chunk.chunk_id, chunk.text, chunk.document, chunk.sentences) for chunk in chunks],
        (documents, texts_of(generation), generation.count(Filters())),
        dict(generation.idf(["appl", "boat", "cat"])),
        [generation.read_document(document.id) for document in documents],
    )


@pytest.mark.parametrize(
    "change",
    [
        lambda collection: collection.put({"a.md": "Apricots.", "c.md": "Cats sleep."}),
        lambda collection: collection.put({"b.md": None}),
        lambda collection: collection.put({}, settings={"threshold": 0.75}),
        lambda collection: collection.home.rollback(),
        lambda collection: collection.home.rebuild(),
        lambda collection: collection.home.remove([make_document("a.md", "").id]),
        lambda collection: collection.home.prune(1),
        lambda collection: collection.home.purge([make_document("other.md", "").id]),
    ],
    ids=["publish", "removal", "settings", "rollback", "rebuild", "remove", "prune", "purge of another"],
)
def test_open_snapshot_answers_the_same_after(
    collection: Collection, change: Callable[[Collection], object]
) -> None:
    collection.put({"first.md": "First things."})
    collection.put({**OLD, "first.md": None}, settings={"threshold": 0.5})
    with collection.home.open() as generation:
        before = everything(generation, collection)
        if "other.md" not in collection.texts():
            collection.put({"other.md": "Other things."})
        change(collection)
        collection.put({"z.md": "Later still."})
        assert everything(generation, collection) == before
        assert generation.number not in collection.home.prune(1)  # it is held
        assert everything(generation, collection) == before


@pytest.mark.parametrize("view", [None, View(acl=("staff",))], ids=["whole", "narrowed"])
def test_snapshot_under_which_its_documents_are_purged_goes_on_without_them(
    collection: Collection, view: View | None
) -> None:
    rest = {"b.md": OLD["b.md"], **{f"{n}.md": f"Ordinary text {n}." for n in range(6)}}
    collection.put({**OLD, **rest})
    doomed = make_document("a.md", "").id
    question = collection.embedder.embed_query(OLD["a.md"])
    with collection.home.open() as whole:
        generation = whole if view is None else whole.narrowed(view)
        before = generation.document_chunks(doomed)
        collection.home.purge([doomed])

        found = generation.find(Wanted(question, dict(Counter(analyze(OLD["a.md"], "en")))))
        assert {chunk.document.key for chunk in found.chunks} == rest.keys()
        assert texts_of(generation) == rest
        assert generation.chunks([chunk.chunk_id for chunk in before]) == []
        assert {chunk.document.key for chunk in generation.sample(99, 1)} == rest.keys()
        for call in (
            lambda: text_of(generation, doomed),
            lambda: generation.document(doomed),
            lambda: generation.structures([doomed]),
            lambda: generation.document_chunks(doomed),
            lambda: generation.read_document(doomed),
        ):
            with pytest.raises(NotFound):
                call()
    assert collection.texts() == rest


def test_closing_is_idempotent_and_lets_pruning_have_it(collection: Collection) -> None:
    for text in ("One.", "Two.", "Three."):
        collection.put({"a.md": text})
    generation = collection.home.open(2)
    second = collection.home.open(2)
    assert collection.home.prune(1) == []
    generation.close()
    generation.close()
    assert collection.home.prune(1) == []
    second.close()
    assert collection.home.prune(1) == [2]


def test_readers_answer_from_one_generation_at_a_time_while_many_are_published(
    collection: Collection,
) -> None:
    def texts(number: int) -> dict[str, str | None]:
        return {f"{key}.md": f"Common words, edition{number}." for key in "abc"}

    collection.put(texts(1))
    stop, problems, reads = threading.Event(), [], [0] * 4

    def read(reader: int) -> None:
        while not stop.is_set():
            try:
                with collection.home.open() as generation:
                    chunks = generation.chunks([hit.chunk_id for hit in match(generation, "common", 10)])
                    hits = nearest(generation, collection.embedder.embed_query("words"), 10)
                    seen = {chunk.text for chunk in chunks}
                    seen |= {chunk.text for chunk in generation.chunks([hit.chunk_id for hit in hits])}
                    if seen != {f"Common words, edition{generation.number}."} or len(chunks) != 3:
                        problems.append((generation.number, seen))
                reads[reader] += 1
            except Exception as error:  # noqa: BLE001 - whatever it is, it is the finding
                problems.append(repr(error))

    threads = [threading.Thread(target=read, args=(reader,)) for reader in range(len(reads))]
    for thread in threads:
        thread.start()
    number = 1
    while number < 11 or (min(reads) <= 3 and number < 500):  # until the slowest thread had its turns among them
        number += 1
        collection.put(texts(number))
    stop.set()
    for thread in threads:
        thread.join(30)
    assert problems == []
    assert min(reads) > 3


def test_generation_pruned_under_an_opening_reader_is_not_found_or_the_next_one(
    collection: Collection,
) -> None:
    collection.put({"a.md": "One."})
    with collection.home.open() as first:
        collection.put({"a.md": "Two."})
        collection.put({"a.md": "Three."})
        assert matching(first, "one") == ["a.md"]
    collection.home.prune()
    with pytest.raises(NotFound, match="generation 1"):
        collection.home.open(1)
    with collection.home.open() as generation:
        assert generation.number == 3
