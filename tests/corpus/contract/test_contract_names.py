"""Names, texts and values of any kind come back as they went in, are told apart, and are ordered by code point."""

import pytest

from ragchat.corpus.values import Filters
from ragchat.documents import Scalar
from tests.corpus.support import OPTIONS, Collection, all_documents, stage, texts_of
from tests.support.vectors import make_document

AWKWARD = (
    "Zebra.md", "apple.md", "Apple.md", "_.md", "10.md", "9.md", "a b.md", "a'b.md", 'a"b.md', "a%b.md", "a\\b.md",
    "ä.md", "a\u0308.md", "\u00e9.md", "e\u0301.md", "ß.md", "ss.md", "İ.md", "i.md", "\uff5e.md", "\U0001f600.md",
    "東京.md", "مرحبا.md", "tab\there.md", " lead.md", "trail.md ",
)  # fmt: skip
"""\uff5e comes before \U0001f600 by code point, behind it by UTF-16 units; in a dictionary's order all is otherwise."""


def test_keys_are_told_apart_and_ordered_by_code_point(collection: Collection) -> None:
    collection.put({key: f"Text of {n}." for n, key in enumerate(AWKWARD)})
    with collection.home.open() as generation:
        assert [document.key for document in all_documents(generation)] == sorted(AWKWARD)
        assert texts_of(generation) == {key: f"Text of {n}." for n, key in enumerate(AWKWARD)}
        for key in AWKWARD:
            found = generation.document_by_key(key)
            assert found is not None
            assert found.key == key
            assert generation.count(Filters(uris=(key,))) == 1
    assert set(collection.known()) == set(AWKWARD)


def test_roots_are_told_apart_and_ordered_by_code_point(collection: Collection) -> None:
    with collection.home.run() as run:
        run.begin(collection.embedder.spec, OPTIONS)
        for root in AWKWARD:
            stage(run, collection.embedder, make_document("same.md", f"From {root}.", root=root), root)
        run.publish()
    assert collection.home.roots() == sorted(AWKWARD)
    with collection.home.run() as run:
        run.begin(collection.embedder.spec, OPTIONS)
        assert run.roots() == sorted(AWKWARD)
        assert all(len(list(run.known(root))) == 1 for root in AWKWARD)


def test_names_may_be_longer_than_a_page_of_an_index(collection: Collection) -> None:
    long = "x" * 5_000
    document = make_document(
        f"{long}.md",
        "Short text.",
        uri=f"https://example.org/{long}",
        title=long,
        metadata={long: long},
        acl=(long,),
    )
    collection.put_documents(document, make_document(f"{long}y.md", "Other."), root=long)
    with collection.home.open() as generation:
        assert generation.read_document(document.id) == document
        assert generation.document_by_key(f"{long}y.md") is not None
        only = Filters(uris=(document.uri,), metadata={long: (long,)}, acl=(long,))
        assert generation.count(only) == 1
    assert collection.home.roots() == [long]


VALUES: dict[str, Scalar] = {
    "yes": True, "no": False, "one": 1, "zero": 0, "text": "1", "whole": 1.0, "part": 0.1 + 0.2, "tiny": 5e-324,
    "huge": 1.7976931348623157e308, "long": 2**70, "negative": -(2**70), "none": None, "empty": "",
    "Ünïcode": "\U0001f600", "quote": "a'b\"c\\d", "": "nameless", "true": "true",
}  # fmt: skip


def test_values_of_metadata_come_back_with_their_type(collection: Collection) -> None:
    document = make_document("a.md", "Text.", metadata=VALUES)
    collection.put_documents(document)
    with collection.home.open() as generation:
        for stored in (
            generation.document(document.id).metadata,
            generation.read_document(document.id).metadata,
        ):
            assert {name: (type(value), value) for name, value in stored.items()} == {
                name: (type(value), value) for name, value in VALUES.items()
            }
        for name, value in VALUES.items():
            assert generation.count(Filters(metadata={name: (value,)})) == 1


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        (True, {"yes"}),
        (1, {"one", "whole"}),
        (1.0, {"one", "whole"}),
        ("1", {"text"}),
        (0, {"zero"}),
        (False, {"no"}),
        (None, {"none"}),
        ("", {"empty"}),
        ("true", {"true"}),
    ],
)
def test_equal_values_are_equal_and_no_others(collection: Collection, wanted: Scalar, names: set[str]) -> None:
    """Numbers by their value, whole or not; true is no 1; a name that is not there is not None."""
    collection.put_documents(make_document("a.md", "Text.", metadata=VALUES))
    with collection.home.open() as generation:
        found = {name for name in VALUES if generation.count(Filters(metadata={name: (wanted,)}))}
        assert found == names
        assert generation.count(Filters(metadata={"absent": (wanted,)})) == 0
        assert generation.count(Filters(metadata={"one": ()})) == 0


def test_settings_come_back_to_the_last_bit(collection: Collection) -> None:
    settings = {"a": 0.1 + 0.2, "b": 5e-324, "c": -1.0, "d": 1 / 3}
    collection.put({"a.md": "One."}, settings=settings)
    with collection.home.open() as generation:
        assert generation.settings == settings
