"""Conversations that cannot be stored: answers go on, readers and probes are told, and recording resumes by itself."""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from scripted_service import QUOTE, Gate, ScriptedService
from structlog.testing import capture_logs

from ragchat.answering.events import Done, Sources, Token
from ragchat.web.app import create_app

NOTICE = "This conversation cannot be saved right now."
ASKED = {"message": "How?", "conversation_id": "c1"}


@pytest.fixture
def blocked(tmp_path: Path) -> Path:
    """A file where the database's directory should be, so that it can neither be opened nor made."""
    file = tmp_path / "blocked"
    file.write_text("a file", encoding="utf-8")
    return file


@pytest.fixture
def service(tmp_path: Path, blocked: Path) -> ScriptedService:
    url = f"sqlite+aiosqlite:///{blocked / 'conversations.sqlite'}"
    return ScriptedService(tmp_path, database_url=url)


@pytest.fixture
async def stored(tmp_path: Path) -> AsyncIterator[tuple[ScriptedService, httpx.AsyncClient]]:
    """A service whose storage works."""
    service = ScriptedService(tmp_path)
    app = create_app(service)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client,
    ):
        yield service, client


def events_of(body: str) -> list[dict[str, Any]]:
    return [json.loads(line[6:]) for line in body.split("\n") if line.startswith("data: ")]


def come_back(blocked: Path) -> None:
    """Make way for the database's directory."""
    blocked.unlink()


def refusing(directory: Path, action: str) -> None:
    """Let the database refuse from now on, as a full disk would."""
    with closing(sqlite3.connect(directory / "conversations.sqlite")) as database:
        database.execute(
            f"CREATE TRIGGER full BEFORE {action} ON messages BEGIN SELECT RAISE(ABORT, 'disk is full'); END"
        )


def accepting(directory: Path) -> None:
    with closing(sqlite3.connect(directory / "conversations.sqlite")) as database:
        database.execute("DROP TRIGGER full")


async def test_an_answer_is_given_though_it_cannot_be_stored(client: httpx.AsyncClient) -> None:
    reply = (await client.post("/v1/chat", json=ASKED)).json()
    assert reply["response"] == QUOTE
    assert (reply["saved"], reply["message_count"]) == (False, 0)

    told = events_of((await client.post("/v1/chat/stream", json=ASKED)).text)
    assert [event["type"] for event in told[:2]] == ["start", "step"]
    assert told[1] == {"seq": 1, "type": "step", "name": "store", "state": "finished", "detail": NOTICE}
    assert told[-1]["type"] == "done"
    assert [event.get("name") for event in told].count("store") == 1


async def test_conversations_say_what_to_do_and_nothing_of_this_machine(
    client: httpx.AsyncClient, blocked: Path
) -> None:
    for path in ("/v1/conversations", "/v1/conversations/c1", "/v1/messages/m1", "/v1/gaps"):
        response = await client.get(path)
        assert (response.status_code, response.json()["code"]) == (503, "conversations_unavailable")
        assert "RAGCHAT_DATABASE_URL" in response.json()["hint"]
        assert str(blocked) not in response.text


async def test_probes_tell_and_stay_ready(client: httpx.AsyncClient, blocked: Path) -> None:
    await client.post("/v1/chat", json=ASKED)
    ready = await client.get("/health/ready")
    assert ready.status_code == 200
    assert (ready.json()["ready"], ready.json()["conversations"]) == (True, "unavailable")

    come_back(blocked)
    await client.post("/v1/chat", json=ASKED)
    assert (await client.get("/health/ready")).json()["conversations"] == "ok"


async def test_recording_resumes_when_the_storage_is_back(client: httpx.AsyncClient, blocked: Path) -> None:
    await client.post("/v1/chat", json=ASKED)
    come_back(blocked)
    reply = (await client.post("/v1/chat", json=ASKED)).json()
    assert (reply["saved"], reply["message_count"]) == (True, 2)
    assert (await client.get("/v1/conversations/c1")).json()["conversation"]["message_count"] == 2


async def test_the_failure_is_logged_once_and_so_is_its_end(
    client: httpx.AsyncClient, service: ScriptedService, blocked: Path
) -> None:
    with capture_logs() as logged:
        await service.conversations.try_again()
        for _ in range(5):
            await client.post("/v1/chat", json=ASKED)
    assert [line["event"] for line in logged].count("conversations cannot be stored") <= 1
    with capture_logs() as logged:
        come_back(blocked)
        for _ in range(3):
            await client.post("/v1/chat", json=ASKED)
    assert [line["event"] for line in logged].count("conversations are stored again") == 1


async def test_a_damaged_database_stops_nobody_from_asking(
    stored: tuple[ScriptedService, httpx.AsyncClient], tmp_path: Path
) -> None:
    service, client = stored
    await client.post("/v1/chat", json=ASKED)
    await service.conversations.close()
    (tmp_path / "conversations.sqlite").write_bytes(b"this is no database" * 1000)

    reply = await client.post("/v1/chat", json=ASKED)
    assert (reply.status_code, reply.json()["saved"]) == (200, False)
    assert (await client.get("/v1/conversations/c1")).status_code == 503

    (tmp_path / "conversations.sqlite").unlink()
    assert (await client.post("/v1/chat", json=ASKED)).json()["saved"] is True


async def test_rows_that_make_no_sense_stop_nobody_from_asking(
    stored: tuple[ScriptedService, httpx.AsyncClient], tmp_path: Path
) -> None:
    _, client = stored
    await client.post("/v1/chat", json=ASKED)
    with closing(sqlite3.connect(tmp_path / "conversations.sqlite", isolation_level=None)) as database:
        database.execute("""UPDATE messages SET sources = '{"not": "a list"}' WHERE role = 'assistant'""")
    refused = await client.get("/v1/conversations/c1")
    assert (refused.status_code, refused.json()["code"]) == (503, "conversations_damaged")
    assert "ragchat verify" in refused.json()["hint"]
    assert (await client.get("/health/ready")).json()["conversations"] == "ok"
    assert (await client.post("/v1/chat", json=ASKED)).json()["saved"] is False
    assert (await client.post("/v1/chat", json={**ASKED, "conversation_id": "c2"})).json()["saved"] is True
    assert (await client.delete("/v1/conversations/c1")).status_code == 204


@pytest.mark.parametrize("action", ["INSERT", "UPDATE"])
async def test_a_disk_that_fills_up_is_told_and_the_stream_still_ends(
    stored: tuple[ScriptedService, httpx.AsyncClient], tmp_path: Path, action: str
) -> None:
    _, client = stored
    await client.post("/v1/conversations", json={"id": "c1"})
    refusing(tmp_path, action)

    told = events_of((await client.post("/v1/chat/stream", json=ASKED)).text)
    assert told[-1]["type"] == "done"
    assert [event["detail"] for event in told if event.get("name") == "store"] == [NOTICE]
    assert (await client.post("/v1/chat", json=ASKED)).json()["saved"] is False

    accepting(tmp_path)
    assert (await client.post("/v1/chat", json=ASKED)).json()["saved"] is True


async def test_an_answer_that_is_not_stored_can_be_stopped_and_taken_up(
    client: httpx.AsyncClient, service: ScriptedService
) -> None:
    gate = Gate()
    service.script = [Sources(()), Token("Hold the "), gate, Done("answered", "Hold the button.")]
    asking = asyncio.create_task(client.post("/v1/chat/stream", json=ASKED))
    await gate.waiting()
    message_id = service.asked[0][1]["message_id"]
    stopped = await client.post(f"/v1/messages/{message_id}/stop")
    assert stopped.json() == {"message_id": message_id, "stopped": True, "status": "partial"}
    told = events_of((await asking).text)
    assert (told[-1]["type"], told[-1]["finish"]) == ("done", "stopped")
    again = events_of((await client.get(f"/v1/messages/{message_id}/events")).text)
    assert again == told
