"""One index of the small library, shared by every test here."""

from collections.abc import Iterator

import pytest
from small_library import LIBRARY, build

from ragchat.models import load_embedder
from ragchat.models.embedder import Embedder
from ragchat.retrieval.search import Retriever


@pytest.fixture(scope="session")
def embedder() -> Embedder:
    return load_embedder("local:minilm")


@pytest.fixture(scope="session")
def retriever(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Retriever]:
    """Over LIBRARY."""
    with build(tmp_path_factory.mktemp("library"), LIBRARY, embedder) as generation:
        yield Retriever(generation, embedder)
