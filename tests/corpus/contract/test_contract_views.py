"""A narrowed snapshot is the generation as a caller may see it: what is outside of its view does not exist for it."""

from collections.abc import Callable

import pytest

from ragchat.corpus.contract import Snapshot
from ragchat.corpus.values import Filters, Place, View, Wanted
from ragchat.errors import NotFound
from tests.corpus.support import Collection, all_documents, match, matching, nearest, texts_of
from tests.support.vectors import make_document

DOCUMENTS = (
    make_document("open.md", "Same words for all.\nMore words."),
    make_document("staff.md", "Same words for staff.", acl=("staff",)),
    make_document("board.md", "Same words for the board.\nMore words.\nEven more.", acl=("board",)),
    make_document("both.md", "Same words for both.", acl=("board", "staff")),
)
STAFF, BOARD, NOBODY = View(acl=("staff",)), View(acl=("board",)), View(acl=())


@pytest.fixture
def filled(collection: Collection) -> Collection:
    collection.put_documents(*DOCUMENTS)
    return collection


def keys(generation: Snapshot) -> set[str]:
    return {document.key for document in all_documents(generation)}


@pytest.mark.parametrize(
    ("view", "seen"),
    [
        (View(), {"open.md", "staff.md", "board.md", "both.md"}),
        (NOBODY, {"open.md"}),
        (STAFF, {"open.md", "staff.md", "both.md"}),
        (BOARD, {"open.md", "board.md", "both.md"}),
        (View(acl=("staff", "board")), {"open.md", "staff.md", "board.md", "both.md"}),
        (View(acl=("guests",)), {"open.md"}),
    ],
)
def test_every_way_in_shows_the_same_documents(filled: Collection, view: View, seen: set[str]) -> None:
    with filled.home.open() as generation:
        narrow = generation.narrowed(view)
        query = filled.embedder.embed_query("same words")
        assert keys(narrow) == texts_of(narrow).keys() == seen
        assert set(matching(narrow, "same words")) == seen
        found = narrow.find(Wanted(query, {"word": 1.0}, read=50))
        assert {chunk.document.key for chunk in found.chunks} == seen
        assert {chunk.document.key for chunk in narrow.sample(99, seed=1)} == seen
        assert narrow.document_count == len(seen)
        assert narrow.chunk_count == narrow.count(Filters()) == len(nearest(narrow, query, 99))
        assert (narrow.number, narrow.settings, narrow.language) == (1, generation.settings, "en")


def test_with_so_many_allowed_chunks_there_are_so_many_hits(filled: Collection) -> None:
    query = filled.embedder.embed_query("board")
    with filled.home.open() as generation:
        narrow = generation.narrowed(STAFF)
        assert len(nearest(narrow, query, 4)) == 4
        assert len(match(narrow, "same words", 3)) == 3


@pytest.mark.parametrize(
    "read",
    [
        lambda snapshot, document_id: snapshot.document(document_id),
        lambda snapshot, document_id: snapshot.read_document(document_id),
        lambda snapshot, document_id: snapshot.document_chunks(document_id),
        lambda snapshot, document_id: snapshot.structures([document_id]),
        lambda snapshot, document_id: snapshot.read([Place(document_id, 0, 9)]),
    ],
    ids=["document", "read_document", "document_chunks", "structures", "read"],
)
def test_document_outside_the_view_cannot_be_told_from_one_that_is_not_there(
    filled: Collection, read: Callable[[Snapshot, str], object]
) -> None:
    hidden = make_document("board.md", "").id
    with filled.home.open() as generation:
        read(generation, hidden)
        chunk_ids = [chunk.chunk_id for chunk in generation.document_chunks(hidden)]
        narrow = generation.narrowed(STAFF)
        with pytest.raises(NotFound) as outside:
            read(narrow, hidden)
        with pytest.raises(NotFound) as missing:
            read(narrow, "nobody")
        assert outside.value.message == missing.value.message.replace("nobody", hidden)
        assert narrow.chunks(chunk_ids) == []
        assert narrow.document_by_key("board.md") is None
        assert narrow.count(Filters(document_ids=(hidden,))) == 0


def test_views_only_ever_narrow(filled: Collection) -> None:
    with filled.home.open() as generation:
        staff = generation.narrowed(STAFF)
        assert keys(staff.narrowed(View())) == keys(staff)
        assert keys(staff.narrowed(BOARD)) == {"open.md"}
        assert keys(staff.narrowed(View(acl=("board", "staff")))) == keys(staff)
        assert keys(generation) == {document.key for document in DOCUMENTS}


def test_filter_of_tags_cannot_reach_beyond_the_view(filled: Collection) -> None:
    with filled.home.open() as generation:
        narrow = generation.narrowed(STAFF)
        assert len(match(narrow, "same words", 9, Filters(acl=("board",)))) == 2  # those of the open document
        assert narrow.count(Filters(acl=("board", "staff"))) == narrow.count(Filters())
        assert narrow.count(Filters(acl=None)) == 4


def test_narrowed_snapshot_neither_closes_the_generation_nor_holds_it(filled: Collection) -> None:
    with filled.home.open() as generation:
        with generation.narrowed(STAFF) as narrow:
            assert len(keys(narrow)) == 3
        narrow.close()
        assert len(keys(generation)) == 4
        filled.put({"more.md": "More."})
        assert filled.home.prune(1) == []
    assert filled.home.prune(1) == [1]


def test_sample_is_drawn_from_what_is_seen_the_same_every_time(filled: Collection) -> None:
    with filled.home.open() as generation:
        first, second = (generation.narrowed(BOARD).sample(3, seed=5, vectors=False) for _ in range(2))
        assert [chunk.chunk_id for chunk in first] == [chunk.chunk_id for chunk in second]
        assert len({chunk.chunk_id for chunk in first}) == 3


def test_worth_of_words_and_floor_are_those_of_the_generation_whatever_the_view(filled: Collection) -> None:
    """Per view every caller would pay for them, and they hardly tell of one document."""
    query = filled.embedder.embed_query("board words")
    terms = ["board", "word", "staff", "nowhere"]
    with filled.home.open() as generation:
        narrow = generation.narrowed(NOBODY)
        assert narrow.idf(terms) == generation.idf(terms)
        assert narrow.find(Wanted(query, {})).floor == generation.find(Wanted(query, {})).floor
        near = {hit.chunk_id: hit.score for hit in nearest(generation, query, 99)}
        assert all(near[hit.chunk_id] == hit.score for hit in nearest(narrow, query, 99))
        worded = {hit.chunk_id: hit.score for hit in match(generation, "same words", 99)}
        assert all(worded[hit.chunk_id] == hit.score for hit in match(narrow, "same words", 99))


def test_key_that_roots_share_means_the_first_that_is_seen(collection: Collection) -> None:
    roots = sorted(("r1", "r2"), key=lambda root: make_document("same.md", "", root=root).id)
    hidden, seen = (
        make_document("same.md", f"Of {root}.", root=root, acl=acl)
        for root, acl in zip(roots, (("board",), ()), strict=True)
    )
    collection.put_documents(hidden, seen)
    with collection.home.open() as generation:
        for snapshot, document in ((generation, hidden), (generation.narrowed(STAFF), seen)):
            found = snapshot.document_by_key("same.md")
            assert found is not None
            assert found.id == document.id


def test_pages_of_documents_are_full_in_a_view_too(collection: Collection) -> None:
    collection.put_documents(
        *(make_document(f"{n:02}.md", "Text.", acl=("board",) if n % 3 else ()) for n in range(30))
    )
    with collection.home.open() as generation:
        narrow = generation.narrowed(STAFF)
        assert [document.key for document in narrow.documents(limit=4)] == ["00.md", "03.md", "06.md", "09.md"]
        assert [document.key for document in narrow.documents(after="10.md", limit=2)] == ["12.md", "15.md"]


def test_candidate_is_narrowed_as_a_generation_is(filled: Collection) -> None:
    with filled.home.run() as run:
        run.begin_as_base()
        run.remove(make_document("staff.md", "").id)
        with run.open_candidate() as candidate:
            assert keys(candidate.narrowed(STAFF)) == {"open.md", "both.md"}
