"""Thousands in one call, many threads on one snapshot: a limit of the engine underneath is the store's to get round."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from ragchat.corpus.contract import Snapshot
from ragchat.corpus.values import Filters, Hit, Place, View, Wanted
from tests.corpus.support import OPTIONS, Collection, match, nearest, stage
from tests.support.vectors import make_document

MANY = 40_000
"""More than SQLite (32,766) takes as parameters of a statement, and than PostgreSQL's half of 65,535."""


@pytest.fixture
def filled(collection: Collection) -> Collection:
    collection.put_documents(
        *(
            make_document(f"{n}.md", f"Kettle number{n}.\nBoat number{n}.", acl=("staff",) if n % 2 else ())
            for n in range(20)
        )
    )
    return collection


def test_as_many_are_asked_for_at_once_as_a_caller_likes(filled: Collection) -> None:
    strangers = tuple(f"nobody-{n}" for n in range(MANY))
    with filled.home.open() as generation:
        documents = generation.documents()
        ids = [document.id for document in documents]
        chunk_ids = [each.chunk_id for each in generation.sample(99, seed=0)]
        asked = [*range(10**9, 10**9 + MANY), *chunk_ids]
        assert [each.chunk_id for each in generation.chunks(asked)] == chunk_ids
        worth = generation.idf([*strangers, "kettl"])
        assert len(worth) == MANY + 1
        assert worth["kettl"] < worth["nobody-7"]
        places = [Place(ids[n % 20], 0, 6) for n in range(MANY // 10)]
        assert generation.read(places) == ["Kettle"] * len(places)
        assert generation.structures(ids * 100).keys() == set(ids)
        for filters in (
            Filters(document_ids=(*strangers, ids[0])),
            Filters(uris=(*strangers, documents[0].uri)),
            Filters(metadata={}, acl=strangers, document_ids=(ids[0], *strangers)),
        ):
            assert generation.count(filters) == 2
            assert len(match(generation, "kettle", 9, filters)) == 1


def answers(snapshot: Snapshot, collection: Collection) -> tuple[tuple[Hit, ...], ...]:
    found = snapshot.find(Wanted(collection.embedder.embed_query("kettle"), {"boat": 1.0, "kettl": 0.5}))
    read = snapshot.read([Place(found.chunks[0].document.id, 0, 99)])
    assert read[0].startswith("Kettle")
    assert len(snapshot.chunks([hit.chunk_id for hit in found.near])) == len(found.near)
    return found.near, found.worded


def test_threads_share_a_snapshot_and_its_narrowed_ones(filled: Collection) -> None:
    with filled.home.open() as generation:
        narrow = generation.narrowed(View(acl=()))
        alone = answers(generation, filled), answers(narrow, filled)
        assert len(alone[0][0]) == 2 * len(alone[1][0]) == 40
        with ThreadPoolExecutor(8) as pool:
            shared = [pool.submit(answers, one, filled) for one in (generation, narrow) * 20]
            found = [one.result() for one in shared]
        assert found == list(alone) * 20


def test_document_of_thousands_of_chunks_comes_back_whole(collection: Collection) -> None:
    text = "\n".join(f"Line {n} has w{n}." for n in range(3_000))
    document = make_document("long.txt", text)
    with collection.home.run() as run:
        run.begin(collection.embedder.spec, OPTIONS)
        stage(run, collection.embedder, document)
        run.publish()
    with collection.home.open() as generation:
        chunks = generation.document_chunks(document.id, vectors=False)
        assert [chunk.ordinal for chunk in chunks] == list(range(3_000))
        assert "\n".join(chunk.text for chunk in chunks) == text
        assert len(nearest(generation, collection.embedder.embed_query("line"), 5_000)) == 3_000
        (hit,) = match(generation, "w2718", 5)
        assert generation.chunks([hit.chunk_id])[0].ordinal == 2718
