"""One changed bit in what is stored is named, by whoever reads it and by the check; it is never served."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import JSON, Connection, String, Table, text
from sqlalchemy.types import TypeEngine

from ragchat.answering.events import Usage
from ragchat.conversations import AnswerRecord, Asked, ConversationDraft, Feedback
from ragchat.conversations.checking import Damage, damages
from ragchat.conversations.database.opening import engine_at
from ragchat.conversations.database.seals import DamagedRow
from ragchat.conversations.database.tables import UtcDateTime, conversations, journal, messages
from ragchat.conversations.store import SqlConversationStore
from ragchat.errors import NotFound, StorageFailed

ANSWERED = AnswerRecord(
    status="complete",
    content="Hold the button for nine seconds.",
    sources=(),
    citations=(),
    finish="answered",
    refusal=None,
    grounded=0.75,
    model="extractive",
    generation=12,
    usage=Usage(3, 4),
    timings={"total": 1.5, "large": 1e17},
)
DRAFT = ConversationDraft(
    title="Pumps",
    metadata={"team": "red", "size": 1e16},
    system_prompt="Be brief.",
    preferences={"tone": "dry"},
)
KEYS = {"id", "message_id", "seq", "conversation_id", "role"}
"""Columns that say which row is meant: with another value it is another row. Both databases check `role`."""


async def _filled(store: SqlConversationStore) -> None:
    await store.of("", "ann").create(conversation_id="c1", draft=DRAFT)
    await store.of("", "ann").create(conversation_id="c2")
    for name, answer in (("c1", "a1"), ("c2", "a2")):
        await store.of("", "ann").ask(Asked(name, "How do I reset it?", answer))
        await store.journal.append({answer: (0, ['{"type": "start"}', '{"type": "done"}'])}, [answer])
        await store.finish(answer, ANSWERED)
    await store.rate("a1", Feedback("down", "Too short"))


async def _changed(url: str, change: Callable[[Connection], None]) -> None:
    engine = engine_at(url)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(change)
    finally:
        await engine.dispose()


def _other(value: Any, kind: TypeEngine[Any]) -> Any:
    """Another value of this kind, one bit away where it has bits of its own."""
    if isinstance(kind, JSON):
        return {"other": 1}
    if isinstance(kind, UtcDateTime):
        return datetime(2001, 2, 3, tzinfo=UTC)
    if isinstance(value, int | float):
        return value + 1
    if not value:
        return "x" if isinstance(kind, String) else 7
    return chr(ord(value[0]) ^ 1) + value[1:]


def _columns(table: Table) -> list[str]:
    return [column.name for column in table.columns if column.name not in KEYS]


@pytest.mark.parametrize(
    ("table", "column"),
    [(table, name) for table in (conversations, messages, journal) for name in _columns(table)],
)
async def test_one_changed_cell_is_found_and_never_served(
    store: SqlConversationStore, database_url: str, table: Table, column: str
) -> None:
    await _filled(store)
    assert await damages(database_url) == []
    where = {"conversations": "name = 'c1'", "messages": "id = 'a1'", "journal": "message_id = 'a1'"}[
        table.name
    ]

    def change(connection: Connection) -> None:
        before = connection.execute(text(f"SELECT {column} FROM {table.name} WHERE {where}")).scalar_one()
        new = _other(before, table.c[column].type)
        connection.execute(table.update().where(text(where)).values({column: new}))

    await _changed(database_url, change)

    (damage,) = await damages(database_url)
    assert (
        damage.thing in ("Conversation 'c1'", "Message 'a1'", "The journal of answer 'a1'")
        or column == "name"
    )
    assert not await _served(store, table)
    assert (await store.messages("c2"))[1].content == ANSWERED.content
    assert store.available


async def _served(store: SqlConversationStore, table: Table) -> bool:
    """Whether anything is told of the damaged row."""
    if table is conversations:
        listed = [one.id for one in (await store.list()).conversations]
        return listed != ["c2"] or await _refused(store.get("c1"))
    if table is journal:
        return await _refused(store.journal.read("a1"))
    gaps = await store.unanswered()
    return bool(gaps) or await _refused(store.message("a1")) or await _refused(store.messages("c1"))


async def _refused(call: Any) -> bool:
    """False when it is: DamagedRow, or nothing there of this name."""
    try:
        await call
    except DamagedRow:
        return False
    except NotFound:  # the name itself is what was changed
        return False
    return True


async def test_no_later_write_seals_what_is_damaged(store: SqlConversationStore, database_url: str) -> None:
    await _filled(store)

    def change(connection: Connection) -> None:
        connection.execute(text("UPDATE messages SET content = 'Hold it for one second.' WHERE id = 'a1'"))
        connection.execute(text("UPDATE conversations SET user_id = 'bob' WHERE name = 'c1'"))

    await _changed(database_url, change)
    for call in (
        store.rate("a1", Feedback("up", "")),
        store.finish("a1", replace(ANSWERED, content="New.")),
        store.change("c1", ConversationDraft(title="New")),
        store.of("", "bob").ask(Asked("c1", "And then?", "a3")),
    ):
        with pytest.raises(DamagedRow):
            await call
    assert len(await damages(database_url)) == 2

    await store.delete("c1")
    assert await damages(database_url) == []


async def test_earlier_turns_that_are_damaged_are_not_told_to_a_model(
    store: SqlConversationStore, database_url: str
) -> None:
    await _filled(store)
    change = text("UPDATE messages SET content = 'Hold it for one second.' WHERE id = 'a1'")
    await _changed(database_url, lambda connection: connection.execute(change) and None)
    with pytest.raises(StorageFailed) as refused:
        await store.of("", "ann").ask(Asked("c1", "And then?", "a3", history=10, history_tokens=1000))
    assert refused.value.code == "conversations_damaged"
    assert len(await store.of("", "ann").messages("c2")) == 2


async def test_rows_of_a_file_that_is_damaged_are_named(tmp_path: Any) -> None:
    url = f"sqlite:///{tmp_path / 'conversations.sqlite'}"
    async with SqlConversationStore(url) as store:
        await _filled(store)
    file = tmp_path / "conversations.sqlite"
    whole = file.read_bytes()
    at = whole.index(b"Hold the button")
    file.write_bytes(whole[:at] + bytes([whole[at] ^ 128]) + whole[at + 1 :])  # no UTF-8 any more
    found = await damages(url)
    assert [one.thing for one in found] == ["messages row a1"] or [one.thing for one in found] == [
        "messages row a2"
    ]

    file.write_bytes(
        whole[:18] + bytes([whole[18] ^ 64]) + whole[19:]
    )  # SQLite reads it, and writes it no more
    assert await damages(url) == [Damage("conversation database", "its header lets nobody write it")]
    file.write_bytes(whole[:100] + bytes(4000) + whole[4100:])
    assert await damages(url)
    file.write_bytes(b"no database" * 1000)
    (only,) = await damages(url)
    assert only == Damage("conversation database", "cannot be read: file is not a database")
    assert await damages(f"sqlite:///{tmp_path / 'none.sqlite'}") == []
