"""Settings: where they come from, and what a wrong one says."""

from pathlib import Path

import pytest

from ragchat.errors import UsageError
from ragchat.settings import collection_name, load_settings, unknown_variables


@pytest.fixture(autouse=True)
def no_settings_around(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("RAGCHAT_PORT", "RAGCHAT_CHAT_MODEL", "OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)


def test_the_defaults_need_no_key_and_serve_loopback_only() -> None:
    settings = load_settings()
    assert settings.chat_model == "extractive"
    assert settings.embeddings == "local:minilm"
    assert settings.host == "127.0.0.1"
    assert settings.conversations_url.endswith("indexes/conversations.sqlite")


def test_the_command_line_beats_the_environment_beats_the_env_file(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("RAGCHAT_PORT=1111\nRAGCHAT_TOP_K=7\nRAGCHAT_COLLECTION=sales\n")
    monkeypatch.setenv("RAGCHAT_PORT", "2222")
    settings = load_settings(collection="support", top_k=None)
    assert (settings.port, settings.top_k, settings.collection) == (2222, 7, "support")


def test_a_key_in_the_environment_alone_names_no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "a-key")
    settings = load_settings()
    assert settings.chat_model == "extractive"
    assert "a-key" not in repr(settings)


def test_a_wrong_setting_is_named_without_its_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAGCHAT_PORT", "eighty")
    with pytest.raises(UsageError) as wrong:
        load_settings()
    assert "RAGCHAT_PORT" in str(wrong.value)
    assert "eighty" not in str(wrong.value)


def test_origins_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAGCHAT_CORS_ORIGINS", "https://a.example, https://b.example")
    assert load_settings().cors_origins == ("https://a.example", "https://b.example")


def test_a_misspelt_variable_is_pointed_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAGCHAT_CHATMODEL", "openai:x")
    assert "RAGCHAT_CHATMODEL" in unknown_variables()


@pytest.mark.parametrize("name", ["..", "a/b", "", "A", "-a", "a" * 64, "a b", "ünder"])
def test_a_collection_name_cannot_leave_the_index_folder(name: str) -> None:
    with pytest.raises(UsageError):
        collection_name(name)


@pytest.mark.parametrize(
    ("written", "seconds"), [("90d", 7_776_000), ("12h", 43_200), ("1.5m", 90), ("45", 45), ("0", 0)]
)
def test_durations_are_written_as_people_write_them(
    written: str, seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAGCHAT_CONVERSATION_TTL", written)
    assert load_settings().conversation_ttl == seconds


@pytest.mark.parametrize("written", ["soon", "-5", "5 weeks", "nan"])
def test_a_duration_that_is_none_is_refused_by_name(written: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAGCHAT_CONVERSATION_TTL", written)
    with pytest.raises(UsageError, match="RAGCHAT_CONVERSATION_TTL"):
        load_settings()
