"""Streams over a real socket: they start at once, stop when told, survive a dropped connection, and end when left."""

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from scripted_service import Gate, ScriptedService, answer_script

from ragchat.answering.events import Done, Sources, Token
from ragchat.conversations import StoredMessage
from tests.support.serving import Serve


def gated(tmp_path: Path) -> tuple[ScriptedService, Gate]:
    """Two tokens, then nothing until the gate is opened, then the end."""
    gate = Gate()
    script = [
        Sources(()),
        Token("Hold the "),
        Token("button"),
        gate,
        Token("."),
        Done("answered", "Hold the button."),
    ]
    return ScriptedService(tmp_path, script), gate


async def next_event(lines: Any) -> dict[str, Any]:
    async for line in lines:
        if line.startswith("data: "):
            event: dict[str, Any] = json.loads(line[6:])
            return event
    raise AssertionError("the stream ended")


async def read_until(lines: Any, kind: str) -> dict[str, Any]:
    while (event := await next_event(lines))["type"] != kind:
        pass
    return event


async def stored(service: ScriptedService, base: str, message_id: str, status: str) -> dict[str, Any]:
    """The stored answer once it has this status."""
    async with httpx.AsyncClient(base_url=base) as client:
        while True:
            message: dict[str, Any] = (await client.get(f"/v1/messages/{message_id}")).json()
            if message["status"] == status:
                return message
            await asyncio.sleep(0.02)


async def test_the_first_events_arrive_while_the_answer_is_still_made(tmp_path: Path, serve: Serve) -> None:
    service, gate = gated(tmp_path)
    with serve(service) as base:
        async with (
            httpx.AsyncClient(base_url=base) as client,
            client.stream("POST", "/v1/chat/stream", json={"message": "How?"}) as response,
        ):
            lines = response.aiter_lines()
            assert (await next_event(lines))["type"] == "start"
            await read_until(lines, "token")
            gate.opened.set()
            assert (await read_until(lines, "done"))["response"] == "Hold the button."


@pytest.mark.parametrize("path", ["/v1/chat/stream", "/v1/chat"])
async def test_a_client_that_leaves_ends_the_answer_and_the_partial_one_is_kept(
    tmp_path: Path, serve: Serve, path: str
) -> None:
    service, gate = gated(tmp_path)
    with serve(service) as base:
        async with httpx.AsyncClient(base_url=base) as client:
            asking = asyncio.create_task(client.post(path, json={"message": "How?", "conversation_id": "c1"}))
            await gate.waiting()
            asking.cancel()
            await asyncio.wait([asking])
        async with httpx.AsyncClient(base_url=base) as client:
            message_id = (await client.get("/v1/conversations/c1")).json()["messages"][1]["id"]
        answer = await stored(service, base, message_id, "partial")
        assert (answer["content"], answer["finish"]) == ("Hold the button", "incomplete")
        assert service.closed == 1


async def test_stop_ends_every_stream_of_the_answer_with_done(tmp_path: Path, serve: Serve) -> None:
    service, gate = gated(tmp_path)
    with serve(service) as base:
        async with (
            httpx.AsyncClient(base_url=base) as client,
            client.stream("POST", "/v1/chat/stream", json={"message": "How?"}) as response,
        ):
            lines = response.aiter_lines()
            message_id = (await next_event(lines))["message_id"]
            await gate.waiting()
            reply = (await client.post(f"/v1/messages/{message_id}/stop")).json()
            assert reply == {"message_id": message_id, "stopped": True, "status": "partial"}
            done = await read_until(lines, "done")
            assert (done["finish"], done["response"]) == ("stopped", "Hold the button")
            again = (await client.post(f"/v1/messages/{message_id}/stop")).json()
            assert again["stopped"] is False
    assert service.closed == 1


def test_a_dropped_stream_is_taken_up_where_it_broke(tmp_path: Path, serve: Serve) -> None:
    service, gate = gated(tmp_path)
    with serve(service) as base, httpx.Client(base_url=base) as client:
        with client.stream("POST", "/v1/chat/stream", json={"message": "How?"}) as response:
            message_id = response.headers["x-message-id"]
            seen = [line for line in _lines_until(response, "token") if line.startswith("data: ")]
        last = json.loads(seen[-1][6:])["seq"]
        with client.stream(
            "GET", f"/v1/messages/{message_id}/events", headers={"Last-Event-ID": str(last)}
        ) as response:
            lines = response.iter_lines()
            first = json.loads(next(line for line in lines if line.startswith("data: "))[6:])
            assert (first["seq"], first["token"]) == (last + 1, "button")
            gate.opened.set()
            rest = [json.loads(line[6:]) for line in lines if line.startswith("data: ")]
        assert rest[-1]["type"] == "done"
        assert rest[-1]["response"] == "Hold the button."
        end = rest[-1]["seq"]
        assert client.get(f"/v1/messages/{message_id}/events?after={end}").status_code == 204
        replayed = client.get(f"/v1/messages/{message_id}/events").text
        assert replayed.count("\nevent: token\n") == 3


def _lines_until(response: httpx.Response, kind: str) -> list[str]:
    lines: list[str] = []
    for line in response.iter_lines():
        lines.append(line)
        if line.startswith("data: ") and json.loads(line[6:])["type"] == kind:
            return lines
    raise AssertionError("the stream ended")


async def test_shutting_down_keeps_what_was_said(tmp_path: Path, serve: Serve) -> None:
    service, gate = gated(tmp_path)
    async with httpx.AsyncClient() as client:
        with serve(service) as base:
            asking = asyncio.create_task(
                client.post(f"{base}/v1/chat/stream", json={"message": "How?", "conversation_id": "c1"})
            )
            await gate.waiting()
        await asyncio.wait([asking])
    kept: list[StoredMessage] = list(await service.conversations.messages("c1"))
    await service.conversations.close()
    assert (kept[1].status, kept[1].content) == ("partial", "Hold the button")


async def test_many_streams_at_once_each_get_their_own_answer(tmp_path: Path, serve: Serve) -> None:
    service = ScriptedService(tmp_path, answer_script("Every word of it."), max_concurrent=24)
    with serve(service) as base:
        async with httpx.AsyncClient(base_url=base) as client:
            replies = await asyncio.gather(
                *(
                    client.post("/v1/chat/stream", json={"message": f"q{n}", "conversation_id": "c1"})
                    for n in range(24)
                )
            )
            told = (await client.get("/v1/conversations/c1")).json()["messages"]
    assert {reply.text.count("\nevent: done\n") for reply in replies} == {1}
    assert len({reply.headers["x-message-id"] for reply in replies}) == 24
    assert [message["role"] for message in told] == ["user", "assistant"] * 24
