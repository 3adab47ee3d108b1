"""The stores that have to keep the contract, and what each gives this suite.

Another store is added by one class here; every test below is then asked of it. All that floors above rely on is said in
these tests and in `ragchat/corpus/contract.py`; what a store does beyond it is tested beside it (tests/corpus/local).
"""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Protocol

import pytest

from ragchat.corpus.contract import Store, Stores
from ragchat.corpus.local.catalog.seals import move_pointer
from ragchat.corpus.local.files.tuning import Tuning
from ragchat.corpus.local.stores import LocalStores
from ragchat.corpus.memory.store import MemoryStore
from ragchat.corpus.memory.stores import MemoryStores
from tests.corpus.support import Collection

MakeCollection = Callable[..., Collection]


class Implementation(Protocol):
    """What a store gives the suite. `stores` opens an empty place below a directory of the test's own."""

    name: str

    def stores(self, directory: Path, keep: int = 2) -> Stores: ...

    def move_current(self, store: Store, number: int) -> None:
        """Makes another generation current past every lock, as a second machine would."""
        ...

    def damage(self, store: Store, text: str) -> bool:
        """Writes other letters over a stored text, past every check; False where nothing can (memory)."""
        ...


class Local:
    """A folder, as it is delivered."""

    name = "local"

    def stores(self, directory: Path, keep: int = 2) -> Stores:
        return LocalStores(directory, Tuning(keep=keep))

    def move_current(self, store: Store, number: int) -> None:
        path = store.directory / "catalog.sqlite"  # type: ignore[attr-defined]
        with closing(sqlite3.connect(path)) as connection, connection:
            move_pointer(connection, number)

    def damage(self, store: Store, text: str) -> bool:
        path = store.directory / "catalog.sqlite"  # type: ignore[attr-defined]
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute("UPDATE blocks SET text = upper(text) WHERE text = ?", (text,))
        return True


class LocalInPieces(Local):
    """A folder with sizes so small that there are many segments, codes, and dead rows and words that stay in files."""

    name = "local-in-pieces"

    def stores(self, directory: Path, keep: int = 2) -> Stores:
        tuning = Tuning(
            segment_rows=8,
            merge_fanout=3,
            rewrite_rows=0,
            rewrite_words_chunks=0,
            dead_share=0.95,
            coded_rows=32,
            rows_a_thread=4,
            term_set_versions=2,
            staging_documents=2,
            hash_on_open_bytes=0,
            keep=keep,
        )
        return LocalStores(directory, tuning)


class Memory:
    """Collections in memory."""

    name = "memory"

    def stores(self, directory: Path, keep: int = 2) -> Stores:
        return MemoryStores(keep=keep)

    def move_current(self, store: Store, number: int) -> None:
        assert isinstance(store, MemoryStore)
        store.shared.current = number

    def damage(self, store: Store, text: str) -> bool:
        return False


IMPLEMENTATIONS: tuple[Implementation, ...] = (Local(), LocalInPieces(), Memory())


@pytest.fixture(params=IMPLEMENTATIONS, ids=lambda each: each.name)
def implementation(request: pytest.FixtureRequest) -> Implementation:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture
def stores(implementation: Implementation, tmp_path: Path) -> Stores:
    return implementation.stores(tmp_path / "indexes")


@pytest.fixture
def make_collection(implementation: Implementation, tmp_path: Path) -> MakeCollection:
    return lambda keep=2: Collection(implementation.stores(tmp_path / "indexes", keep).store("test"))


@pytest.fixture
def collection(make_collection: MakeCollection) -> Collection:
    return make_collection()
