"""Damage is noticed before it serves: files flipped, cut or gone, rows changed or missing, strangers, leftovers."""

import sqlite3
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from ragchat.corpus.local.store import LocalStore
from ragchat.errors import IndexDamaged, NotReady
from tests.corpus.local.conftest import Collection
from tests.corpus.support import OPTIONS, match, matching, nearest, stage
from tests.support.vectors import make_document

TEXTS = {"a.md": "Apples are red.\nPears are green.", "b.md": "Boats float. Ships sail."}
NUMBERS = ("zero", "uno", "deux", "drei", "vier", "funf", "sechs", "sieben", "acht", "neun", "zehn")


def generation_files(home: LocalStore) -> list[Path]:
    directory = home.directory / "generations" / "000001"
    return sorted(path for path in directory.rglob("*") if path.is_file() and not path.name.endswith(".lock"))


def flip(path: Path, position: int) -> None:
    content = bytearray(path.read_bytes())
    content[position] ^= 0x10
    path.write_bytes(bytes(content))


def damage_each_file(collection: Collection, damage: Callable[[Path], None]) -> None:
    for path in generation_files(collection.home):
        original = path.read_bytes()
        damage(path)
        with pytest.raises(IndexDamaged, match=path.name) as raised:
            collection.home.open()
        assert "ragchat index rebuild" in raised.value.hint
        assert any(
            path.name in problem.thing + problem.detail for problem in collection.home.verify().problems
        )
        path.write_bytes(original)
    assert collection.home.verify().problems == ()


def test_sound_collection_has_no_problems(collection: Collection) -> None:
    collection.put(TEXTS)
    report = collection.home.verify()
    assert (report.problems, report.on_disk, report.documents, report.chunks) == ((), (), 2, 3)
    assert "all is well" in report.summary
    assert report.as_json()["ok"] is True


def test_flipped_bit_in_any_file_is_found_before_it_serves(collection: Collection) -> None:
    collection.put(TEXTS)
    damage_each_file(collection, lambda path: flip(path, path.stat().st_size // 2))


def test_truncated_file_is_found(collection: Collection) -> None:
    collection.put(TEXTS)
    damage_each_file(collection, lambda path: path.write_bytes(path.read_bytes()[:-1]))


def test_missing_file_is_found(collection: Collection) -> None:
    collection.put(TEXTS)
    damage_each_file(collection, Path.unlink)


@pytest.mark.parametrize(
    "damage", [lambda path: flip(path, path.stat().st_size // 2), lambda path: flip(path, 30), Path.unlink]
)
def test_damaged_codes_are_found(
    make_collection: Callable[..., Collection], damage: Callable[[Path], None]
) -> None:
    collection = make_collection(coded_rows=16)
    collection.put({"a.md": "\n".join(f"Line {n} of many." for n in range(40))})
    assert any(path.suffix == ".codes" for path in generation_files(collection.home))
    damage_each_file(collection, damage)


def test_missing_generation_directory_is_found(collection: Collection) -> None:
    collection.put(TEXTS)
    (collection.home.directory / "generations" / "000001").rename(collection.home.directory / "elsewhere")
    with pytest.raises(IndexDamaged, match="the directory is missing"):
        collection.home.open()
    assert collection.home.verify().problems


def test_large_generation_is_checked_at_its_edges_before_and_wholly_while_it_serves(
    make_collection: Callable[..., Collection],
) -> None:
    collection = make_collection(hash_on_open_bytes=0, segment_rows=100_000)
    collection.put({f"{n}.md": "\n".join(f"Line {n} {m}." for m in range(500)) for n in range(12)})
    segment = max(generation_files(collection.home), key=lambda path: path.stat().st_size)
    assert segment.stat().st_size > 3 * 65_536
    flip(segment, segment.stat().st_size // 2)
    with collection.home.open() as generation:
        assert generation.check is not None
        generation.check.wait()
        with pytest.raises(IndexDamaged, match=segment.name):
            nearest(generation, collection.embedder.embed_query("line"), 3)
        with pytest.raises(IndexDamaged, match=segment.name):
            match(generation, "line", 3)
    flip(segment, 100)
    with pytest.raises(IndexDamaged, match=segment.name):
        collection.home.open()


def test_codes_of_a_large_generation_are_checked_wholly_before_they_serve(
    make_collection: Callable[..., Collection],
) -> None:
    collection = make_collection(hash_on_open_bytes=0, coded_rows=16)
    collection.put({f"{n}.md": "\n".join(f"Line {n} {m}." for m in range(1_000)) for n in range(12)})
    codes = next(path for path in generation_files(collection.home) if path.suffix == ".codes")
    assert codes.stat().st_size > 2 * 65_536  # the middle is no edge
    flip(codes, codes.stat().st_size // 2)
    with pytest.raises(IndexDamaged, match=codes.name):
        collection.home.open()


def test_file_that_no_manifest_names_is_found(collection: Collection) -> None:
    collection.put(TEXTS)
    (collection.home.directory / "generations" / "000001" / "lexical" / "extra").write_text("?")
    assert [problem.code for problem in collection.home.verify().problems] == ["stranger"]


def read_everything(home: LocalStore) -> None:
    with home.open() as generation:
        for document in generation.documents():
            generation.read_document(document.id)
            generation.document_chunks(document.id)


def execute(collection: Collection, sql: str) -> None:
    collection.home.close()
    with sqlite3.connect(collection.home.directory / "catalog.sqlite") as connection:
        assert connection.execute(sql).rowcount > 0
    connection.close()


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE versions SET title = 'x' WHERE key = 'a.md'",
        "UPDATE versions SET acl = '[]', uri = 'x' WHERE key = 'a.md'",
        "UPDATE blocks SET text = replace(text, 'red', 'rad')",
        "UPDATE chunks SET start = start + 1 WHERE ordinal = 1",
        "UPDATE chunks SET sentences = x'00000000ffffffff' WHERE ordinal = 1",
        "UPDATE embeddings SET sentences = x'' WHERE embedding_id = 1",
        "UPDATE embeddings SET chunk = zeroblob(length(chunk)) WHERE embedding_id = 2",
        "DELETE FROM chunks WHERE ordinal = 1",
        "DELETE FROM blocks",
        "DELETE FROM embeddings WHERE embedding_id = 1",
        "DELETE FROM versions WHERE key = 'b.md'",
        "DELETE FROM membership WHERE version_id = 1",
        "UPDATE membership SET first_gen = 2",
        "UPDATE generations SET manifest_sha256 = 'x'",
    ],
)
def test_changed_or_missing_row_is_found_and_never_read_as_the_truth(
    collection: Collection, sql: str
) -> None:
    collection.put(TEXTS)
    execute(collection, sql)
    assert collection.home.verify().problems
    with pytest.raises(IndexDamaged):
        read_everything(collection.home)


def test_wrong_vector_with_a_valid_checksum_is_found(collection: Collection) -> None:
    from ragchat.corpus.local.catalog.rows import crc_of

    collection.put(TEXTS)
    with sqlite3.connect(collection.home.directory / "catalog.sqlite") as connection:
        digest, sentences = connection.execute(
            "SELECT passage_hash, sentences FROM embeddings WHERE embedding_id = 1"
        ).fetchone()
        blob = b"\x00\x3c" * 16
        connection.execute(
            "UPDATE embeddings SET chunk = ?, crc = ? WHERE embedding_id = 1",
            (blob, crc_of((digest, blob, sentences))),
        )
    connection.close()
    assert [problem.code for problem in collection.home.verify().problems] == ["vectors"]


def test_overwritten_catalog_is_damaged_not_a_crash(collection: Collection) -> None:
    collection.put(TEXTS)
    collection.home.close()
    path = collection.home.directory / "catalog.sqlite"
    content = path.read_bytes()
    path.write_bytes(content[:100] + b"\xff" * (len(content) - 100))
    for damaged_call in (collection.home.current, collection.home.generations, collection.home.open):
        with pytest.raises(IndexDamaged, match=r"catalog\.sqlite"):
            damaged_call()


def test_newer_schema_is_refused_with_a_clear_error(collection: Collection) -> None:
    collection.put(TEXTS)
    collection.home.close()
    with sqlite3.connect(collection.home.directory / "catalog.sqlite") as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    for call in (collection.home.open, lambda: collection.put({"c.md": "More."})):
        with pytest.raises(IndexDamaged, match=r"schema 99; this ragchat reads 4\.") as raised:
            call()
        assert "Upgrade ragchat" in raised.value.hint


@pytest.mark.parametrize(("found", "code"), [(1, "older_format"), (99, "newer_format")])
def test_generation_of_another_format_is_refused_until_it_is_built_anew(
    collection: Collection, found: int, code: str
) -> None:
    collection.put(TEXTS)
    (manifest,) = collection.home.directory.rglob("manifest.json")
    manifest.write_bytes(manifest.read_bytes().replace(b'"format":3', b'"format":%d' % found))
    digest = sha256(manifest.read_bytes()).hexdigest()
    execute(collection, f"UPDATE generations SET crc = NULL, manifest_sha256 = '{digest}'")
    for call in (collection.home.open, lambda: collection.put({"c.md": "More."})):
        with pytest.raises(IndexDamaged, match=f"format {found}; this ragchat reads 3") as raised:
            call()
        assert raised.value.code == code
        assert "ragchat index rebuild" in raised.value.hint
    collection.home.rebuild()
    assert collection.texts() == TEXTS
    assert collection.home.verify().problems == ()


def test_rebuild_makes_damaged_files_anew_without_embedding(collection: Collection) -> None:
    collection.put(TEXTS, settings={"refusal_threshold": 0.4})
    with collection.home.open() as generation:
        before = (
            nearest(generation, collection.embedder.embed_query("apples"), 3),
            match(generation, "apples red", 3),
        )
    for path in generation_files(collection.home):
        path.write_bytes(b"rubbish")
    embedded = collection.embedder.passages

    info = collection.home.rebuild()

    assert (info.number, info.documents, info.chunks) == (2, 2, 3)
    assert collection.embedder.passages == embedded
    with collection.home.open() as generation:
        after = (
            nearest(generation, collection.embedder.embed_query("apples"), 3),
            match(generation, "apples red", 3),
        )
        assert generation.settings == {"refusal_threshold": 0.4}
    assert after == before
    assert collection.texts() == TEXTS
    assert not [problem for problem in collection.home.verify().problems if "000002" in problem.thing]


def test_ingest_does_not_build_on_damaged_files(collection: Collection) -> None:
    collection.put(TEXTS)
    flip(max(generation_files(collection.home), key=lambda path: path.stat().st_size), 200)
    with pytest.raises(IndexDamaged, match="rebuild"):
        collection.put({"c.md": "Cats sleep."})
    collection.home.rebuild()
    collection.put({"c.md": "Cats sleep."})
    assert collection.texts() == {**TEXTS, "c.md": "Cats sleep."}


def test_rollback_to_damaged_files_is_refused(collection: Collection) -> None:
    collection.put(TEXTS)
    collection.put({"a.md": None, "b.md": "Other text.", "c.md": "More."})
    flip(generation_files(collection.home)[0], 20)
    with pytest.raises(IndexDamaged, match="generation 1 cannot be rolled back to") as raised:
        collection.home.rollback()
    assert "ragchat index rebuild" in raised.value.hint
    assert "rollback" not in raised.value.hint
    assert collection.home.current() == 2


def shared_file(collection: Collection) -> Path:
    """A file that both generations have by hard links."""
    return next(path for path in generation_files(collection.home) if path.stat().st_nlink == 2)


def test_rebuild_of_damage_that_generations_share_leaves_nothing_to_complain_about(
    make_collection: Callable[..., Collection],
) -> None:
    collection = make_collection(rewrite_words_chunks=0)
    collection.put(TEXTS)
    collection.put({"c.md": "Cats sleep."})
    path = shared_file(collection)
    flip(path, path.stat().st_size // 2)
    assert {problem.thing.split("/")[0] for problem in collection.home.verify().problems} == {
        "000001",
        "000002",
    }
    collection.home.rebuild()
    assert collection.home.verify().problems == ()
    assert collection.texts() == {**TEXTS, "c.md": "Cats sleep."}


def test_rebuild_of_sound_files_keeps_the_generation_to_roll_back_to(collection: Collection) -> None:
    collection.put(TEXTS)
    collection.home.rebuild()
    assert [info.number for info in collection.home.generations()] == [1, 2]


def test_damage_in_an_older_generation_names_the_command_that_drops_it(collection: Collection) -> None:
    collection.put(TEXTS)
    collection.put({"a.md": None, "b.md": "Other text.", "c.md": "More."})
    flip(generation_files(collection.home)[0], 20)
    problems = collection.home.verify().problems
    assert problems
    assert all("`ragchat index prune --keep 1`" in problem.detail for problem in problems)
    collection.home.prune(1)
    assert collection.home.verify().problems == ()


def test_damage_is_said_once(collection: Collection) -> None:
    collection.put(TEXTS)
    path = generation_files(collection.home)[0]
    flip(path, 20)
    (problem,) = collection.home.verify().problems
    assert problem.thing.endswith(path.name)
    assert path.name not in problem.detail
    assert "damaged" not in problem.detail


def test_damaged_row_is_not_said_to_be_mended_by_rebuilding(collection: Collection) -> None:
    collection.put(TEXTS)
    execute(collection, "UPDATE blocks SET text = replace(text, 'red', 'rad')")
    with pytest.raises(IndexDamaged) as raised:
        read_everything(collection.home)
    assert "rebuild`" not in raised.value.hint
    assert "backup" in raised.value.hint


def test_deleted_document_is_listed_with_the_reason_why_it_is_still_on_disk(collection: Collection) -> None:
    collection.put(TEXTS)
    collection.put({"a.md": None})
    report = collection.home.verify()
    assert report.problems == ()
    assert [str(kept) for kept in report.on_disk] == [
        f"a.md ({make_document('a.md', '').id}): generation 1 holds it and is kept for a rollback"
    ]
    collection.put({"c.md": "Cats sleep."})
    assert collection.home.verify().on_disk == ()


def test_leftovers_of_an_interrupted_run_are_listed_and_cleaned_by_the_next(collection: Collection) -> None:
    collection.put(TEXTS)
    stray = collection.home.directory / "generations" / ".building-dead"
    stray.mkdir()
    (collection.home.directory / "generations" / "000002").mkdir()
    (stray / "half.faiss").write_bytes(b"half")
    assert {kept.what for kept in collection.home.verify().on_disk} == {
        "generations/.building-dead",
        "generations/000002",
    }
    info = collection.put({"c.md": "Cats sleep."})
    assert info is not None
    assert info.number == 2
    assert collection.home.verify().on_disk == ()


def test_verify_needs_a_collection(collection: Collection) -> None:
    with pytest.raises(NotReady):
        collection.home.verify()


def test_words_of_deleted_chunks_are_rewritten_soon_or_listed(
    make_collection: Callable[..., Collection],
) -> None:
    patient = make_collection(rewrite_words_chunks=0)
    patient.put({f"{n}.md": f"{word} word." for n, word in enumerate(NUMBERS)})
    patient.put({"0.md": None})
    assert any("single words of 1 deleted chunks" in kept.what for kept in patient.home.verify().on_disk)
    with patient.home.open() as generation:
        assert matching(generation, "zero") == []
    patient.put({f"{n}.md": None for n in range(1, 5)})
    assert not any("single words" in kept.what for kept in patient.home.verify().on_disk)


def test_vectors_of_deleted_chunks_that_are_still_in_segments_are_listed(
    make_collection: Callable[..., Collection],
) -> None:
    patient = make_collection(rewrite_rows=0, dead_share=0.5)
    patient.put({f"{n}.md": f"{word} word." for n, word in enumerate(NUMBERS)})
    patient.put({"0.md": None, "1.md": None})
    assert any(
        kept.what == "vectors of 2 deleted chunks" and "generation 2" in kept.why
        for kept in patient.home.verify().on_disk
    )
    patient.home.rebuild()
    assert not any("vectors" in kept.what for kept in patient.home.verify().on_disk)


def test_candidate_can_be_searched_before_it_is_published(collection: Collection) -> None:
    collection.put(TEXTS)
    with collection.home.run() as writer:
        writer.begin(collection.embedder.spec, OPTIONS)
        stage(writer, collection.embedder, make_document("c.md", "Cats sleep."))
        assert writer.build()
        with writer.open_candidate() as candidate:
            assert candidate.number == 2
            assert matching(candidate, "cats") == ["c.md"]
            assert len(candidate.documents()) == 3
        assert writer.chunk_total() == 4
        assert collection.home.current() == 1
        writer.publish(settings={"refusal_threshold": 0.7})
    with collection.home.open() as generation:
        assert generation.settings == {"refusal_threshold": 0.7}
        assert matching(generation, "cats") == ["c.md"]
    assert collection.home.verify().problems == ()
