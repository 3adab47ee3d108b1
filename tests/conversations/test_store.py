"""The conversation store: what was acknowledged is there, in order, with everything that an answer rests on."""

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from ragchat.answering.events import (
    AnswerSpan,
    Citation,
    CitedDocument,
    CitedSpan,
    Refusal,
    Source,
    Usage,
)
from ragchat.conversations import AnswerRecord, Asked, ConversationDraft, Feedback
from ragchat.conversations.store import SqlConversationStore
from ragchat.errors import NotFound, StorageFailed, UsageError

SOURCE = Source(1, "d1", 7, "Manual", "m.md", 3, ("Manual", "Reset"), 10, 20, "0123456789", 0.5)
CITATION = Citation(
    1,
    CitedDocument("d1", "Manual", "m.md", "ab", "text/markdown"),
    CitedSpan(10, 14, None, ()),
    "0123",
    "cd",
    AnswerSpan(0, 4),
    True,
    "extractive",
    0.75,
    "/documents/d1?start=10&end=14",
)
ANSWERED = AnswerRecord(
    status="complete",
    content="0123 – naïve 🦊",
    sources=(SOURCE,),
    citations=(CITATION,),
    finish="answered",
    refusal=None,
    grounded=1.0,
    model="extractive",
    generation=12,
    usage=Usage(3, 4),
    timings={"total": 1.5},
)
REFUSED = AnswerRecord(
    status="complete",
    content="The documents do not say.",
    sources=(SOURCE,),
    citations=(),
    finish="refused",
    refusal=Refusal("no_match", "The documents do not say.", (SOURCE,)),
    grounded=None,
    model="extractive",
    generation=12,
    usage=Usage(),
    timings={},
)


async def test_an_answer_comes_back_exactly_as_it_was_recorded(store: SqlConversationStore) -> None:
    await store.of("", "u1").ask(Asked("c1", "How?", "a1"))
    await store.finish("a1", ANSWERED)

    question, answer = await store.messages("c1")

    assert (question.role, question.content, question.position) == ("user", "How?", 0)
    assert (answer.id, answer.role, answer.position, answer.status) == ("a1", "assistant", 1, "complete")
    assert answer.content == ANSWERED.content
    assert answer.sources == ANSWERED.sources
    assert answer.citations == ANSWERED.citations
    assert (answer.finish, answer.refusal, answer.grounded) == ("answered", None, 1.0)
    assert (answer.model, answer.generation, answer.usage) == ("extractive", 12, Usage(3, 4))
    assert answer.timings == {"total": 1.5}
    assert question.created.utcoffset() is not None
    assert (await store.get("c1")).user_id == "u1"


async def test_the_place_of_an_answer_is_taken_with_its_question(store: SqlConversationStore) -> None:
    await store.ask(Asked("c1", "first", "a1"))
    await store.ask(Asked("c1", "second", "a2"))
    await store.finish("a2", ANSWERED)
    await store.finish("a1", REFUSED)

    assert [message.position for message in await store.messages("c1")] == [0, 1, 2, 3]
    assert [message.id for message in await store.messages("c1") if message.role == "assistant"] == [
        "a1",
        "a2",
    ]


async def test_concurrent_questions_never_interleave_or_clash(
    store: SqlConversationStore, database_url: str
) -> None:
    other = SqlConversationStore(database_url)

    async def one(number: int) -> None:
        through = store if number % 2 else other
        await through.ask(Asked("c1", f"q{number}", f"a{number}"))
        await through.finish(f"a{number}", ANSWERED)

    await asyncio.gather(*(one(number) for number in range(40)))
    await other.close()

    told = await store.messages("c1")
    assert [message.position for message in told] == list(range(80))
    for question, answer in zip(told[::2], told[1::2], strict=True):
        assert answer.id == "a" + question.content[1:]


async def test_history_is_the_last_messages_with_words_oldest_first(store: SqlConversationStore) -> None:
    for number in range(4):
        await store.ask(Asked("c1", f"q{number}", f"a{number}"))
        if number != 2:
            await store.finish(f"a{number}", ANSWERED)

    told = await store.history("c1", 4)

    assert [message.content for message in told] == [ANSWERED.content, "q2", "q3", ANSWERED.content]
    assert await store.history("nobody") == []


async def test_a_title_is_the_first_question_until_it_is_renamed(store: SqlConversationStore) -> None:
    await store.ask(Asked("c1", "How do I  reset\nthe router? " + "really " * 30, "a1"))
    first = (await store.get("c1")).title
    assert first.startswith("How do I reset the router? really")
    assert len(first) <= 80
    await store.change("c1", ConversationDraft(title="Router"))
    await store.ask(Asked("c1", "Another question", "a2"))
    assert (await store.get("c1")).title == "Router"
    assert (await store.get("c1")).message_count == 4


async def test_pages_list_every_conversation_once_most_recently_used_first(
    store: SqlConversationStore,
) -> None:
    for number in range(7):
        await store.of("", "u" if number % 2 else None).create(conversation_id=f"c{number}")
    await store.ask(Asked("c0", "again", "a0"))

    listed: list[str] = []
    cursor = None
    while True:
        page = await store.list(limit=3, cursor=cursor)
        listed += [conversation.id for conversation in page.conversations]
        cursor = page.next_cursor
        if cursor is None:
            break

    assert listed == ["c0", "c6", "c5", "c4", "c3", "c2", "c1"]
    assert [one.id for one in (await store.list(user_id="u")).conversations] == ["c5", "c3", "c1"]


@pytest.mark.parametrize(
    "cursor", ["x", "!!!!", "W10", "WzEsMiwzXQ", "Wzk5OTk5OTk5OTk5OTk5OTksICJhIl0", "ünï"]
)
async def test_a_made_up_cursor_is_refused(store: SqlConversationStore, cursor: str) -> None:
    with pytest.raises(UsageError) as refused:
        await store.list(cursor=cursor)
    assert refused.value.code == "bad_cursor"


async def test_deleting_takes_the_messages_along_and_drops_a_running_answer(
    store: SqlConversationStore,
) -> None:
    await store.ask(Asked("c1", "How?", "a1"))
    await store.delete("c1")
    await store.finish("a1", ANSWERED)

    with pytest.raises(NotFound):
        await store.get("c1")
    with pytest.raises(NotFound):
        await store.message("a1")


@pytest.mark.parametrize("call", ["delete", "clear"])
async def test_deleted_words_leave_the_files_at_once(tmp_path: Path, call: str) -> None:
    async with SqlConversationStore(f"sqlite:///{tmp_path / 'conversations.sqlite'}") as store:
        await store.ask(Asked("c1", "a secret-marker-4711 question", "a1"))
        await store.journal.append({"a1": (0, ['{"seq":0,"token":"secret-marker-4711"}'])}, [])
        assert b"secret-marker-4711" in await asyncio.to_thread(_files, tmp_path)
        await getattr(store, call)("c1")
        assert b"secret-marker-4711" not in await asyncio.to_thread(_files, tmp_path)
        assert await store.journal.read("a1") == []


def _files(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.iterdir())


async def test_clearing_keeps_the_conversation_and_its_order(store: SqlConversationStore) -> None:
    await store.ask(Asked("c1", "How?", "a1"))
    await store.clear("c1")
    assert await store.messages("c1") == []
    await store.ask(Asked("c1", "Again?", "a2"))
    assert [message.id for message in await store.messages("c1") if message.role == "assistant"] == ["a2"]


@pytest.mark.parametrize("call", ["get", "delete", "clear", "messages", "message"])
async def test_what_does_not_exist_is_named(store: SqlConversationStore, call: str) -> None:
    with pytest.raises(NotFound, match="nothing-here"):
        await getattr(store, call)("nothing-here")
    with pytest.raises(NotFound, match="nothing-here"):
        await store.change("nothing-here", ConversationDraft(title="x"))
    with pytest.raises(NotFound, match="nothing-here"):
        await store.rate("nothing-here", Feedback("up"))


async def test_an_id_can_be_taken_once(store: SqlConversationStore) -> None:
    await store.create(conversation_id="mine")
    with pytest.raises(UsageError) as refused:
        await store.create(conversation_id="mine")
    assert refused.value.code == "conversation_exists"


async def test_refused_and_disliked_answers_are_reported_with_their_questions(
    store: SqlConversationStore,
) -> None:
    for name, record in (("good", ANSWERED), ("refused", REFUSED), ("disliked", ANSWERED)):
        await store.ask(Asked("c1", f"{name}?", name))
        await store.finish(name, record)
    await store.rate("good", Feedback("up"))
    await store.rate("disliked", Feedback("down", "not what I asked"))

    report = await store.unanswered()

    assert [(one.question, one.why, one.comment) for one in report] == [
        ("disliked?", "disliked", "not what I asked"),
        ("refused?", "no_match", ""),
    ]
    assert (await store.message("refused")).refusal == REFUSED.refusal
    await store.rate("disliked", None)
    assert [one.question for one in await store.unanswered()] == ["refused?"]


async def test_a_database_that_cannot_be_written_is_a_named_error(tmp_path: Path) -> None:
    (tmp_path / "conversations.sqlite").write_bytes(b"this is no database" * 100)
    async with SqlConversationStore(f"sqlite+aiosqlite:///{tmp_path / 'conversations.sqlite'}") as store:
        with pytest.raises(StorageFailed, match="conversation database"):
            await store.create()


async def test_a_database_that_goes_away_is_logged_once_and_used_again_when_it_is_back(
    tmp_path: Path,
) -> None:
    blocked = tmp_path / "blocked"
    await asyncio.to_thread(blocked.write_text, "a file where the directory should be")
    async with SqlConversationStore(f"sqlite+aiosqlite:///{blocked / 'conversations.sqlite'}") as store:
        with capture_logs() as logged:
            for number in range(4):
                with pytest.raises(StorageFailed):
                    await store.ask(Asked("c1", "How?", f"a{number}"))
            assert not store.available
            await asyncio.to_thread(blocked.unlink)
            await store.try_again()
            await store.ask(Asked("c1", "How?", "a5"))
        assert store.available
        assert [conversation.id for conversation in (await store.list()).conversations] == ["c1"]
    assert [line["event"] for line in logged] == [
        "conversations cannot be stored",
        "conversations are stored again",
    ]


async def test_a_locked_database_is_waited_for_a_moment(tmp_path: Path) -> None:
    path = tmp_path / "conversations.sqlite"
    async with SqlConversationStore(f"sqlite:///{path}") as store:
        await store.create(conversation_id="c1")
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            waiting = asyncio.create_task(store.ask(Asked("c1", "How?", "a1")))
            done, _ = await asyncio.wait([waiting], timeout=0.2)
            assert not done
            other.execute("COMMIT")
            await waiting
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StorageFailed):
                await store.ask(Asked("c1", "Again?", "a2"))
            other.execute("COMMIT")
        assert len(await store.messages("c1")) == 2


KILLED = """
import asyncio, sys
from ragchat.conversations import Asked
from ragchat.conversations.store import SqlConversationStore
async def main():
    store = SqlConversationStore(sys.argv[1])
    for number in range(10_000):
        await store.ask(Asked("c1", f"q{number}", f"a{number}"))
        print(number, flush=True)
asyncio.run(main())
"""


def test_what_was_acknowledged_survives_a_kill(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'conversations.sqlite'}"
    with subprocess.Popen([sys.executable, "-c", KILLED, url], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        acknowledged = -1
        for line in process.stdout:
            acknowledged = int(line)
            if acknowledged == 25:
                os.kill(process.pid, signal.SIGKILL)

    asked = asyncio.run(_questions(url))
    assert asked[: acknowledged + 1] == [f"q{number}" for number in range(acknowledged + 1)]
    assert len(asked) <= acknowledged + 2


async def _questions(url: str) -> list[str]:
    async with SqlConversationStore(url) as store:
        told = await store.messages("c1", limit=100_000)
    return [message.content for message in told if message.role == "user"]
