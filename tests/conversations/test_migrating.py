"""A database of an earlier ragchat is brought up to date; one of a later is refused by name."""

import asyncio
import warnings
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from ragchat.conversations.checking import damages
from ragchat.conversations.database import migrating, migrations
from ragchat.conversations.database.opening import engine_at
from ragchat.conversations.database.tables import HEAD, metadata
from ragchat.conversations.store import SqlConversationStore
from ragchat.errors import StorageFailed

_MESSAGE = (
    "INSERT INTO messages (id, conversation_id, position, role, status, content, created, model, input_tokens,"
    " output_tokens, error_code, comment) VALUES ('{}', 'c1', {}, '{}', '{}', '{}',"
    " '2026-01-01 00:00:00', '', 0, 0, '', '')"
)


def _of_before(connection: Connection) -> None:
    """The tables as they were made before they were counted, with a conversation that a killed process left."""
    config = Config()
    config.set_main_option("script_location", migrations.__path__[0])
    config.attributes["connection"] = connection
    command.upgrade(config, "0001")
    connection.execute(text("DROP TABLE alembic_version"))
    connection.execute(
        text(
            "INSERT INTO conversations (id, user_id, title, created, updated, next_position)"
            " VALUES ('c1', 'ann', 'How?', '2026-01-01 00:00:00', '2026-01-01 00:00:00', 2)"
        )
    )
    connection.execute(text(_MESSAGE.format("m1", 0, "user", "complete", "How?")))
    connection.execute(text(_MESSAGE.format("a1", 1, "assistant", "streaming", "")))


async def run(url: str, work: object) -> object:
    if url.startswith("sqlite"):
        await asyncio.to_thread(
            Path(url.removeprefix("sqlite:///")).parent.mkdir, parents=True, exist_ok=True
        )
    engine = engine_at(url)
    try:
        async with engine.begin() as connection:
            return await connection.run_sync(work)  # type: ignore[arg-type]
    finally:
        await engine.dispose()


async def test_a_database_of_before_is_taken_over(database_url: str) -> None:
    await run(database_url, _of_before)
    async with SqlConversationStore(database_url) as store:
        view = store.of("", "ann")
        assert [(one.id, one.title) for one in (await view.list()).conversations] == [("c1", "How?")]
        question, answer = await view.messages("c1")
        assert (question.content, answer.status, answer.finish) == ("How?", "partial", "incomplete")
    assert await run(database_url, migrating.up_to_date)
    assert await damages(database_url) == []
    assert await run(database_url, _sums) == []


def _sums(connection: Connection) -> list[int]:
    both = text(
        "SELECT crc FROM conversations WHERE crc = 0 UNION ALL SELECT crc FROM messages WHERE crc = 0"
    )
    return list(connection.execute(both).scalars())


async def test_a_new_database_is_what_the_steps_would_have_made(database_url: str) -> None:
    def differences(connection: Connection) -> object:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # SQLite's expression index is not reflected
            return compare_metadata(MigrationContext.configure(connection), metadata)

    await run(database_url, _of_before)
    await run(database_url, migrating.bring_up_to_date)
    differing = await run(database_url, differences)
    assert [one for one in differing if "alembic_version" not in repr(one)] == []  # type: ignore[attr-defined]
    config = Config()
    config.set_main_option("script_location", migrations.__path__[0])
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


async def test_two_that_open_a_new_or_old_database_at_once_both_can(database_url: str) -> None:
    await run(database_url, _of_before)
    stores = [SqlConversationStore(database_url) for _ in range(4)]
    await asyncio.gather(*(store.create() for store in stores))
    assert len((await stores[0].list()).conversations) == 5
    for store in stores:
        await store.close()


async def test_a_database_of_a_later_ragchat_is_refused_by_name(database_url: str) -> None:
    async with SqlConversationStore(database_url) as store:
        await store.create()

    def later(connection: Connection) -> None:
        connection.execute(text("UPDATE alembic_version SET version_num = '0999'"))

    await run(database_url, later)
    async with SqlConversationStore(database_url) as store:
        with pytest.raises(StorageFailed, match="0999") as refused:
            await store.create()
    assert refused.value.code == "conversations_too_new"
    assert "Update ragchat" in refused.value.hint
