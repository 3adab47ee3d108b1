"""`ragchat conversations`: what the server stored, on the command line."""

import asyncio
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from ragchat.cli import app
from ragchat.conversations import Asked
from ragchat.conversations.store import SqlConversationStore


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The index folder of a server that two users asked in a conversation of one name."""

    async def talk() -> None:
        async with SqlConversationStore(f"sqlite:///{tmp_path / 'conversations.sqlite'}") as store:
            for user in ("ann", "bob"):
                await store.of("", user).ask(Asked("c1", f"How, {user}?", f"a-{user}"))

    asyncio.run(talk())
    return tmp_path


def test_conversations_are_listed_and_exported(folder: Path) -> None:
    def run(*arguments: str) -> str:
        result = CliRunner().invoke(app, ["conversations", *arguments, "--index-dir", str(folder)])
        assert result.exit_code == 0, result.output
        return result.stdout

    listed = json.loads(run("list", "--json"))["conversations"]
    assert [(one["id"], one["user_id"]) for one in listed] == [("c1", "bob"), ("c1", "ann")]
    assert "How, ann?" in run("list", "--user", "ann")
    assert json.loads(run("export", "c1", "--user", "ann"))["conversation"]["title"] == "How, ann?"
    assert run("export", "c1", "--format", "markdown").startswith("# How, bob?\n")
    run("export", "c1", "--output", str(folder / "out.json"))
    assert json.loads((folder / "out.json").read_text("utf-8"))["messages"][0]["content"] == "How, bob?"


def test_verify_names_a_conversation_that_is_damaged(folder: Path) -> None:
    (folder / "note.md").write_text("# Hours\n\nThe shop opens at nine.\n")

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(app, [*arguments, "--index-dir", str(folder)])

    assert run("ingest", str(folder / "note.md")).exit_code == 0
    assert run("verify").exit_code == 0
    with closing(sqlite3.connect(folder / "conversations.sqlite")) as database, database:
        database.execute("UPDATE messages SET content = 'Why, ann?' WHERE content = 'How, ann?'")
    done = run("verify", "--json")
    assert done.exit_code == 3
    (problem,) = json.loads(done.stdout)["problems"]
    assert (problem["code"], problem["detail"]) == ("conversations", "it is not what was stored")
    assert problem["thing"].startswith("Message ")


def test_a_conversation_that_is_not_there_is_named(folder: Path) -> None:
    result = CliRunner().invoke(app, ["conversations", "export", "zz", "--index-dir", str(folder)])
    assert result.exit_code != 0
    assert "zz" in str(result.exception)
