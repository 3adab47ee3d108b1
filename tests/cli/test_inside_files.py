"""Documents that lie inside of files, as a user meets them."""

import sqlite3
import zipfile
from contextlib import closing

import pytest
from conftest import Shell  # type: ignore[import-not-found,unused-ignore]

from ragchat.corpus.local.store import LocalStore

MAIL = """From: Ida <ida@example.org>
Subject: Keys
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain

The key for hall 4 is at the lodge.
--b
Content-Type: text/csv; name=hours.csv
Content-Disposition: attachment; filename=hours.csv

Day,Open
Sunday,8-12
--b--
"""


def keys(shell: Shell) -> list[str]:
    rows = shell.run("documents", "list", "--json").json()["documents"]
    assert isinstance(rows, list)
    return [row["key"] for row in rows]


def test_a_file_takes_along_what_lies_inside_it(shell: Shell) -> None:
    shell.write("docs/keys.eml", MAIL)
    with zipfile.ZipFile(shell.folder / "docs" / "rules.zip", "w") as archive:
        archive.writestr("gate.md", "# Gate\n\nThe gate is locked at nine.\n")
    assert shell.run("ingest", "docs").code == 0
    assert keys(shell) == ["keys.eml", "keys.eml#/hours.csv", "rules.zip#/gate.md"]
    answer = shell.run("ask", "When is the gate locked?", RAGCHAT_RERANKER="none")
    assert "locked at nine" in answer.out
    assert shell.run("documents", "remove", "keys.eml").out.startswith("2 document(s) removed")
    assert shell.run("documents", "remove", "rules.zip", "--purge").out.startswith("1 document(s) purged")
    assert keys(shell) == []
    gone = shell.run("documents", "remove", "rules.zip")
    assert (gone.code, "There is no document 'rules.zip'" in gone.err) == (2, True)


def test_what_was_removed_before_can_be_purged_by_its_path(shell: Shell) -> None:
    shell.write("docs/a.md", "# A\n\nOrdinary words.\n")
    shell.write("docs/secret.md", "# Secret\n\nGlabrous valves open at 42 bar.\n")
    shell.run("ingest", "docs")
    assert shell.run("documents", "remove", "secret.md").code == 0
    done = shell.run("documents", "remove", "secret.md", "--purge")
    assert (done.code, done.out[:22]) == (0, "1 document(s) purged f")
    stored = b"".join(path.read_bytes() for path in (shell.folder / "indexes").rglob("*") if path.is_file())
    assert b"labrous" not in stored
    again = shell.run("documents", "remove", "secret.md", "--purge")
    assert (again.code, "Nothing of 'secret.md' is stored" in again.err) == (2, True)


@pytest.mark.parametrize("by", ["path", "id"])
def test_the_same_command_finishes_a_purge_that_was_killed(shell: Shell, by: str) -> None:
    """As a kill after its publish leaves it: gone from the answers, marked as due, kept by the generation before."""
    shell.write("docs/a.md", "# A\n\nOrdinary words.\n")
    shell.write("docs/secret.md", "# Secret\n\nGlabrous valves open at 42 bar.\n")
    shell.run("ingest", "docs")
    home = LocalStore(shell.folder / "indexes" / "default")
    with home.open() as generation:
        (secret,) = (
            one.id for one in generation.documents(after="", after_id="", limit=9) if one.key == "secret.md"
        )
    home.remove([secret])
    with closing(sqlite3.connect(home.directory / "catalog.sqlite")) as catalog, catalog:
        catalog.execute("INSERT INTO purges VALUES (?)", (secret,))

    done = shell.run("documents", "remove", "secret.md" if by == "path" else secret, "--purge")

    assert (done.code, "which was interrupted, is finished now" in done.out) == (0, True)
    stored = b"".join(path.read_bytes() for path in home.directory.rglob("*") if path.is_file())
    assert b"labrous" not in stored
    assert home.due_purges() == []


def test_a_purge_that_never_came_to_its_publish_is_made_by_the_same_command(shell: Shell) -> None:
    shell.write("docs/a.md", "# A\n\nOrdinary words.\n")
    shell.write("docs/secret.md", "# Secret\n\nGlabrous valves open at 42 bar.\n")
    shell.run("ingest", "docs")
    home = LocalStore(shell.folder / "indexes" / "default")
    with closing(sqlite3.connect(home.directory / "catalog.sqlite")) as catalog, catalog:
        catalog.execute("INSERT INTO purges SELECT document_id FROM versions WHERE key = 'secret.md'")
    done = shell.run("documents", "remove", "secret.md", "--purge")
    assert (done.code, done.out[:22]) == (0, "1 document(s) purged f")


def test_a_purge_that_is_hindered_again_says_so(shell: Shell) -> None:
    shell.write("docs/a.md", "# A\n\nOrdinary words.\n")
    shell.write("docs/secret.md", "# Secret\n\nGlabrous valves open at 42 bar.\n")
    shell.run("ingest", "docs")
    catalog = shell.folder / "indexes" / "default" / "catalog.sqlite"
    with closing(sqlite3.connect(catalog, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM versions").fetchone()
        for _ in range(2):
            hindered = shell.run("documents", "remove", "secret.md", "--purge")
            assert (hindered.code, "words of them remain on the disk" in hindered.err) == (3, True), hindered
        reader.execute("COMMIT")
    assert shell.run("documents", "remove", "secret.md", "--purge").code == 0
