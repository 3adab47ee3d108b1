"""What a request may hold: other names of a conversation, bounds of a model's parameters, nothing that is unknown."""

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from scripted_service import FAILED, Gate, ScriptedService

from ragchat.answering.events import Done, Step, Token
from ragchat.runtime.models import Models
from ragchat.settings import Settings
from tests.support.serving import Serve


@pytest.mark.parametrize("name", ["conversation_id", "thread_id", "session_id"])
async def test_a_conversation_goes_on_by_whatever_name_it_is_called(
    client: httpx.AsyncClient, service: ScriptedService, name: str
) -> None:
    for message in ("How?", "And then?"):
        reply = (await client.post("/v1/chat", json={"message": message, name: "t-1"})).json()
        assert reply["conversation_id"] == "t-1"
    assert next(turn.content for turn in service.asked[1][1]["history"]) == "How?"
    streamed = await client.get("/v1/chat/stream", params={"message": "And now?", name: "t-1"})
    assert '"conversation_id":"t-1"' in streamed.text
    assert len(service.asked[2][1]["history"]) == 4


async def test_a_question_in_an_address_has_the_choices_of_one_in_a_body(
    client: httpx.AsyncClient, service: ScriptedService
) -> None:
    asked = {
        "message": "How?",
        "system_prompt": "Be brief.",
        "temperature": "0.5",
        "grounding": "strict",
        "top_k": "2",
    }
    assert (await client.get("/v1/chat/stream", params=asked)).status_code == 200
    options = service.asked[0][1]
    assert (options["system_prompt"], options["parameters"]) == ("Be brief.", {"temperature": 0.5})
    assert (options["grounding"], options["top_k"]) == ("strict", 2)
    unknown = await client.get("/v1/chat/stream", params=asked | {"speed": "fast"})
    assert (unknown.status_code, unknown.json()["errors"][0]["field"]) == (422, "query.speed")


@pytest.mark.parametrize(
    ("names", "field"),
    [
        ({"conversation_id": "a", "thread_id": "b"}, "thread_id"),
        ({"conversation_id": "a", "session_id": "b"}, "session_id"),
        ({"thread_id": "a", "session_id": "b"}, "session_id"),
    ],
)
async def test_names_of_two_conversations_are_a_conflict(
    client: httpx.AsyncClient, names: dict[str, str], field: str
) -> None:
    for response in (
        await client.post("/v1/chat", json={"message": "How?", **names}),
        await client.get("/v1/chat/stream", params={"message": "How?", **names}),
    ):
        assert response.status_code == 422
        (error,) = response.json()["errors"]
        assert (error["field"].split(".")[-1], error["code"]) == (field, "conflict")
    agreeing = {"message": "How?", "conversation_id": "a", "thread_id": "a", "session_id": "a"}
    assert (await client.post("/v1/chat", json=agreeing)).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "body", "field"),
    [
        ("POST", "/v1/chat", {"message": "How?", "conversationId": "c"}, "body.conversationId"),
        ("POST", "/v1/chat/stream", {"message": "How?", "speed": "fast"}, "body.speed"),
        ("POST", "/v1/chat", {"message": "How?", "preferences": {"tone": "kind"}}, "body.preferences.tone"),
        ("POST", "/v1/chat", {"message": "How?", "filters": {"acl": ["hr"]}}, "body.filters.acl"),
        ("POST", "/v1/conversations", {"name": "Warranty"}, "body.name"),
        ("PATCH", "/v1/conversations/c1", {"title": "a", "id": "c2"}, "body.id"),
        ("POST", "/v1/messages/m1/feedback", {"rating": "up", "stars": 5}, "body.stars"),
        ("POST", "/v1/chat", {"message": "How?", "<b>zebra</b>": 1}, "body.?"),
    ],
)
async def test_a_field_that_is_not_known_is_named(
    client: httpx.AsyncClient, method: str, path: str, body: dict[str, Any], field: str
) -> None:
    response = await client.request(method, path, json=body)
    assert response.status_code == 422
    (error,) = response.json()["errors"]
    assert error == {"field": field, "code": "extra_forbidden", "message": "There is no such field"}
    assert "zebra" not in response.text


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("temperature", -0.1), ("temperature", 2.1), ("temperature", "warm"), ("top_p", 0), ("top_p", 1.01),
        ("max_tokens", 0), ("max_tokens", 10**6), ("max_tokens", 1.5),
    ],
)  # fmt: skip
async def test_parameters_of_a_model_are_bounded(client: httpx.AsyncClient, name: str, value: object) -> None:
    response = await client.post("/v1/chat", json={"message": "How?", name: value})
    assert response.status_code == 422
    assert [error["field"] for error in response.json()["errors"]] == [f"body.{name}"]


async def test_the_end_names_the_conversation(tmp_path: Path, serve: Serve) -> None:
    gate = Gate()
    service = ScriptedService(tmp_path, [Token("Hold"), gate, Token(" it."), Done("answered", "Hold it.")])
    with serve(service) as base:
        async with (
            httpx.AsyncClient(base_url=base) as client,
            client.stream("POST", "/v1/chat/stream", json={"message": "How?", "thread_id": "t1"}) as stopped,
        ):
            await gate.waiting()
            await client.post(f"/v1/messages/{stopped.headers['x-message-id']}/stop")
            ends = [await _end(stopped)]
            gate.opened.set()
            whole = await client.post("/v1/chat/stream", json={"message": "How?", "thread_id": "t1"})
            ends.append(json.loads(whole.text.rsplit("data: ", 1)[1]))
    assert [(end["finish"], end["conversation_id"]) for end in ends] == [
        ("stopped", "t1"),
        ("answered", "t1"),
    ]


async def _end(response: httpx.Response) -> dict[str, Any]:
    last = [line async for line in response.aiter_lines() if line.startswith("data: ")][-1]
    event: dict[str, Any] = json.loads(last[6:])
    return event


async def test_a_failure_before_the_first_word_of_a_text_is_a_status(
    client: httpx.AsyncClient, service: ScriptedService
) -> None:
    asked = {"message": "How?", "stream_format": "text"}
    service.script = [Step("search", "started"), FAILED]
    response = await client.post("/v1/chat/stream", json=asked)
    assert response.status_code == 502
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["code"] == FAILED.code

    service.script = [Token("Hold"), FAILED]
    response = await client.post("/v1/chat/stream", json=asked)
    assert response.status_code == 200
    assert response.text == f"Hold\n[{FAILED.code}] {FAILED.message}\n"


async def test_who_leaves_before_the_first_word_of_a_text_ends_the_answer(
    tmp_path: Path, serve: Serve
) -> None:
    gate = Gate()
    service = ScriptedService(tmp_path, [gate, Token("Hold"), Done("answered", "Hold")])
    with serve(service) as base:
        async with httpx.AsyncClient(base_url=base) as client:
            body = {"message": "How?", "stream_format": "text"}
            asking = asyncio.create_task(client.post("/v1/chat/stream", json=body))
            await gate.waiting()
            asking.cancel()
            await asyncio.wait([asking])
            while not service.closed:
                await asyncio.sleep(0.01)
    assert not gate.opened.is_set()


@pytest.mark.parametrize("name", [None, "scripted:words", "words"])
def test_a_model_may_be_named_without_its_provider(name: str | None) -> None:
    models = Models(Settings(_env_file=None, chat_model="scripted:words"))
    assert models.served_name(name) == "scripted:words"
    assert models.served_name("extractive") == "extractive"
    assert models.served_name("others") == "others"
