"""Equal questions about an unchanged index are answered again, without the model, and never across tenants."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from scripted_service import ScriptedService

from ragchat.access.store import KeyStore
from ragchat.answering.events import Done, Error, Start, Step, Token, Usage
from ragchat.runtime.cache import AnswerCache, cache_key, worth_keeping
from ragchat.runtime.kept import InMemory
from tests.support.serving import served

ASK = {"message": "How do I reset the router?"}


@pytest.mark.parametrize("kept", ["memory", "redis"])
def test_three_equal_questions_make_one_answer_and_three_messages(
    tmp_path: Path, kept: str, request: pytest.FixtureRequest
) -> None:
    redis = request.getfixturevalue("redis_url") if kept == "redis" else ""
    service = ScriptedService(tmp_path, answer_cache="on", redis_url=redis)
    with served(service) as base, httpx.Client(base_url=base) as client:
        replies = [client.post("/v1/chat", json=ASK).json() for _ in range(3)]
        stored = [client.get(f"/v1/messages/{reply['message_id']}").json() for reply in replies]
    assert len(service.asked) == 1
    assert len({reply["message_id"] for reply in replies}) == 3
    assert len({reply["conversation_id"] for reply in replies}) == 3
    assert [reply["tokens_used"] for reply in replies] == [8, 0, 0]
    for name in ("response", "sources", "citations", "finish", "model", "generation"):
        assert replies[0][name] == replies[1][name] == replies[2][name]
    assert all(message["status"] == "complete" and message["citations"] for message in stored)


def test_it_comes_as_a_stream_that_was_asked_for_as_one(tmp_path: Path) -> None:
    service = ScriptedService(tmp_path, answer_cache="on")
    with served(service) as base, httpx.Client(base_url=base) as client:
        first, second = (client.post("/v1/chat/stream", json=ASK).text for _ in range(2))
    kinds = [[line for line in text.splitlines() if line.startswith("event:")] for text in (first, second)]
    assert kinds[0] == kinds[1]
    assert len(service.asked) == 1


@pytest.mark.parametrize(
    "other",
    [
        {"message": "How do I reset the gateway?"},
        {"system_prompt": "Be brief."},
        {"preferences": {"language": "French"}},
        {"grounding": "strict"},
        {"model": "extractive", "top_k": 3},
        {"collection": "other"},
        {"filters": {"document_ids": ["d1"]}},
    ],
)
def test_what_changes_the_answer_is_another_question(tmp_path: Path, other: dict[str, Any]) -> None:
    service = ScriptedService(tmp_path, answer_cache="on")
    with served(service) as base, httpx.Client(base_url=base) as client:
        assert client.post("/v1/chat", json=ASK).status_code == 200
        assert client.post("/v1/chat", json={**ASK, **other}).status_code == 200
    assert len(service.asked) == 2


def test_what_was_said_before_counts(tmp_path: Path) -> None:
    service = ScriptedService(tmp_path, answer_cache="on")
    with served(service) as base, httpx.Client(base_url=base) as client:
        client.post("/v1/chat", json={**ASK, "conversation_id": "c1"})
        client.post("/v1/chat", json={**ASK, "conversation_id": "c1"})  # now it is a follow-up
        client.post("/v1/chat", json={**ASK, "conversation_id": "c2"})  # a first question again
    assert len(service.asked) == 2


def test_a_new_generation_is_asked_anew(tmp_path: Path) -> None:
    service = ScriptedService(tmp_path, answer_cache="on")
    with served(service) as base, httpx.Client(base_url=base) as client:
        client.post("/v1/chat", json=ASK)
        service.generation = 5
        client.post("/v1/chat", json=ASK)
        client.post("/v1/chat", json=ASK)
    assert len(service.asked) == 2


def test_tenants_share_nothing(tmp_path: Path) -> None:
    service = ScriptedService(tmp_path, answer_cache="on", api_keys="required")
    store = KeyStore(service.settings.keys_url)
    with served(service) as base:
        for name, asked in (
            ("one", 1),
            ("two", 2),
            ("one", 2),
        ):  # a second key of a tenant shares with the first
            key = store.create(name=name, scopes=frozenset({"chat"}))[1]
            assert httpx.post(f"{base}/v1/chat", json=ASK, headers={"X-API-Key": key}).status_code == 200
            assert len(service.asked) == asked


def test_it_is_left_out_by_request_or_by_setting(tmp_path: Path) -> None:
    service = ScriptedService(tmp_path / "on", answer_cache="on")
    with served(service) as base:
        for _ in range(2):
            httpx.post(f"{base}/v1/chat", json=ASK, headers={"Cache-Control": "no-cache"})
        assert len(service.asked) == 2
        httpx.post(f"{base}/v1/chat", json=ASK)  # what they brought is there for others
        assert len(service.asked) == 2
    off = ScriptedService(tmp_path / "off", answer_cache="off")
    with served(off) as base:
        for _ in range(2):
            httpx.post(f"{base}/v1/chat", json=ASK)
    assert len(off.asked) == 2


@pytest.mark.parametrize(
    "script",
    [
        [Token("Half"), Error("upstream_failed", "The model's service failed.", retryable=True)],
        [Token("Half"), Done("incomplete", "Half")],
        [Done("blocked", "")],
    ],
)
def test_what_is_no_whole_answer_is_not_given_twice(tmp_path: Path, script: list[Any]) -> None:
    service = ScriptedService(tmp_path, script, answer_cache="on")
    with served(service) as base:
        for _ in range(2):
            httpx.post(f"{base}/v1/chat", json=ASK)
    assert len(service.asked) == 2


def test_an_answer_of_another_generation_than_looked_up_is_not_kept() -> None:
    events = [Start("m", "c", "x", 5), Done("answered", "Yes.")]
    assert worth_keeping(events, 5)
    assert not worth_keeping(events, 4)  # published in between
    assert not worth_keeping(events[1:], 5)


def test_a_cache_out_of_reach_holds_nothing_up(tmp_path: Path) -> None:
    service = ScriptedService(
        tmp_path, answer_cache="on", redis_url="redis://127.0.0.1:1/0", api_keys="required"
    )
    key = KeyStore(service.settings.keys_url).create(name="shop", scopes=frozenset({"chat"}))[1]
    with served(service) as base:
        for _ in range(2):  # limits cannot be counted either
            asked = httpx.post(f"{base}/v1/chat", json=ASK, headers={"X-API-Key": key}, timeout=30)
            assert asked.status_code == 200
    assert len(service.asked) == 2


async def test_memory_is_bounded_and_forgets() -> None:
    events = [Start("m", "c", "x", 1), Token("t" * 1000), Done("answered", "t" * 1000, usage=Usage(1, 2))]
    cache = AnswerCache(InMemory(seconds=60, most_bytes=20_000))
    for number in range(50):
        await cache.put(str(number), events)
    assert await cache.get("0") is None
    assert await cache.get("49") == events
    kept = [number for number in range(50) if await cache.get(str(number))]
    assert 3 <= len(kept) <= 9
    await cache.put("huge", [Step("x", "started", "y" * 30_000)])
    assert await cache.get("huge") is None
    over = AnswerCache(InMemory(seconds=-1))
    await over.put("k", events)
    assert await over.get("k") is None


def test_keys_do_not_depend_on_order_and_tell_types_apart() -> None:
    assert cache_key(a={"x": 1, "y": 2}, b=frozenset({"p", "q"})) == cache_key(
        b=frozenset({"q", "p"}), a={"y": 2, "x": 1}
    )
    assert cache_key(a="1") != cache_key(a=1)
    assert cache_key(tags=None) != cache_key(tags=frozenset())
