"""Folders that are followed, files that failed, and paths that hold nothing."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic, sleep

import pytest
from conftest import Shell  # type: ignore[import-not-found,unused-ignore]


def test_a_path_with_nothing_to_read_says_what_was_looked_for(shell: Shell) -> None:
    (shell.folder / "empty").mkdir()
    done = shell.run("ingest", "empty")
    assert done.code == 2
    assert "nothing to read in empty (no files)" in done.err
    assert "docs/formats.md" in done.err
    (shell.folder / "empty" / "tool.exe").write_bytes(b"MZ")
    assert "1 skipped: program" in shell.run("ingest", "empty").err


@pytest.mark.parametrize(
    ("address", "hint"),
    [
        ("s3://key:secret@bucket/docs", "come from the environment"),
        ("imaps://me@mail.example/INBOX", "Set RAGCHAT_IMAP_PASSWORD"),
        ("imaps://me:secret@mail.example/INBOX", "Write imaps://user@host/INBOX"),
        ("ftp://example.com/docs", "Web sites (https://…), git repositories"),
        ("http://127.0.0.1:9/docs", "add --allow-private"),
        ("https://me:secret@example.com/docs", "without user name and password"),
        ("git+https://me:secret@example.com/a.git", "credential helper"),
    ],
)
def test_an_address_gets_a_way_to_do_it(shell: Shell, address: str, hint: str) -> None:
    done = shell.run("ingest", address)
    assert done.code == 2
    assert "secret" not in done.err
    assert hint in " ".join(done.err.split())


def test_a_folder_that_holds_nothing_any_more_is_asked_about(shell: Shell) -> None:
    path = shell.write("docs/a.md", "# A\n\nWords.\n")
    shell.run("ingest", "docs")
    path.unlink()
    done = shell.run("ingest", "docs")
    assert (done.code, "--allow-deletes" in done.err) == (4, True)
    assert shell.run("ingest", "docs", "--allow-deletes").code == 0


def test_one_of_two_folders_that_holds_nothing_any_more_is_asked_about(shell: Shell) -> None:
    path = shell.write("a/a.md", "# A\n\nWords.\n")
    shell.write("c/c.md", "# C\n\nOther words.\n")
    shell.run("ingest", "a", "c")
    path.unlink()
    done = shell.run("ingest", "a", "c")
    assert (done.code, "holds no document any more" in done.err) == (4, True)


def test_failed_and_empty_files_are_listed_until_they_are_read(shell: Shell) -> None:
    shell.write("docs/a.md", "# A\n\nWords.\n")
    shell.write("docs/c.md", "<!-- nothing -->\n")
    broken = shell.folder / "docs" / "b.docx"
    broken.write_bytes(b"PK\x03\x04x")
    shell.run("ingest", "docs")
    shell.write("other/o.md", "# O\n\nOther.\n")
    shell.run("ingest", "other")
    done = shell.run("status", "--failed", "--json")
    assert done.code == 1
    found = done.json()["failed"]
    assert isinstance(found, list)
    assert [(one["uri"], one["state"]) for one in found] == [("b.docx", "failed"), ("c.md", "empty")]
    broken.unlink()
    shell.write("docs/c.md", "# C\n\nNow there is something.\n")
    shell.run("ingest", "docs")
    assert shell.run("status", "--failed").code == 0


def test_a_file_that_can_be_read_no_more_is_said_to_answer_still(shell: Shell) -> None:
    shell.write("docs/a.docx.md", "x")
    path = shell.write("docs/plan.json", '{"gate": "4417"}')
    shell.run("ingest", "docs")
    path.write_bytes(b"\x00\x01\x02" * 300)
    done = shell.run("ingest", "docs", "--json")
    failures = done.json()["failures"]
    assert isinstance(failures, list)
    assert "earlier version is still served" in failures[0]["message"]


@contextmanager
def following(shell: Shell, *options: str) -> Iterator[subprocess.Popen[str]]:
    """`ingest docs --watch` from when it has begun to follow."""
    process = subprocess.Popen(
        [sys.executable, "-m", "ragchat", "ingest", "docs", "--watch", *options],
        cwd=shell.folder,
        env=shell.environment({}),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr is not None
        while "Watching docs" not in process.stderr.readline():
            assert process.poll() is None
        yield process
    finally:
        if process.poll() is None:
            os.kill(process.pid, signal.SIGKILL)
            process.communicate()


def wait_for(shell: Shell, name: str) -> None:
    deadline = monotonic() + 60
    while name not in shell.run("documents", "list", "--json").out:
        assert monotonic() < deadline
        sleep(0.5)


def test_followed_folders_take_in_every_change(shell: Shell) -> None:
    shell.write("docs/a.md", "# A\n\nFirst words.\n")
    with following(shell) as process:
        shell.write("docs/b.md", "# B\n\nSecond words.\n")
        wait_for(shell, "b.md")
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
        assert process.returncode == 0


def test_a_folder_that_was_replaced_is_followed_again(shell: Shell) -> None:
    shell.write("docs/a.md", "# A\n\nFirst words.\n")
    with following(shell, "--allow-deletes") as process:
        (shell.folder / "docs").rename(shell.folder / "old")
        sleep(2)
        shell.write("docs/n.md", "# N\n\nNew words.\n")
        wait_for(shell, "n.md")
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
        assert process.returncode == 0
