"""Limits and bounds hold through whatever face a question comes: none is a way around them."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from faces import FACES, Asked, by_json
from keyed_server import Keyed
from scripted_service import QUOTE, Gate, ScriptedService, answer_script
from websockets.sync.client import connect

from ragchat.access.store import KeyStore
from ragchat.runtime.runtime import Runtime
from ragchat.settings import Settings
from tests.support.serving import served

EVERY_FACE = pytest.mark.parametrize("asked", FACES.values(), ids=FACES.keys())
OPEN = "# Handbook\n\nThe canteen opens at noon.\n"
SECRET = "# Merger\n\nThe merger with Heron is called project Walrus.\n"
QUESTION = "What is the merger with Heron called?"


def keyed_at(base: str, service: ScriptedService) -> Keyed:
    return Keyed(base, service, KeyStore(service.settings.keys_url))


@EVERY_FACE
async def test_questions_are_counted(tmp_path: Path, asked: Asked) -> None:
    service = ScriptedService(tmp_path, api_keys="required", rate_limit_key="2/hour")
    with served(service) as base:
        key = keyed_at(base, service).key()
        told = [await asked(base, key, f"question {n}") for n in range(3)]
        assert [one.code for one in told[:2]] == ["", ""]
        assert told[2].code in ("rate_limited", "told")
        assert "Too many questions: 2 in 3600 seconds are allowed." in told[2].text
        if told[2].code != "told":
            assert 1 <= told[2].retry_after <= 3600
        assert (await by_json(base, key, "by another face")).code == "rate_limited"
    assert len(service.asked) == 2


@EVERY_FACE
async def test_tokens_are_spent(tmp_path: Path, asked: Asked) -> None:
    service = ScriptedService(tmp_path, api_keys="required")  # an answer of the script costs 3 + 5 tokens
    with served(service) as base:
        key = keyed_at(base, service).key(tokens_per_day=12)
        told = [await asked(base, key, f"question {n}") for n in range(3)]
        assert [one.code for one in told[:2]] == ["", ""]
        assert told[2].code in ("budget_spent", "told")
        assert "The 12 tokens of today are spent." in told[2].text
    assert len(service.asked) == 2


@EVERY_FACE
async def test_an_answer_holds_its_slot_until_its_end(tmp_path: Path, asked: Asked) -> None:
    gate = Gate()
    script = [*answer_script()[:4], gate, *answer_script()[4:]]
    service = ScriptedService(tmp_path, script, api_keys="required", max_concurrent=1)
    with served(service) as base:
        key = keyed_at(base, service).key()
        first = asyncio.create_task(asked(base, key, "the first question"))
        await gate.waiting()
        others = [await face(base, key, "a question while it is made") for face in FACES.values()]
        gate.opened.set()
        assert (await first).code == ""
        assert {one.code for one in others} == {"busy", "told"}
        assert all(one.retry_after >= 1 for one in others if one.code == "busy")
        assert (await asked(base, key, "the next question")).code == ""
    assert len(service.asked) == 2


@pytest.fixture(scope="module")
def tagged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, KeyStore]]:
    """A server with a document for all and one for the board, and its keys."""
    folder = tmp_path_factory.mktemp("tagged")
    settings = Settings(_env_file=None, index_dir=folder / "indexes", api_keys="required", reranker="none")
    runtime = Runtime(settings)
    for name, text, acl in (("open", OPEN, ()), ("secret", SECRET, ("board",))):
        (folder / name).mkdir()
        (folder / name / f"{name}.md").write_text(text, "utf-8")
        runtime.bring_in("default", folder / name, acl, lambda: False)
    with served(Runtime(settings)) as base:
        yield base, KeyStore(settings.keys_url)


@EVERY_FACE
async def test_a_document_is_told_of_to_whom_its_tags_allow(
    tagged: tuple[str, KeyStore], asked: Asked
) -> None:
    base, keys = tagged
    for tags, sees in (({"board"}, True), ({"staff"}, False), (set(), False), ({"board"}, True)):
        key = keys.create(name="t", scopes=frozenset({"chat"}), tags=frozenset(tags))[1]
        told = await asked(base, key, QUESTION)
        assert told.code == ""
        assert ("Walrus" in told.text) is sees


@EVERY_FACE
async def test_a_collection_out_of_reach_does_not_exist(tagged: tuple[str, KeyStore], asked: Asked) -> None:
    base, keys = tagged
    key = keys.create(name="g", scopes=frozenset({"chat"}), collections=frozenset({"garden"}))[1]
    told = await asked(base, key, QUESTION)
    assert told.code in ("no_such_collection", "model_not_found", "told")
    assert "Walrus" not in told.text


def test_a_socket_shows_nothing_of_the_conversations_of_others(tmp_path: Path) -> None:
    service = ScriptedService(tmp_path, api_keys="required")
    with served(service) as base:
        keyed = keyed_at(base, service)
        mine, theirs = keyed.key("mine"), keyed.key("theirs")
        said = {"message": "How do I reset it?", "conversation_id": "c1"}
        with keyed.client(mine) as client:
            assert client.post("/v1/chat", json=said).status_code == 200
        address = base.replace("http", "ws", 1) + "/v1/ws/chat/c1"
        with connect(address, additional_headers={"X-API-Key": theirs}) as socket:
            assert json.loads(socket.recv(timeout=20))["messages"] == []
            for frame in ({"type": "clear_history"}, {"type": "message", "message": "And then?"}):
                socket.send(json.dumps(frame))
            while json.loads(socket.recv(timeout=20))["type"] != "done":
                pass  # an id is theirs to use: it names another conversation
        with connect(address, additional_headers={"X-API-Key": mine}) as socket:
            shown = json.loads(socket.recv(timeout=20))["messages"]
    assert [one["content"] for one in shown] == [said["message"], QUOTE]
    assert service.asked[-1][1]["history"] == ()
