"""A key or a card number that somebody types, or a model says, is in no file, no log line, no event and no request."""

import io
import json
import logging
from collections.abc import Iterator
from contextlib import redirect_stderr
from pathlib import Path

import httpx
import pytest

from ingest.run import ingest
from ragchat.corpus.local.store import LocalStore
from ragchat.models.loading import load_embedder
from ragchat.runtime.operating.logs import configure_logging
from ragchat.runtime.runtime import Runtime
from ragchat.settings import Settings
from tests.support.openai_server import ChatScript, Fault, OpenAIServer
from tests.support.serving import served

CARD = "4111 1111 1111 1111"


def key(place: str) -> str:
    """A key that tells where it was let in."""
    return f"sk-proj-{place}Ab12Cd34Ef56Gh78Ij90"


def found_in(text: str) -> set[str]:
    """The places whose keys stand in the text."""
    return {part.split("Ab12Cd34")[0] for part in text.split("sk-proj-")[1:]} | (
        {"card"} & {"card" * (CARD in text)}
    )


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    with OpenAIServer() as running:
        yield running


@pytest.fixture
def settings(tmp_path: Path, server: OpenAIServer) -> Settings:
    """An index of one document, which holds a key itself."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "access.md").write_text(
        f"# Access\n\nThe gateway of the plant is reached with the key {key('document')} from the vault.\n",
        "utf-8",
    )
    settings = Settings(
        _env_file=None,
        index_dir=tmp_path / "indexes",
        chat_model="openai:test-model",
        openai_base_url=server.url,
        openai_api_key="sk-proj-OWNAb12Cd34Ef56Gh78Ij90",
    )
    ingest(
        [tmp_path / "docs"],
        LocalStore(settings.index_dir / "default"),
        load_embedder("local:minilm", threads=1),
    )
    return settings


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What the server's own logging writes."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    written = io.StringIO()
    with redirect_stderr(written):
        configure_logging("debug", "json")
    yield written
    root.handlers, root.level = handlers, level


def stored(settings: Settings) -> str:
    """Every byte of the conversation database, its log included."""
    files = settings.index_dir.glob("conversations.sqlite*")
    return b"".join(file.read_bytes() for file in files).decode("latin-1")


def test_what_is_typed_reaches_no_file_no_request_and_no_event(
    settings: Settings, server: OpenAIServer, log: io.StringIO
) -> None:
    said = ChatScript(tokens=("The gateway uses ", "sk-proj-saidAb12C", "d34Ef56Gh78Ij90", " [1]."))
    rewriting = ChatScript(tokens=("Why is ", key("rewritten"), " the key of the gateway of the plant?"))
    server.chats = [said, rewriting, said]
    with served(Runtime(settings)) as base, httpx.Client(base_url=base, timeout=20) as client:
        begun = client.post("/v1/conversations", json={"title": f"About {key('title')}"}).json()
        first = {
            "message": f"Is {key('question')} or {CARD} the key of the gateway of the plant?",
            "conversation_id": begun["id"],
            "system_prompt": f"My key is {key('persona')}.",
            "preferences": {"topics": [key("topic")], "style": f"as {key('style')}"},
        }
        streamed = client.post("/v1/chat/stream", json=first).text
        reply = client.post("/v1/chat", json={**first, "message": "And why is it?"}).json()
        client.patch(f"/v1/conversations/{begun['id']}", json={"title": key("renamed")})
        client.post(
            f"/v1/messages/{reply['message_id']}/feedback", json={"rating": "down", "comment": key("comment")}
        )
        searched = client.get("/v1/search", params={"q": f"gateway {key('search')}"}).json()
        history = client.get(f"/v1/conversations/{begun['id']}").text
        gaps = client.get("/v1/gaps").text
    assert len(server.requests) == 3  # two answers and a rewriting
    assert found_in(json.dumps([request.body for request in server.requests])) == set()
    assert found_in(stored(settings)) <= {"document"}
    assert found_in(streamed + json.dumps(reply) + history) <= {"document"}
    assert found_in(searched["query"] + gaps + log.getvalue()) == set()
    assert "[redacted key]" in reply["response"]


def test_a_failing_model_leaves_no_secret_behind(
    settings: Settings, server: OpenAIServer, log: io.StringIO
) -> None:
    faults: list[Fault] = ["status", "html", "bad_json", "cut"]
    server.chats = [ChatScript(("The key is ", key("said")), fault, status=400) for fault in faults]
    with served(Runtime(settings)) as base, httpx.Client(base_url=base, timeout=20) as client:
        asked = {"message": f"Is {key('question')} the key of the gateway of the plant?"}
        streamed = [client.post("/v1/chat/stream", json=asked).text for _ in faults]
    assert len(server.requests) >= len(faults)
    assert found_in(stored(settings) + "".join(streamed)) <= {"document"}
    assert found_in(log.getvalue()) == set()


def test_an_exception_that_carries_a_secret_is_logged_without_it(log: io.StringIO) -> None:
    try:
        raise ValueError(f"cannot read\n{key('exception')} {CARD}")
    except ValueError:
        logging.getLogger("ragchat").exception("answer %s failed", key("argument"))
    assert "[redacted key]" in log.getvalue()
    assert "Traceback" in log.getvalue()
    assert found_in(log.getvalue()) == set()
