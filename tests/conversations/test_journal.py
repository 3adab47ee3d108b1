"""The journal: what was appended is read from any place on, and what dead processes left gets its end."""

import asyncio
import json
import signal
import sys

import pytest

from ragchat.answering.encoding import decode, encode
from ragchat.answering.events import Cited, Done, Error, Event, Sources, Start, Step, Token
from ragchat.conversations import Asked, Begun, Wish
from ragchat.conversations.store import SqlConversationStore
from ragchat.conversations.streaming.journal import SqlJournal
from tests.conversations.test_store import ANSWERED, CITATION, REFUSED, SOURCE

EVENTS: list[Event] = [
    Start("a1", "c1", "extractive", 4),
    Step("search", "finished", "línea\nzwei  🦊"),
    Sources((SOURCE,)),
    *(Token(f"word{number} ") for number in range(50)),
    Cited(CITATION),
    Done("answered", ANSWERED.content, (CITATION,), 1.0, REFUSED.refusal, timings={"total": 1e-7}),
]
LINES = [encode(seq, event) for seq, event in enumerate(EVENTS)]


async def asked(store: SqlConversationStore, *names: str, worker: str = "w1") -> None:
    for name in names:
        assert isinstance(await store.ask(Asked(f"c-{name}", "How?", name, worker=worker)), Begun)


def test_a_line_is_its_event() -> None:
    assert [decode(line) for line in LINES] == EVENTS
    assert all("\n" not in line for line in LINES)


async def test_the_rest_is_the_same_from_every_place_on(store: SqlConversationStore) -> None:
    await asked(store, "a1", "a2")
    sizes, seq = [1, 1, 3, 7, 20, 1, 10, 100], 0
    for size in sizes:
        part = LINES[seq : seq + size]
        await store.journal.append(
            {"a1": (seq, part), "a2": (seq, part)}, ["a1"] if part[-1] == LINES[-1] else []
        )
        seq += len(part)
    for after in range(-1, len(LINES) + 2):
        assert [line for _, line in await store.journal.read("a1", after)] == LINES[after + 1 :]
        assert [number for number, _ in await store.journal.read("a2", after)] == list(
            range(after + 1, len(LINES))
        )
    assert await store.journal.has_ended("a1")
    assert not await store.journal.has_ended("a2")


async def test_an_answer_that_was_deleted_keeps_no_other_from_being_written(
    store: SqlConversationStore,
) -> None:
    await asked(store, "a1", "a2")
    await store.delete("c-a1")
    gone = await store.journal.append({"a1": (0, LINES[:2]), "a2": (0, LINES[:2])}, ["a1", "a2"])
    assert gone == {"a1"}
    assert await store.journal.read("a1") == []
    assert len(await store.journal.read("a2")) == 2
    assert await store.journal.has_ended("a1")


async def test_wishes_reach_the_worker_whose_answer_it_is(store: SqlConversationStore) -> None:
    await asked(store, "a1", "a2")
    await asked(store, "a3", worker="w2")
    await store.journal.ask_to_stop("a1")
    await store.journal.read_now("a2")
    wishes = {wish.message_id: wish for wish in await store.journal.wishes("w1")}
    assert wishes["a1"] == Wish("a1", stop=True, read=None)
    assert not wishes["a2"].stop
    assert wishes["a2"].read is not None
    assert len(await store.journal.wishes("w2")) == 1


async def test_what_a_dead_process_left_becomes_partial_with_all_that_was_said(
    store: SqlConversationStore,
) -> None:
    process = f"import asyncio\nfrom ragchat.conversations.store import SqlConversationStore\n{DIES}"
    url = store._database._url
    dying = await asyncio.create_subprocess_exec(sys.executable, "-c", process, url, json.dumps(LINES[:13]))
    assert await dying.wait() == -signal.SIGKILL
    await asked(store, "mine", worker="w1")
    await store.journal.beat("w1")

    assert (await store.message("a1")).status == "streaming"
    assert await store.journal.recover("w1", ["mine"]) == 1
    stored = await store.message("a1")
    said = "".join(f"word{number} " for number in range(10))
    assert (stored.status, stored.finish, stored.content) == ("partial", "incomplete", said)
    assert (stored.sources, stored.model, stored.generation) == ((SOURCE,), "extractive", 4)
    lines = await store.journal.read("a1")
    assert [line for _, line in lines[:-1]] == LINES[:13]
    assert decode(lines[-1][1]) == Done("incomplete", said, conversation_id="c1")
    assert await store.journal.has_ended("a1")
    assert (await store.message("mine")).status == "streaming"
    assert await store.journal.recover("w1", ["mine"]) == 0


DIES = """
import json, os, signal, sys
from ragchat.conversations import Asked
async def main():
    store = SqlConversationStore(sys.argv[1])
    await store.journal.beat("dead")
    await store.ask(Asked("c1", "How?", "a1", worker="dead"))
    await store.journal.append({"a1": (0, json.loads(sys.argv[2]))}, [])
    os.kill(os.getpid(), signal.SIGKILL)
asyncio.run(main())
"""


@pytest.mark.parametrize("worker", ["gone", "w1"])
async def test_an_answer_that_was_stored_but_not_written_to_its_end_gets_one(
    store: SqlConversationStore, worker: str
) -> None:
    await asked(store, "a1", worker=worker)
    await store.journal.append({"a1": (0, [encode(0, EVENTS[0]), encode(1, Token("0123"))])}, [])
    await store.finish("a1", ANSWERED)
    mine = worker == "w1"
    assert await store.journal.recover("w1", []) == (0 if mine else 1)  # our own may be on its way
    if mine:
        return
    told = [decode(line) for _, line in await store.journal.read("a1")]
    assert told[2] == Token(" – naïve 🦊")
    assert isinstance(told[3], Done)
    assert (told[3].response, told[3].finish, told[3].citations) == (
        ANSWERED.content,
        "answered",
        (CITATION,),
    )


async def test_an_answer_whose_process_lives_is_left_alone(
    store: SqlConversationStore, database_url: str
) -> None:
    async with SqlConversationStore(database_url) as other:
        await other.journal.beat("w2")
        await asked(other, "a1", worker="w2")
        await store.journal.beat("w1")
        assert await store.journal.recover("w1") == 0
        await other.journal.leave("w2")
        assert await store.journal.recover("w1") == 1
    assert isinstance(store.journal, SqlJournal)
    assert not isinstance(decode((await store.journal.read("a1"))[-1][1]), Error)
