"""The collections at one URL, and the one place that opens them."""

from pathlib import Path

import pytest

from ragchat.corpus.contract import Stores
from ragchat.corpus.opening import open_stores
from ragchat.errors import UsageError
from tests.corpus.support import Collection


def test_collections_that_exist_are_named_and_keep_to_themselves(stores: Stores) -> None:
    assert stores.names() == []
    zoo, ark = Collection(stores.store("zoo")), Collection(stores.store("ark"))
    assert stores.names() == []
    zoo.put({"a.md": "Apples are red."})
    ark.put({"a.md": "Boats float.", "b.md": "Cats sleep."})
    assert stores.names() == ["ark", "zoo"]
    assert (zoo.home.collection, ark.home.collection) == ("zoo", "ark")
    assert zoo.texts() == {"a.md": "Apples are red."}
    assert set(ark.texts()) == {"a.md", "b.md"}


def test_stores_of_one_name_are_the_same_collection(stores: Stores) -> None:
    one, other = Collection(stores.store("zoo")), Collection(stores.store("zoo"))
    one.put({"a.md": "Apples are red."})
    assert other.home.current() == 1
    assert other.texts() == {"a.md": "Apples are red."}
    other.put({"b.md": "Boats float."})
    assert one.home.current() == 2
    one.home.close()
    assert set(one.texts()) == {"a.md", "b.md"}


def test_folder_is_a_store_by_its_path_and_by_its_url(tmp_path: Path) -> None:
    folder = tmp_path / "an index"
    Collection(open_stores(folder).store("zoo")).put({"a.md": "Apples are red."})
    for url in (str(folder), folder.as_uri(), f"file://localhost{folder.as_uri().removeprefix('file://')}"):
        stores = open_stores(url)
        assert stores.names() == ["zoo"]
        assert Collection(stores.store("zoo")).texts() == {"a.md": "Apples are red."}


def test_folder_that_is_not_there_has_no_collections_and_is_not_made(tmp_path: Path) -> None:
    stores = open_stores(tmp_path / "nowhere")
    assert stores.names() == []
    assert not stores.store("zoo").exists()
    (tmp_path / "nowhere").mkdir()
    (tmp_path / "nowhere" / "empty").mkdir()
    assert stores.names() == []


def test_memory_is_a_new_place_every_time() -> None:
    stores = open_stores("memory:")
    Collection(stores.store("zoo")).put({"a.md": "Apples are red."})
    assert stores.names() == ["zoo"]
    assert open_stores("memory:").names() == []


def test_as_many_generations_are_kept_as_the_place_was_opened_for(tmp_path: Path) -> None:
    for place in (tmp_path, "memory:"):
        collection = Collection(open_stores(place, keep=5).store("zoo"))
        for n in range(7):
            collection.put({"a.md": f"Text {n}."})
        assert [info.number for info in collection.home.generations()] == [3, 4, 5, 6, 7]


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("postgresql://user:hidden@db/ragchat", "not built"),
        ("postgres://db/ragchat", "not built"),
        ("s3://bucket/hidden", "s3:"),
        ("memory:hidden", "memory:"),
        ("file://elsewhere/srv", "this machine"),
        ("file:///srv?hidden", "folder"),
    ],
)
def test_other_urls_are_refused_with_what_is_known(url: str, told: str) -> None:
    with pytest.raises(UsageError) as raised:
        open_stores(url)
    assert told in str(raised.value)
    assert "file:///srv/indexes" in raised.value.hint
    if "user" in url:
        assert "hidden" not in str(raised.value)
