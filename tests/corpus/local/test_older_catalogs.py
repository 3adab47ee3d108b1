"""An index that an older version made is served as it is, and brought up to date by the next run without embedding."""

import json
import sqlite3
from contextlib import closing
from hashlib import sha256

import pytest

from ragchat.corpus.local.catalog.schema import SCHEMA_VERSION
from ragchat.corpus.values import Wanted
from ragchat.language.analysis import analysis_of
from tests.corpus.local.conftest import Collection
from tests.corpus.support import matching, nearest, texts_of
from tests.support.vectors import make_document

TEXTS = {"a.md": "Apples are red.\nPears are green.", "b.md": "Boats float."}


@pytest.fixture
def old(collection: Collection) -> Collection:
    """As the first schema and manifests of format 2 left it: no structures, no language, no mean vector."""
    collection.put(TEXTS, settings={"threshold": 0.5})
    rewrite_manifest(collection, format=2, mean=None, analysis=None)
    with closing(sqlite3.connect(collection.home.directory / "catalog.sqlite")) as connection, connection:
        connection.executescript(
            "DROP TABLE structures; DROP TABLE purges; ALTER TABLE stats DROP COLUMN changed_ns;"
            " ALTER TABLE generations DROP COLUMN members_sha256; ALTER TABLE generations DROP COLUMN crc;"
            " DELETE FROM meta WHERE name IN ('moves', 'crc'); PRAGMA user_version = 1;"
        )
    (collection.home.directory / "published.json").unlink()
    return collection


def rewrite_manifest(collection: Collection, **changes: object) -> None:
    """The one generation as another version would have sealed it; None takes a field out."""
    collection.home.close()
    (path,) = collection.home.directory.rglob("manifest.json")
    manifest = {**json.loads(path.read_bytes()), **changes}
    kept = {name: value for name, value in manifest.items() if name not in changes or value is not None}
    path.write_text(json.dumps(kept, sort_keys=True, separators=(",", ":")))
    digest = sha256(path.read_bytes()).hexdigest()
    with closing(sqlite3.connect(collection.home.directory / "catalog.sqlite")) as connection, connection:
        connection.execute("UPDATE generations SET crc = NULL, manifest_sha256 = ?", (digest,))


def schema_of(collection: Collection) -> int:
    with closing(sqlite3.connect(collection.home.directory / "catalog.sqlite")) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


def test_older_index_is_served_without_being_changed(old: Collection) -> None:
    query = old.embedder.embed_query("apples")
    with old.home.open() as generation:
        assert texts_of(generation) == TEXTS
        assert matching(generation, "apples") == ["a.md"]
        assert len(nearest(generation, query, 9)) == 3
        found = generation.find(Wanted(query, {"appl": 1.0}))
        assert all(len(structure.blocks) == 0 for structure in found.structures.values())
        mean = sum(chunk.vector for chunk in generation.sample(9, seed=0)) / 3
        assert found.floor == pytest.approx(float(mean @ query), abs=2e-3)
        assert {document.language for document in generation.documents()} == {""}
    assert old.home.verify().problems == ()
    assert schema_of(old) == 1


def test_next_run_brings_it_up_to_date_and_embeds_only_what_is_new(old: Collection) -> None:
    before = old.embedder.passages
    with old.home.open() as reader:
        old.put_documents(make_document("c.md", "Cats sleep.", language="en"))
        assert texts_of(reader) == TEXTS
    assert old.embedder.passages == before + 1
    assert schema_of(old) == SCHEMA_VERSION
    assert old.texts() == {**TEXTS, "c.md": "Cats sleep."}
    with old.home.open() as generation:
        languages = {document.key: document.language for document in generation.documents()}
        assert languages == {"a.md": "", "b.md": "", "c.md": "en"}
        assert generation.manifest.mean is not None
    assert old.home.rollback().number == 1
    assert old.texts() == TEXTS
    assert old.home.verify().problems == ()


def test_words_of_another_analysis_are_made_anew_by_the_next_run_and_nothing_is_embedded(
    collection: Collection,
) -> None:
    collection.put(TEXTS)
    assert collection.put({}) is None, "today's words need no new generation"
    rewrite_manifest(collection, analysis="an older one")
    before = collection.embedder.passages

    info = collection.put({})

    assert info is not None
    assert info.number == 2
    assert collection.embedder.passages == before
    with collection.home.open() as generation:
        assert generation.manifest.analysis == analysis_of("en")
        assert matching(generation, "apples") == ["a.md"]
    assert collection.put({}) is None
    assert collection.home.verify().problems == ()
