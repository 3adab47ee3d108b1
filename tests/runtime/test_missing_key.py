"""A chat model whose key is missing: said when the server starts, and by readiness, before anybody asks."""

from pathlib import Path

import pytest

from ingest.run import ingest
from ragchat.cli.serve import model_problem
from ragchat.corpus.local.store import LocalStore
from ragchat.models.minilm import MiniLMEmbedder
from ragchat.runtime.runtime import Runtime
from ragchat.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.md").write_text("# Boats\n\nThe harbour holds forty boats in summer.\n", "utf-8")
    ingest([tmp_path / "docs"], LocalStore(tmp_path / "indexes" / "boats"), MiniLMEmbedder(threads=1))
    return Settings(index_dir=tmp_path / "indexes", collection="boats", chat_model="openai:gpt-4.1-mini")


async def test_a_missing_key_is_said_at_the_start_and_by_readiness(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_API_BASE"):
        monkeypatch.delenv(name, raising=False)
    runtime = Runtime(settings)
    assert "OPENAI_API_KEY" in model_problem(runtime)
    async with runtime:
        state = runtime.ready()
    assert not state.ready
    assert "OPENAI_API_KEY" in state.reason


async def test_a_model_without_its_provider_is_understood(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "not-a-real-key")
    runtime = Runtime(settings.model_copy(update={"chat_model": "gpt-4.1-mini"}))
    assert model_problem(runtime) == ""
    async with runtime:
        assert runtime.ready().ready
