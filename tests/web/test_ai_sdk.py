"""The AI SDK's own reader (the npm package `ai`) reads our UI message stream, as a page with `useChat` would."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest
from scripted_service import CITATION, FAILED, NO_INDEX, QUOTE, ScriptedService

from ragchat.answering.events import Done, Token
from tests.support.serving import Serve

READER = Path(__file__).with_name("ai_sdk_reader.mjs")
PACKAGE = "ai@7"


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The script beside the installed package."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip("no node on this machine: the AI SDK's reader cannot be run")
    folder = tmp_path_factory.mktemp("ai-sdk")
    (folder / "package.json").write_text('{"private": true, "type": "module"}')
    install = [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error", PACKAGE]
    try:
        done = subprocess.run(install, cwd=folder, capture_output=True, text=True, timeout=100)
    except subprocess.TimeoutExpired:
        pytest.skip(f"npm could not install {PACKAGE} in time")
    if done.returncode:
        pytest.skip(f"npm could not install {PACKAGE}: {done.stderr.strip()[:200]}")
    return Path(shutil.copy(READER, folder))


def read(reader: Path, base: str, *said: str) -> dict[str, Any]:
    api = f"{base}/v1/chat/stream?protocol=ai-sdk"
    command = ["node", str(reader), api, "chat1", json.dumps(said)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=reader.parent)
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def parts(told: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    assert told["errors"] == []
    return [part for part in told["message"]["parts"] if part["type"] == kind]


def test_the_reader_puts_the_answer_and_its_citations_together(
    reader: Path, tmp_path: Path, serve: Serve
) -> None:
    service = ScriptedService(tmp_path)
    with serve(service) as base:
        told = read(reader, base, "How do I reset it?")
        assert parts(told, "text") == [{"type": "text", "text": QUOTE, "state": "done"}]
        (source,) = parts(told, "source-url")
        assert (source["title"], source["url"]) == (CITATION.document.title, f"{base}{CITATION.url}")
        (cited,) = parts(told, "data-citation")
        assert cited["data"]["quote"] == CITATION.quote
        assert parts(told, "data-sources")[0]["data"][0]["title"] == CITATION.document.title
        assert parts(told, "data-step") == []  # transient
        metadata = told["message"]["metadata"]
        assert (metadata["conversation_id"], metadata["finish"]) == ("chat1", "answered")
        assert metadata["usage"] == {"input_tokens": 3, "output_tokens": 5}
        read(reader, base, "How do I reset it?", "And then?")
        assert len(httpx.get(f"{base}/v1/conversations/chat1").json()["messages"]) == 4
    assert [question for question, _ in service.asked] == ["How do I reset it?", "And then?"]
    assert service.asked[1][1]["preferences"] == {"style": "brief"}
    assert [turn.content for turn in service.asked[1][1]["history"]] == ["How do I reset it?", QUOTE]


def test_the_reader_is_told_what_failed(reader: Path, tmp_path: Path, serve: Serve) -> None:
    service = ScriptedService(tmp_path, [Token("Hold"), FAILED])
    with serve(service) as base:
        told = read(reader, base, "How?")
        assert FAILED.message in told["errors"][0]
        service.unready = NO_INDEX
        assert "ragchat ingest" in read(reader, base, "How?")["errors"][0]


async def test_the_stream_names_its_protocol_and_ends_as_it_says(
    client: httpx.AsyncClient, service: ScriptedService
) -> None:
    service.script = [Token("Hold"), Done("blocked", "Hold")]
    response = await client.post("/v1/chat/stream?protocol=ai-sdk", json={"message": "How?"})
    assert response.headers["x-vercel-ai-ui-message-stream"] == "v1"
    assert response.text.endswith("data: [DONE]\n\n")
    chunks = [json.loads(line[6:]) for line in response.text.splitlines() if line.startswith("data: {")]
    assert [chunk["type"] for chunk in chunks] == [
        "start", "start-step", "text-start", "text-delta", "text-end", "finish-step", "finish",
    ]  # fmt: skip
    assert chunks[-1]["finishReason"] == "content-filter"
    assert (await client.post("/v1/chat/stream?protocol=zebra", json={"message": "How?"})).status_code == 422
