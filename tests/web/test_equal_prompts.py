"""RAGCHAT_PROMPT_CACHE: one call of the model for equal prompts, in memory and in Redis, also from a newer index."""

from pathlib import Path

import httpx
import pytest

from ragchat.runtime.runtime import Runtime
from ragchat.settings import Settings
from tests.support.openai_server import ChatScript, OpenAIServer
from tests.support.serving import served

ASK = {"message": "How long is the warranty of the kettle?"}
SAID = ChatScript(tokens=("It", " lasts", " two", " years", " [1]."))


def ingested(folder: Path, files: dict[str, str]) -> None:
    from ingest.run import ingest
    from ragchat.corpus.opening import open_stores
    from ragchat.models.minilm import MiniLMEmbedder

    docs = folder / "docs"
    docs.mkdir(exist_ok=True)
    for name, text in files.items():
        (docs / name).write_text(text, "utf-8")
    ingest([docs], open_stores(folder / "indexes").store("default"), MiniLMEmbedder(threads=1))


@pytest.mark.parametrize("kept", ["memory", "redis"])
def test_equal_prompts_are_one_call_until_a_fresh_answer_is_wanted(
    tmp_path: Path, kept: str, request: pytest.FixtureRequest
) -> None:
    ingested(tmp_path, {"kettle.md": "# Kettle\n\nThe warranty of the kettle lasts two years.\n"})
    with OpenAIServer() as openai:
        openai.chats = [SAID]
        settings = Settings(
            _env_file=None,
            index_dir=tmp_path / "indexes",
            reranker="none",
            chat_model="openai:test-model",
            openai_base_url=openai.url,
            answer_cache="off",
            prompt_cache="on",
            redis_url=request.getfixturevalue("redis_url") if kept == "redis" else "",
        )
        with served(Runtime(settings)) as base, httpx.Client(base_url=base, timeout=60) as client:
            first, again = (client.post("/v1/chat", json=ASK).json() for _ in range(2))
            assert first["response"] == again["response"] == "It lasts two years."
            assert (first["tokens_used"] > 0, again["tokens_used"]) == (True, 0)
            assert len(openai.requests) == 1
            client.post("/v1/chat", json=ASK, headers={"Cache-Control": "no-cache"})
            assert len(openai.requests) == 2

            ingested(tmp_path, {"lamp.md": "# Lamp\n\nGlows.\n"})
            for _ in range(100):
                newer = client.post("/v1/chat", json=ASK).json()
                if newer["generation"] > first["generation"]:
                    break
            assert newer["generation"] > first["generation"]
            assert newer["response"] == first["response"]
