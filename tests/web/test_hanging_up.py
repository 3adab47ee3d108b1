"""Nobody pays for an answer that nobody reads: a stop or a closed connection reaches the model's service.

A stop does so at once, a closed connection after the second that an answer waits for its reader to come back.
"""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from ingest.run import ingest
from ragchat.corpus.local.store import LocalStore
from ragchat.models.loading import load_embedder
from ragchat.runtime.runtime import Runtime
from ragchat.settings import Settings
from tests.support.openai_server import ChatScript, OpenAIServer
from tests.support.serving import served

QUESTION = {"message": "Which key opens the gateway of the plant?", "conversation_id": "c1"}


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    """A service whose answer never ends."""
    with OpenAIServer() as running:
        running.chats = [ChatScript(tokens=("The", " red", " key"), fault="drip")]
        yield running


@pytest.fixture
def settings(tmp_path: Path, server: OpenAIServer) -> Settings:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "access.md").write_text(
        "# Access\n\nThe gateway of the plant is opened with the red key from the vault.\n", "utf-8"
    )
    settings = Settings(
        _env_file=None,
        index_dir=tmp_path / "indexes",
        chat_model="openai:test-model",
        openai_base_url=server.url,
        openai_api_key="not-a-real-key",
        stream_grace=1,
    )
    embedder = load_embedder("local:minilm", threads=1)
    ingest([tmp_path / "docs"], LocalStore(settings.index_dir / "default"), embedder)
    return settings


def until_token(response: httpx.Response) -> str:
    """Read to the first word; the id of the answer."""
    for line in response.iter_lines():
        if line.startswith("data: ") and json.loads(line[6:])["type"] == "token":
            return response.headers["x-message-id"]
    raise AssertionError("no word came")


def test_stopping_and_leaving_hang_up_on_the_model_and_keep_what_was_said(
    settings: Settings, server: OpenAIServer
) -> None:
    with served(Runtime(settings)) as base, httpx.Client(base_url=base, timeout=20) as client:
        with client.stream("POST", "/v1/chat/stream", json=QUESTION) as response:
            stopped = until_token(response)
            assert client.post(f"/v1/messages/{stopped}/stop").json()["stopped"] is True
            assert server.requests[0].hung_up.wait(20)
        with client.stream("POST", "/v1/chat/stream", json=QUESTION) as response:
            left = until_token(response)
        assert server.requests[1].hung_up.wait(20)
        for message, finish in ((stopped, "stopped"), (left, "incomplete")):
            while (stored := client.get(f"/v1/messages/{message}").json())["status"] == "streaming":
                time.sleep(0.02)
            assert (stored["status"], stored["finish"]) == ("partial", finish)
            assert stored["content"].startswith("The")
