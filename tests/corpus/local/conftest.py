"""Collections below a temporary directory; what fills and reads them is in tests.corpus.support."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from ragchat.corpus.local.files.tuning import Tuning
from ragchat.corpus.local.store import LocalStore
from tests.corpus import support


@dataclass
class Collection(support.Collection):
    """One whose files can be looked at."""

    home: LocalStore


@pytest.fixture
def make_home(tmp_path: Path) -> Iterator[Callable[..., LocalStore]]:
    homes: list[LocalStore] = []

    def make(name: str = "test", **tuning: object) -> LocalStore:
        homes.append(LocalStore(tmp_path / "indexes" / name, tuning=Tuning(**tuning)))  # type: ignore[arg-type]
        return homes[-1]

    yield make
    for home in homes:
        home.close()


@pytest.fixture
def collection(make_home: Callable[..., LocalStore]) -> Collection:
    return Collection(make_home())


@pytest.fixture
def make_collection(make_home: Callable[..., LocalStore]) -> Callable[..., Collection]:
    return lambda **tuning: Collection(make_home(**tuning))
