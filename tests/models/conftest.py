"""The real model, loaded once, and the local OpenAI-compatible server."""

from collections.abc import Iterator

import pytest

from ragchat.models.minilm import MiniLMEmbedder
from tests.support.openai_server import OpenAIServer


@pytest.fixture(scope="session")
def minilm() -> MiniLMEmbedder:
    return MiniLMEmbedder(threads=2)


@pytest.fixture
def openai(monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenAIServer]:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_API_BASE"):
        monkeypatch.delenv(name, raising=False)
    with OpenAIServer() as server:
        yield server
