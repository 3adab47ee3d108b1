"""Purged words are on no disk block that a file of the collection owns; pruned documents leave the catalog."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from ragchat.errors import StorageFailed
from ragchat.language.analysis import analyze
from tests.corpus.local.conftest import Collection
from tests.corpus.support import matching, nearest
from tests.support.vectors import make_document

SECRET = "Xylographic quarantined zymurgy."
KEPT = {f"{n}.md": f"Ordinary text {n}.\nSecond line {n}." for n in range(8)}


def words_on_disk(directory: Path) -> set[str]:
    """Which of the secret's words, whole or stemmed, are in any byte of any file."""
    words = {"xylographic", "quarantined", "zymurgy", *analyze(SECRET)}
    content = b"".join(path.read_bytes() for path in sorted(directory.rglob("*")) if path.is_file()).lower()
    return {word for word in words if word.encode() in content}


def vector_bytes(collection: Collection, text: str) -> bytes:
    vector = collection.embedder.embed_query(f"secret\n{text}")
    return vector.astype("<f2").tobytes()


def test_purged_document_leaves_no_byte_behind(collection: Collection) -> None:
    collection.put({**KEPT, "secret.md": SECRET})
    collection.put({"more.md": "More ordinary text."})
    assert len(words_on_disk(collection.home.directory)) >= 3

    info = collection.home.purge([make_document("secret.md", "").id])

    assert words_on_disk(collection.home.directory) == set()
    content = b"".join(path.read_bytes() for path in collection.home.directory.rglob("*") if path.is_file())
    assert vector_bytes(collection, SECRET) not in content
    assert [kept.number for kept in collection.home.generations()] == [info.number]
    assert set(collection.texts()) == {*KEPT, "more.md"}
    report = collection.home.verify()
    assert (report.problems, report.on_disk) == ((), ())


def test_codes_of_a_purged_document_are_written_anew_without_it(
    make_collection: Callable[..., Collection],
) -> None:
    collection = make_collection(coded_rows=16, rewrite_rows=0, dead_share=0.99)
    collection.put({"many.md": "\n".join(f"Line {n} of many." for n in range(40)), "secret.md": SECRET})
    before = {path.read_bytes() for path in collection.home.directory.rglob("*.codes")}
    collection.home.purge([make_document("secret.md", "").id])
    after = {path.read_bytes() for path in collection.home.directory.rglob("*.codes")}
    assert (len(before), len(after)) == (1, 1)
    assert before != after
    with collection.home.open() as generation:
        (segment,) = generation.vectors.segments
        assert segment.ids.tolist() == generation.live.chunk_ids.tolist()
    assert collection.home.verify().on_disk == ()


def test_vector_bytes_are_there_before_the_purge(collection: Collection) -> None:
    collection.put({"secret.md": SECRET})
    content = b"".join(path.read_bytes() for path in collection.home.directory.rglob("*") if path.is_file())
    assert content.count(vector_bytes(collection, SECRET)) >= 2  # a segment and the catalog


def test_document_removed_earlier_can_be_purged_from_the_generations_that_still_hold_it(
    make_collection: Callable[..., Collection],
) -> None:
    collection = make_collection(rewrite_words_chunks=0, rewrite_rows=0, dead_share=0.99, keep=3)
    collection.put({**KEPT, "secret.md": SECRET})
    collection.put({"secret.md": None})
    collection.put({"more.md": "More ordinary text."})
    assert words_on_disk(collection.home.directory)

    collection.home.purge([make_document("secret.md", "").id])

    assert words_on_disk(collection.home.directory) == set()
    assert collection.home.verify().problems == ()


def test_purge_under_a_reader_does_not_disturb_what_it_has_mapped(collection: Collection) -> None:
    collection.put({**KEPT, "secret.md": SECRET})
    with collection.home.open() as generation:
        collection.home.purge([make_document("secret.md", "").id])
        assert len(nearest(generation, collection.embedder.embed_query("ordinary"), 5)) == 5
        assert "0.md" in matching(generation, "ordinary 0")
    assert words_on_disk(collection.home.directory) == set()


def test_removed_document_leaves_the_disk_with_the_last_generation_that_held_it(
    collection: Collection,
) -> None:
    collection.put({**KEPT, "secret.md": SECRET})
    collection.home.remove([make_document("secret.md", "").id])
    assert words_on_disk(collection.home.directory)
    collection.put({"more.md": "More ordinary text."})
    assert words_on_disk(collection.home.directory) == set()


def test_purge_takes_a_documents_names_and_what_failures_quote_out_of_run_reports(
    collection: Collection,
) -> None:
    report = {
        "failures": [
            {"uri": "secret.md", "code": "encrypted", "message": "Its first words are quarantined."},
            {"uri": "other.pdf", "code": "damaged", "message": "It cannot be read."},
        ],
        "documents": {"added": 9, "failed": 2},
    }
    collection.put({**KEPT, "secret.md": SECRET}, report=report)
    collection.home.purge([make_document("secret.md", "").id])
    (kept,) = collection.home.reports()
    assert kept["documents"] == report["documents"]
    assert kept["failures"] == [
        {"uri": "(purged)", "code": "encrypted", "message": "(purged)"},
        {"uri": "other.pdf", "code": "damaged", "message": "It cannot be read."},
    ]
    content = b"".join(path.read_bytes() for path in collection.home.directory.rglob("*") if path.is_file())
    assert b"secret.md" not in content


def test_a_reader_of_the_catalog_leaves_a_purge_unfinished_until_it_is_gone(collection: Collection) -> None:
    collection.put({**KEPT, "secret.md": SECRET})
    doomed = make_document("secret.md", "").id
    catalog = collection.home.directory / "catalog.sqlite"
    with closing(sqlite3.connect(catalog, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM versions").fetchone()
        with pytest.raises(StorageFailed) as failure:
            collection.home.purge([doomed])
        reader.execute("COMMIT")
    assert failure.value.code == "purge_unfinished"
    assert set(collection.texts()) == set(KEPT)
    assert f"purged document {doomed}" in [one.what for one in collection.home.verify().on_disk]
    with collection.home.run():
        pass
    assert words_on_disk(collection.home.directory) == set()
    assert collection.home.verify().on_disk == ()


def test_a_purge_that_was_marked_and_never_published_is_forgotten(collection: Collection) -> None:
    collection.put({"secret.md": SECRET})
    catalog = collection.home.directory / "catalog.sqlite"
    with closing(sqlite3.connect(catalog)) as connection, connection:
        connection.execute("INSERT INTO purges VALUES (?)", (make_document("secret.md", "").id,))
    with collection.home.run():
        pass
    assert collection.texts() == {"secret.md": SECRET}
    assert collection.home.verify().on_disk == ()
