"""Two workers over one database: a stream is taken up, stopped and kept alive from the other one, byte for byte."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from scripted_service import Gate, ScriptedService

from ragchat.answering.events import Done, Event, Sources, Token
from tests.support.serving import served

WORDS = [f"wörd-{number} " for number in range(46)]
END = Done("answered", "".join(WORDS))


class Pair:
    """Two services with a script each, and their addresses."""

    def __init__(
        self, folder: Path, url: str, script: list[Event | Gate | Exception], **settings: object
    ) -> None:
        self.services = [ScriptedService(folder, script, database_url=url, **settings) for _ in range(2)]

    @contextmanager
    def served(self) -> Iterator[tuple[str, str]]:
        with served(self.services[0]) as one, served(self.services[1]) as two:
            yield one, two

    @property
    def asked(self) -> int:
        return sum(len(service.asked) for service in self.services)


def frames(body: bytes) -> list[bytes]:
    """Whole frames, comments left out."""
    return [frame + b"\n\n" for frame in body.split(b"\n\n")[:-1] if not frame.startswith(b":")]


async def test_a_stream_is_taken_up_anywhere_from_each_of_fifty_places_byte_for_byte(
    tmp_path: Path, url: str
) -> None:
    pair = Pair(tmp_path, url, [Sources(()), *map(Token, WORDS), END])
    with pair.served() as (one, two):
        async with httpx.AsyncClient(timeout=30) as client:
            whole = await client.post(f"{one}/v1/chat/stream", json={"message": "How?"})
            message = whole.headers["x-message-id"]
            told = frames(whole.content)
            assert len(told) >= 49
            for cut in range(-1, len(told) - 1):
                for address in (one, two):
                    events = f"{address}/v1/messages/{message}/events"
                    header = await client.get(events, headers={"Last-Event-ID": str(cut)} if cut >= 0 else {})
                    query = await client.get(events, params={"after": cut})
                    assert header.content == query.content == b"".join(told[cut + 1 :])
            for address in (one, two):
                over = await client.get(f"{address}/v1/messages/{message}/events?after={len(told) - 1}")
                assert over.status_code == 204
                for wrong in ("abc", "-2", "1.5", ""):
                    events = f"{address}/v1/messages/{message}/events"
                    refused = await client.get(events, headers={"Last-Event-ID": wrong})
                    assert refused.status_code == 422
    again = Pair(tmp_path, url, [])
    with again.served() as (one, _):  # after a restart
        async with httpx.AsyncClient(timeout=30) as client:
            rest = await client.get(f"{one}/v1/messages/{message}/events", params={"after": 20})
            assert rest.content == b"".join(told[21:])
            other = await client.get(f"{one}/v1/messages/{message}/events", params={"user_id": "ann"})
            assert other.status_code == 404
    assert (pair.asked, again.asked) == (1, 0)


async def test_a_running_stream_is_followed_and_kept_alive_from_the_other_worker(
    tmp_path: Path, url: str
) -> None:
    gate = Gate()
    pair = Pair(
        tmp_path, url, [Token("Hold "), gate, Token("it."), Done("answered", "Hold it.")], stream_grace=1.5
    )
    with pair.served() as (one, two):
        async with httpx.AsyncClient(timeout=30) as client:
            message, seen = await begun(client, one)
            async with client.stream("GET", f"{two}/v1/messages/{message}/events?after={seen}") as response:
                await asyncio.sleep(3)  # twice the grace period: somebody reads, though not here
                gate.opened.set()
                rest = b"".join([part async for part in response.aiter_bytes()])
            kinds = [json.loads(frame.split(b"data: ")[1])["type"] for frame in frames(rest)]
            assert kinds == ["token", "done"]
            stored = (await client.get(f"{two}/v1/messages/{message}")).json()
    assert (stored["status"], stored["content"]) == ("complete", "Hold it.")
    assert pair.asked == 1


async def test_a_stop_reaches_the_worker_that_makes_the_answer(tmp_path: Path, url: str) -> None:
    pair = Pair(tmp_path, url, [Token("Hold "), Gate(), Token("never")])
    with pair.served() as (one, two):
        async with (
            httpx.AsyncClient(timeout=30) as client,
            client.stream("POST", f"{one}/v1/chat/stream", json={"message": "How?"}) as response,
        ):
            message = response.headers["x-message-id"]
            body = response.aiter_bytes()
            await until(body, b"event: token")
            foreign = await client.post(f"{two}/v1/messages/{message}/stop?user_id=ann")
            assert foreign.status_code == 404
            reply = (await client.post(f"{two}/v1/messages/{message}/stop")).json()
            assert reply == {"message_id": message, "stopped": True, "status": "partial"}
            rest = b"".join([part async for part in body])
            assert json.loads(frames(rest)[-1].split(b"data: ")[1])["finish"] == "stopped"
            assert pair.services[0].closed == 1


async def test_a_hundred_duplicates_on_two_workers_are_one_answer(tmp_path: Path, url: str) -> None:
    gate = Gate()
    script: list[Event | Gate | Exception] = [
        Token("Hold "),
        gate,
        Token("it."),
        Done("answered", "Hold it."),
    ]
    pair = Pair(tmp_path, url, script)
    headers = {"Idempotency-Key": "4711-abc"}
    limits = httpx.Limits(max_connections=200)
    with pair.served() as (one, two):
        async with httpx.AsyncClient(timeout=60, limits=limits) as client:
            sending = [
                asyncio.create_task(
                    client.post(
                        f"{(one, two)[n % 2]}/v1/chat/stream", json={"message": "How?"}, headers=headers
                    )
                )
                for n in range(100)
            ]
            await asyncio.sleep(1)
            gate.opened.set()
            replies = await asyncio.gather(*sending)
            assert {reply.status_code for reply in replies} == {200}
            assert len({b"".join(frames(reply.content)) for reply in replies}) == 1
            whole = await client.post(f"{two}/v1/chat", json={"message": "How?"}, headers=headers)
            assert whole.json()["message_id"] == replies[0].headers["x-message-id"]
            other = await client.post(f"{two}/v1/chat", json={"message": "Why?"}, headers=headers)
            assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
            conversations = (await client.get(f"{one}/v1/conversations")).json()["conversations"]
    assert [one["message_count"] for one in conversations] == [2]
    assert pair.asked == 1


async def test_questions_of_one_conversation_take_turns_on_two_workers(tmp_path: Path, url: str) -> None:
    pair = Pair(tmp_path, url, [Token("Hold it."), Done("answered", "Hold it.")])
    with pair.served() as (one, two):
        async with httpx.AsyncClient(timeout=60) as client:
            body = {"message": "How?", "conversation_id": "c1"}
            replies = await asyncio.gather(
                *(client.post(f"{(one, two)[n % 2]}/v1/chat", json=body) for n in range(8))
            )
            assert [reply.status_code for reply in replies] == [200] * 8
            assert sorted(reply.json()["message_count"] for reply in replies) == list(range(2, 18, 2))
    histories = [len(options["history"]) for service in pair.services for _, options in service.asked]
    assert sorted(histories) == [0, 2, 4, 6, 8, 10, 12, 12]  # each is told what was said before it


async def test_who_waits_too_long_for_its_turn_is_told_that_the_conversation_is_busy(
    tmp_path: Path, url: str
) -> None:
    gate = Gate()
    pair = Pair(tmp_path, url, [Token("Hold "), gate, Done("answered", "Hold ")], conversation_wait=0.3)
    with pair.served() as (one, two):
        async with httpx.AsyncClient(timeout=30) as client:
            body = {"message": "How?", "conversation_id": "c1"}
            first = asyncio.create_task(client.post(f"{one}/v1/chat", json=body))
            await gate.waiting()
            for address in (one, two):
                busy = await client.post(f"{address}/v1/chat/stream", json=body)
                assert (busy.status_code, busy.json()["code"]) == (409, "conversation_busy")
                assert busy.headers["retry-after"]
            gate.opened.set()
            assert (await first).json()["saved"] is True


async def begun(client: httpx.AsyncClient, address: str) -> tuple[str, int]:
    """An answer whose reader left after its first word: its id, and the number of that event."""
    async with client.stream("POST", f"{address}/v1/chat/stream", json={"message": "How?"}) as response:
        seen = await until(response.aiter_bytes(), b"event: token")
        return response.headers["x-message-id"], len(frames(seen)) - 1


async def until(body: AsyncIterator[bytes], mark: bytes) -> bytes:
    seen = b""
    async for part in body:
        seen += part
        if mark in seen and seen.endswith(b"\n\n"):
            return seen
    raise AssertionError(seen)
