"""Pointer, counters, members, tags and the log: what no row's own checksum covers is found, mended or refused."""

import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from ragchat.corpus.local.catalog.seals import members_sha256
from ragchat.corpus.local.store import LocalStore
from ragchat.corpus.values import Filters, Place, View
from ragchat.errors import IndexDamaged
from tests.corpus.support import Collection
from tests.support.vectors import make_document

FIRST = {"a.md": "Apples are red.", "b.md": "Boats float."}
SECOND = {**FIRST, "c.md": "Cats sleep."}


@pytest.fixture
def twice(collection: Collection) -> Collection:
    """Two generations; the second has one document more."""
    collection.put(FIRST)
    collection.put({"c.md": SECOND["c.md"]})
    return collection


def catalog_of(collection: Collection) -> Path:
    collection.home.close()
    return collection.home.directory / "catalog.sqlite"


def execute(collection: Collection, sql: str) -> None:
    with closing(sqlite3.connect(catalog_of(collection))) as connection, connection:
        assert connection.execute(sql).rowcount > 0


COUNTERS = [
    "UPDATE meta SET value = 1 WHERE name = 'current'",
    "UPDATE meta SET value = 3 WHERE name = 'current'",
    "UPDATE meta SET value = 0 WHERE name = 'current'",
    "UPDATE meta SET value = 1 WHERE name = 'next_generation'",
    "UPDATE meta SET value = 9 WHERE name = 'next_generation'",
    "UPDATE meta SET value = value - 1 WHERE name = 'next_chunk'",
    "UPDATE meta SET value = value - 1 WHERE name = 'next_version'",
    "UPDATE meta SET value = value + 64 WHERE name = 'embedding_floor'",
    "UPDATE meta SET name = 'next_chuno' WHERE name = 'next_chunk'",
    "UPDATE meta SET value = value + 1 WHERE name = 'moves'",
]


@pytest.mark.parametrize("sql", COUNTERS)
def test_damaged_pointer_or_counter_is_found_serves_nothing_else_and_is_mended_by_the_next_run(
    twice: Collection, sql: str
) -> None:
    execute(twice, sql)
    assert [problem.thing for problem in twice.home.verify().problems] == ["catalog.sqlite, pointer and counters"]
    with pytest.raises(IndexDamaged, match="pointer and counters"):
        twice.home.open()
    info = twice.put({"d.md": "Dogs run."})
    assert info is not None
    assert info.number >= 3
    assert twice.texts() == {**SECOND, "d.md": "Dogs run."}
    assert twice.home.verify().problems == ()


GENERATIONS = [
    "UPDATE generations SET base = 9 WHERE number = 2",
    "UPDATE generations SET options_hash = 'x' WHERE number = 2",
    "UPDATE generations SET language = 'el' WHERE number = 2",
    "UPDATE generations SET documents = 61 WHERE number = 2",
    "UPDATE generations SET settings = '{\"x\":1.0}' WHERE number = 2",
    "UPDATE generations SET manifest_sha256 = 'x' WHERE number = 2",
    "UPDATE embedders SET dimension = dimension + 2",
    "UPDATE embedders SET key = key || 'x'",
    "UPDATE embedders SET name = 'locah:minilm'",
]


@pytest.mark.parametrize("sql", GENERATIONS)
def test_damaged_row_of_a_generation_or_its_embedder_is_found_and_made_again_from_the_manifest(
    twice: Collection, sql: str
) -> None:
    execute(twice, sql)
    assert twice.home.verify().problems != ()
    before = twice.embedder.passages
    twice.put({"d.md": "Dogs run."})
    assert twice.embedder.passages == before + 1
    assert twice.home.verify().problems == ()


MEMBERS = [
    "DELETE FROM membership WHERE version_id = 1",
    "UPDATE membership SET last_gen = 1 WHERE version_id = 1",
    "UPDATE membership SET first_gen = 0 WHERE version_id = 1",
    "UPDATE membership SET first_gen = 3 WHERE version_id = 3",
]


@pytest.mark.parametrize("sql", MEMBERS)
def test_lost_or_moved_document_is_refused_by_readers_and_writers_until_rebuilding_brings_it_back(
    twice: Collection, sql: str
) -> None:
    execute(twice, sql)
    assert twice.home.verify().problems != ()
    for call in (twice.home.open, lambda: twice.put({"d.md": "Dogs run."})):
        with pytest.raises(IndexDamaged, match="its documents are not those"):
            call()
    twice.home.rebuild()
    assert twice.texts() == SECOND


def test_reopened_document_that_was_removed_does_not_answer_again(twice: Collection) -> None:
    with twice.home.open() as generation:
        (gone,) = [one.id for one in generation.documents() if one.key == "a.md"]
    twice.home.remove([gone])
    execute(twice, "UPDATE membership SET last_gen = NULL WHERE last_gen IS NOT NULL")
    with pytest.raises(IndexDamaged, match="its documents are not those"):
        twice.home.open()
    twice.home.rebuild()
    assert set(twice.texts()) == {"b.md", "c.md"}


def test_rebuilding_leaves_out_and_names_what_cannot_be_read(twice: Collection) -> None:
    execute(twice, "UPDATE blocks SET text = upper(text) WHERE text LIKE 'Boats%'")
    lost: list[str] = []
    info = twice.home.rebuild(lost=lost.append)
    assert lost == ["b.md"]
    assert (info.documents, set(twice.texts())) == (2, {"a.md", "c.md"})
    twice.put({"b.md": FIRST["b.md"]})
    assert twice.texts() == SECOND


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE tags SET value = '\"rad\"' WHERE value = '\"red\"'",
        "DELETE FROM tags WHERE value = '\"red\"'",
        "DELETE FROM stats WHERE version_id = 1",
        "DELETE FROM structures WHERE version_id = 2",
        "UPDATE blocks SET block_id = block_id + 1 WHERE version_id = 1",
        "UPDATE blocks SET version_id = 2 WHERE version_id = 1",
        "UPDATE runs SET report = replace(report, '{', '[')",
    ],
)
def test_rows_that_follow_from_others_are_compared_with_them(collection: Collection, sql: str) -> None:
    collection.put_documents(*(make_document(key, text, metadata={"team": "red"}) for key, text in FIRST.items()))
    with collection.home.run() as run:
        run.record({"documents": {}})
    execute(collection, sql)
    assert collection.home.verify().problems != ()


def test_damaged_tags_are_made_anew_by_rebuilding(collection: Collection) -> None:
    collection.put_documents(*(make_document(key, text, metadata={"team": "red"}) for key, text in FIRST.items()))
    execute(collection, "UPDATE tags SET value = '\"rad\"' WHERE value = '\"red\"'")
    collection.home.rebuild()
    with collection.home.open() as generation:
        assert generation.count(Filters(metadata={"team": ("red",)})) == 2
    assert collection.home.verify().problems == ()


def test_damaged_report_stops_no_run_and_goes_with_the_next(twice: Collection) -> None:
    with twice.home.run() as run:
        run.record({"seconds": 1})
    execute(twice, "UPDATE runs SET report = replace(report, '{', '[')")
    assert twice.home.reports() == []
    with twice.home.run() as run:
        run.record({"seconds": 2})
    assert [report["seconds"] for report in twice.home.reports()] == [2]
    assert twice.home.verify().problems == ()


@pytest.mark.parametrize("left", [0, 1, 2, 3])
def test_lost_log_is_told_by_verify_and_refused_by_writers_until_the_loss_is_accepted(
    collection: Collection, tmp_path: Path, left: int
) -> None:
    collection.put(FIRST)
    catalog = catalog_of(collection)
    with closing(sqlite3.connect(f"file:{catalog}?mode=ro", uri=True, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM versions").fetchone()
        collection.put({"c.md": SECOND["c.md"]})
        shutil.copytree(collection.home.directory, tmp_path / "kept" / collection.home.collection)
    frozen = replace(collection, home=LocalStore(tmp_path / "kept" / collection.home.collection))
    catalog = catalog_of(frozen)
    Path(f"{catalog}-shm").unlink(missing_ok=True)
    log = Path(f"{catalog}-wal")
    log.write_bytes(log.read_bytes()[: log.stat().st_size * left // 4])
    (problem,) = frozen.home.verify().problems
    assert (problem.code, problem.thing) == ("lost", "generation 2")
    with pytest.raises(IndexDamaged, match="Generation 2 .* was published and is gone") as raised:
        frozen.put({"d.md": "Dogs run."})
    assert raised.value.code == "log_lost"
    assert frozen.home.rebuild().number > 2
    frozen.put({"c.md": SECOND["c.md"]})
    assert frozen.texts() == SECOND
    assert frozen.home.verify().problems == ()


def test_marker_that_is_missing_or_damaged_is_written_anew(twice: Collection) -> None:
    marker = twice.home.directory / "published.json"
    whole = marker.read_bytes()
    marker.write_bytes(whole.replace(b'"current":2', b'"current":1'))
    assert [problem.thing for problem in twice.home.verify().problems] == ["published.json"]
    twice.put({})
    assert marker.read_bytes() == whole
    marker.unlink()
    twice.put({})
    assert marker.read_bytes() == whole
    assert twice.home.verify().problems == ()


def test_members_have_one_digest_whatever_the_order_of_rows(twice: Collection) -> None:
    with twice.home.open() as generation:
        live = generation.live
        turned = type(live)(
            live.version_ids[::-1], live.first[::-1], live.counts[::-1], live.added[::-1]
        )
        assert members_sha256(live) == members_sha256(turned)
        assert members_sha256(live) != members_sha256(live.only(live.version_ids[:1]))


def test_damaged_tag_shows_no_document_to_whom_it_is_not_meant_for(collection: Collection) -> None:
    secret = make_document("pay.md", "Salaries rise.", acl=("board",))
    collection.put_documents(secret, make_document("a.md", "Apples are red."))
    execute(collection, "UPDATE tags SET value = 'staff' WHERE value = 'board'")
    with collection.home.open() as generation:
        staff = generation.narrowed(View(acl=("staff",)))
        for call in (
            lambda: staff.document(secret.id),
            lambda: staff.read([Place(secret.id, 0, 8)]),
            lambda: staff.sample(9, 1),
            lambda: staff.document_chunks(secret.id),
            lambda: staff.documents(),
        ):
            with pytest.raises(IndexDamaged, match="filter tags"):
                call()
