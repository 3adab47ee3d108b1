"""What is too much: refused at once, with the time to come again, and never counted against somebody else."""

import asyncio
import socket
import time
from pathlib import Path

import httpx
import pytest
from keyed_server import Keyed
from scripted_service import Gate, ScriptedService, answer_script

from ingest.options import IngestOptions
from ingest.run import ingest
from ragchat.access.store import KeyStore
from ragchat.corpus.local.store import LocalStore
from ragchat.models.loading import load_embedder
from ragchat.runtime.checks import calibration
from ragchat.runtime.runtime import Runtime
from ragchat.settings import Settings
from tests.support.openai_server import ChatScript, openai_server
from tests.support.serving import served

ASK = {"message": "How do I reset the router?"}


def keyed_at(directory: Path, **settings: object) -> ScriptedService:
    return ScriptedService(directory, api_keys="required", **settings)


@pytest.mark.parametrize("storage", ["memory", "redis"])
def test_a_user_may_ask_so_often_and_is_told_when_again(
    tmp_path: Path, storage: str, request: pytest.FixtureRequest
) -> None:
    redis = request.getfixturevalue("redis_url") if storage == "redis" else ""
    service = keyed_at(tmp_path, rate_limit="3/minute", redis_url=redis)
    with served(service) as base:
        keyed = Keyed(base, service, KeyStore(service.settings.keys_url))
        with keyed.client(keyed.key(f"of {tmp_path.name}")) as client:
            ada, bob = {**ASK, "user_id": "ada"}, {**ASK, "user_id": "bob"}
            left = []
            for _ in range(3):
                reply = client.post("/v1/chat", json=ada)
                assert reply.status_code == 200
                assert reply.headers["ratelimit-policy"] == '"user";q=3;w=60'
                left.append(reply.headers["ratelimit"].split(";")[1])
            assert left == ["r=2", "r=1", "r=0"]
            refused = client.post("/v1/chat/stream", json=ada)
            assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")
            assert 1 <= int(refused.headers["retry-after"]) <= 60
            assert refused.headers["ratelimit"].startswith('"user";r=0')
            assert client.post("/v1/chat", json=bob).status_code == 200
            assert client.get("/v1/conversations").status_code == 200  # only questions are counted


def test_limits_can_be_turned_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAGCHAT_RATE_LIMIT", "off")
    service = keyed_at(tmp_path, rate_limit_key="off")
    with served(service) as base:
        keyed = Keyed(base, service, KeyStore(service.settings.keys_url))
        with keyed.client(keyed.key()) as client:
            replies = [client.post("/v1/chat", json={**ASK, "user_id": "ada"}) for _ in range(40)]
    assert {reply.status_code for reply in replies} == {200}
    assert "ratelimit" not in replies[0].headers


def test_whoever_waits_as_long_as_told_is_let_in_again(tmp_path: Path) -> None:
    service = keyed_at(tmp_path, rate_limit="2/second")
    with served(service) as base:
        keyed = Keyed(base, service, KeyStore(service.settings.keys_url))
        with keyed.client(keyed.key()) as client:
            ada = {**ASK, "user_id": "ada"}
            refused = next(
                reply for _ in range(50) if (reply := client.post("/v1/chat", json=ada)).status_code == 429
            )
            time.sleep(int(refused.headers["retry-after"]))
            assert client.post("/v1/chat", json=ada).status_code == 200


def test_a_key_has_a_limit_for_all_of_its_users_and_others_have_their_own(tmp_path: Path) -> None:
    service = keyed_at(tmp_path, rate_limit_key="4/minute")
    with served(service) as base:
        keyed = Keyed(base, service, KeyStore(service.settings.keys_url))
        with keyed.client(keyed.key("one")) as client:
            codes = [client.post("/v1/chat", json={**ASK, "user_id": f"u{n}"}).status_code for n in range(6)]
        assert codes == [200] * 4 + [429] * 2
        with keyed.client(keyed.key("two")) as client:
            assert client.post("/v1/chat", json=ASK).status_code == 200


class TestBehindProxies:
    """An open server is asked by addresses; only trusted proxies are believed about them."""

    def asked(self, base: str, forwarded: str) -> int:
        return httpx.post(f"{base}/v1/chat", json=ASK, headers={"X-Forwarded-For": forwarded}).status_code

    def test_the_client_is_who_the_trusted_proxy_says(self, tmp_path: Path) -> None:
        service = ScriptedService(tmp_path, rate_limit="1/minute", trusted_proxies="127.0.0.0/8,10.0.0.0/8")
        with served(service) as base:
            assert self.asked(base, "203.0.113.1") == 200
            assert self.asked(base, "203.0.113.2, 10.1.1.1") == 200
            assert self.asked(base, "203.0.113.1") == 429
            # What a client wrote itself stands left of what the proxy saw.
            assert self.asked(base, "198.51.100.7, 203.0.113.1") == 429
            assert self.asked(base, "nonsense, 203.0.113.1") == 429

    def test_nobody_else_is_believed(self, tmp_path: Path) -> None:
        service = ScriptedService(tmp_path, rate_limit="1/minute")
        with served(service) as base:
            for n in range(3):  # this machine's own developer is not limited, and is not taken for others
                assert self.asked(base, f"203.0.113.{n}") == 200


def test_a_key_spends_its_tokens_and_no_more_until_tomorrow(tmp_path: Path) -> None:
    service = keyed_at(tmp_path, answer_cache="off")  # an answer of the script costs 3 + 5 tokens
    with served(service) as base:
        keyed = Keyed(base, service, KeyStore(service.settings.keys_url))
        with keyed.client(keyed.key("poor", tokens_per_day=12)) as client:
            assert [client.post("/v1/chat", json=ASK).status_code for _ in range(3)] == [200, 200, 429]
            refused = client.post("/v1/chat", json=ASK)
            assert refused.json()["code"] == "budget_spent"
            assert 1 <= int(refused.headers["retry-after"]) <= 86_400
        with keyed.client(keyed.key("rich")) as client:
            assert client.post("/v1/chat", json=ASK).status_code == 200


async def test_no_more_answers_are_made_at_once_than_fit(tmp_path: Path) -> None:
    gate = Gate()
    service = ScriptedService(tmp_path, [*answer_script()[:4], gate, *answer_script()[4:]], max_concurrent=4)
    with served(service) as base:
        async with httpx.AsyncClient(base_url=base, timeout=30) as client:
            asked = [
                asyncio.create_task(client.post("/v1/chat/stream", json={"message": f"question {n}"}))
                for n in range(40)
            ]
            done, waiting = await asyncio.wait(asked, return_when=asyncio.ALL_COMPLETED, timeout=3)
            assert len(waiting) == 4  # the others were not kept waiting
            assert {reply.result().status_code for reply in done} == {503}
            assert {reply.result().json()["code"] for reply in done} == {"busy"}
            assert all(int(reply.result().headers["retry-after"]) >= 1 for reply in done)
            gate.opened.set()
            for task in waiting:
                assert "event: done" in (await task).text
            assert len(service.asked) == 4
            stored = (await client.get("/v1/conversations")).json()["conversations"]
            assert len(stored) == 4  # a question that was turned away leaves nothing behind
            assert (await client.post("/v1/chat", json=ASK)).status_code == 200


async def test_answers_that_are_given_up_give_their_slots_back(tmp_path: Path) -> None:
    service = ScriptedService(tmp_path, [*answer_script()[:4], Gate()], max_concurrent=2)
    with served(service) as base:
        async with httpx.AsyncClient(base_url=base, timeout=30) as client:
            for _ in range(4):
                for _ in range(2):
                    async with client.stream("POST", "/v1/chat/stream", json=ASK) as reply:
                        async for line in reply.aiter_lines():
                            if line == "event: token":
                                break
                until = time.monotonic() + 20
                while service.closed < len(service.asked):  # nobody reads: after a moment it is cut
                    assert time.monotonic() < until
                    await asyncio.sleep(0.05)
            idle = {"ragchat_answers_running 0.0", "ragchat_open_streams 0.0"}
            while not idle <= set((await client.get("/metrics")).text.splitlines()):
                assert time.monotonic() < until
                await asyncio.sleep(0.05)
            assert len(service.asked) == 8


def test_a_reader_that_takes_nothing_is_dropped(tmp_path: Path) -> None:
    flood = [*answer_script()[:3], *answer_script("x" * 20_000_000)[3:]]
    service = ScriptedService(tmp_path, flood, slow_reader_seconds=1, max_concurrent=1)
    with served(service) as base:
        host, port = base.removeprefix("http://").split(":")
        with socket.socket() as slow:
            slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            slow.connect((host, int(port)))
            body = b'{"message": "flood"}'
            head = f"POST /v1/chat/stream HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
            slow.sendall(head.encode() + f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
            until = time.monotonic() + 15
            while "ragchat_open_streams 1.0" not in httpx.get(f"{base}/metrics").text:
                assert time.monotonic() < until
            while "ragchat_open_streams 0.0" not in httpx.get(f"{base}/metrics").text:
                assert time.monotonic() < until
                time.sleep(0.1)


async def test_the_models_service_never_sees_more_calls_than_fit(tmp_path: Path) -> None:
    """With the real runtime: the follow-up's rewriting, the answer, and everything between are inside the limit."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.md").write_text("# Router\n\nHold the power button of the router to reset it.\n")
    store = LocalStore(tmp_path / "indexes" / "default")
    embedder = load_embedder("local:minilm", threads=1)
    ingest([tmp_path / "docs"], store, embedder, IngestOptions(checks=(calibration(),)))
    with openai_server() as model:
        model.chats = [ChatScript(tokens=("Hold", " it", " [1]."), pause=0.2)]
        settings = Settings(
            _env_file=None,
            index_dir=tmp_path / "indexes",
            chat_model="openai:test",
            openai_base_url=model.url,
            max_concurrent=4,
            reranker="none",
        )
        peak, codes, ending = 0, [], asyncio.Event()

        async def watch() -> None:
            nonlocal peak
            while not ending.is_set():
                peak = max(peak, sum(not request.finished.is_set() for request in list(model.requests)))
                await asyncio.sleep(0.005)

        with served(Runtime(settings)) as base:
            watching = asyncio.create_task(watch())
            async with httpx.AsyncClient(base_url=base, timeout=60) as client:
                for wave in range(3):
                    asked = [
                        client.post("/v1/chat", json={"message": f"How do I reset router {wave} {n}?"})
                        for n in range(40)
                    ]
                    codes += [reply.status_code for reply in await asyncio.gather(*asked)]
            ending.set()
            await watching
        assert set(codes) == {200, 503}
        assert codes.count(200) >= 3 * 4
        assert 1 <= peak <= 4
        assert len(model.requests) == codes.count(200)
