"""What the commands do over a damaged catalog: they say what is wrong, and the ways out that they name are open."""

import sqlite3
from contextlib import closing

import pytest

from tests.cli.conftest import Shell

CATALOG = "indexes/default/catalog.sqlite"


@pytest.fixture
def moved(docs: Shell) -> Shell:
    """An index whose pointer shows elsewhere than where the last publish set it."""
    assert docs.run("ingest", "docs").code == 0
    with closing(sqlite3.connect(docs.folder / CATALOG)) as connection, connection:
        connection.execute("UPDATE meta SET value = 7 WHERE name = 'current'")
    return docs


def test_verify_lists_a_damaged_pointer_among_its_problems(moved: Shell) -> None:
    done = moved.run("verify", "--json")
    assert done.code == 3
    problems = done.json()["problems"]
    assert isinstance(problems, list)
    assert [problem["thing"] for problem in problems] == ["catalog.sqlite, pointer and counters"]


def test_ingest_mends_a_damaged_pointer(moved: Shell) -> None:
    moved.write("docs/new.md", "# News\n\nThe canteen opens at eleven.\n")
    done = moved.run("ingest", "docs", "--json")
    assert (done.code, done.json()["documents"]) == (
        0,
        {"added": 1, "updated": 0, "renamed": 0, "unchanged": 3, "removed": 0, "empty": 0, "failed": 0},
    )
    assert moved.run("verify").code == 0


@pytest.mark.parametrize("command", [("index", "rebuild"), ("index", "prune", "--keep", "1")])
def test_commands_that_write_mend_a_damaged_pointer(moved: Shell, command: tuple[str, ...]) -> None:
    done = moved.run(*command)
    assert (done.code, done.err) == (0, "")
    assert moved.run("verify").code == 0


def test_reading_says_that_the_pointer_is_damaged_and_names_the_way_out(moved: Shell) -> None:
    for command in (("search", "vacation"), ("documents", "list"), ("status",)):
        done = moved.run(*command)
        assert done.code == 3
        assert "pointer and counters" in done.err
        assert "ragchat ingest" in done.err
