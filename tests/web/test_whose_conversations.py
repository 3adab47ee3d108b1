"""Whose a conversation is, over HTTP: what was begun under a user's id is seen only under it."""

import asyncio
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from scripted_service import Gate, ScriptedService

from ragchat.access import ANYONE, Principal
from ragchat.answering.events import Done, Token
from ragchat.conversations import Asked
from ragchat.conversations.store import SqlConversationStore
from ragchat.web.app import create_app
from ragchat.web.owning import conversations_of

ADA = {"message": "How?", "conversation_id": "c1", "user_id": "ada"}


async def asked(client: httpx.AsyncClient, **body: Any) -> dict[str, Any]:
    reply = await client.post("/v1/chat", json={"message": "How?", **body})
    assert reply.status_code == 200, reply.text
    told: dict[str, Any] = reply.json()
    return told


@pytest.mark.parametrize("user", [None, "bob"])
async def test_every_route_answers_others_as_if_it_did_not_exist(
    client: httpx.AsyncClient, user: str | None
) -> None:
    message = (await asked(client, **ADA))["message_id"]
    as_user = {"user_id": user} if user else {}
    rating = {"rating": "up"}
    for method, path, body in (
        ("GET", "/v1/conversations/{c}", None),
        ("PATCH", "/v1/conversations/{c}", {"title": "mine"}),
        ("GET", "/v1/conversations/{c}/messages", None),
        ("GET", "/v1/conversations/{c}/export", None),
        ("DELETE", "/v1/conversations/{c}/messages", None),
        ("DELETE", "/v1/conversations/{c}", None),
        ("GET", "/v1/messages/{m}", None),
        ("GET", "/v1/messages/{m}/events", None),
        ("POST", "/v1/messages/{m}/stop", None),
        ("POST", "/v1/messages/{m}/feedback", rating),
    ):
        told = []
        for conversation, answer in (("c1", message), ("unknown", "unknown")):
            address = path.format(c=conversation, m=answer)
            reply = await client.request(method, address, params=as_user, json=body)
            problem = reply.json()
            problem.pop("request_id")
            told.append((reply.status_code, problem))
        assert told[0] == told[1]
        assert told[0][0] == 404
    listed = (await client.get("/v1/conversations", params=as_user)).json()["conversations"]
    assert listed == []
    hers = (await client.get("/v1/conversations/c1", params={"user_id": "ada"})).json()
    assert hers["conversation"]["title"] == "How?"
    assert len(hers["messages"]) == 2


async def test_one_id_names_another_conversation_for_everybody(
    client: httpx.AsyncClient, service: ScriptedService
) -> None:
    for user in ("ada", "bob", None):
        assert (await asked(client, conversation_id="default", user_id=user))["message_count"] == 2
    assert [options["history"] for _, options in service.asked] == [(), (), ()]
    assert (await asked(client, conversation_id="default", user_id="bob"))["message_count"] == 4


def test_who_is_known_cannot_name_another_and_an_admins_key_sees_all(service: ScriptedService) -> None:
    known = Principal("k", tenant="acme", user="ann")
    assert conversations_of(service, known, "bob").owns("acme", "ann")
    assert not conversations_of(service, known, "bob").owns("acme", "bob")
    assert conversations_of(service, Principal("k", tenant="acme"), "bob").owns("acme", "bob")
    admin = conversations_of(service, Principal("k", scopes=frozenset({"admin"})))
    assert admin.owns("acme", "ann")
    assert not conversations_of(service, ANYONE).owns("", "ann")


async def test_a_conversation_brings_its_instruction_and_preferences_to_every_question(
    client: httpx.AsyncClient, service: ScriptedService
) -> None:
    given = {
        "id": "c1",
        "system_prompt": "Be brief.",
        "preferences": {"style": "plain", "language": "de"},
        "metadata": {"ticket": 7, "tags": ["a", {"deep": None}]},
    }
    made = await client.post("/v1/conversations", json=given)
    assert made.status_code == 201
    assert made.json()["metadata"] == given["metadata"]
    await asked(client, conversation_id="c1")
    await asked(client, conversation_id="c1", system_prompt="Be long.", preferences={"style": "rich"})
    assert [options["system_prompt"] for _, options in service.asked] == ["Be brief.", "Be long."]
    assert [options["preferences"] for _, options in service.asked] == [
        {"style": "plain", "language": "de"},
        {"style": "rich", "language": "de"},
    ]
    changed = await client.patch("/v1/conversations/c1", json={"preferences": {}, "title": "T"})
    assert (changed.json()["title"], changed.json()["preferences"]) == ("T", {})
    assert changed.json()["system_prompt"] == "Be brief."


@pytest.mark.parametrize(
    "metadata",
    ['{"a": NaN}', '{"a": 1e999}', '{"a": "\\u0000"}', '{"a": "\\ud800"}', "[]", '"x"', '{"a": 99999999999999999999}',
     '{"a": ' + "[" * 20 + "]" * 20 + "}", '{"a": "' + "x" * 20_000 + '"}'],
)  # fmt: skip
async def test_metadata_is_bounded_json(client: httpx.AsyncClient, metadata: str) -> None:
    reply = await client.post(
        "/v1/conversations",
        content=f'{{"metadata": {metadata}}}',
        headers={"content-type": "application/json"},
    )
    assert reply.status_code == 422


@pytest.mark.parametrize(("form", "begin"), [("json", '{\n  "conversation"'), ("markdown", "# How?\n")])
async def test_a_conversation_is_exported_as_a_file(client: httpx.AsyncClient, form: str, begin: str) -> None:
    await asked(client, conversation_id="c1")
    reply = await client.get("/v1/conversations/c1/export", params={"format": form})
    assert reply.text.startswith(begin)
    assert "conversation-c1" in reply.headers["content-disposition"]


async def test_a_locked_database_holds_no_answer_up_and_is_used_again(
    client: httpx.AsyncClient, service: ScriptedService, tmp_path: Path
) -> None:
    await asked(client)
    gate = Gate()
    service.script = [Token("Hold "), gate, Token("it."), Done("answered", "Hold it.")]
    with closing(sqlite3.connect(tmp_path / "conversations.sqlite", isolation_level=None)) as other:
        running = asyncio.create_task(client.post("/v1/chat/stream", json={"message": "How?"}))
        await gate.waiting()
        other.execute("BEGIN IMMEDIATE")
        gate.opened.set()
        told = (await running).text  # the lock came in the middle: it ends all the same
        assert '"detail":"This conversation cannot be saved right now."' in told
        assert told.count("event: done") == 1
        begun = time.monotonic()
        locked = await asked(client)
        assert locked["saved"] is False
        print(f"an answer with a locked database: {time.monotonic() - begun:.2f} s")
        other.execute("COMMIT")
    assert (await asked(client))["saved"] is True


async def test_what_a_dead_worker_left_is_partial_once_a_server_has_started(tmp_path: Path) -> None:
    service = ScriptedService(tmp_path)
    async with SqlConversationStore(service.settings.conversations_url) as dead:
        await dead.ask(Asked("c1", "How?", "a1", worker="dead"))
    app = create_app(service)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client,
    ):
        stored = (await client.get("/v1/messages/a1")).json()
        assert (stored["status"], stored["finish"]) == ("partial", "incomplete")
        assert (await client.get("/v1/messages/a1/events")).text.count("event: done") == 1
        assert (await asked(client, conversation_id="c1"))["message_count"] == 4
