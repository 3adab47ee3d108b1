"""Exit codes tell the truth: of being stopped, of a report that could not be kept, of arguments that are no text."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.cli.conftest import Shell


def started(shell: Shell, *arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "ragchat", *arguments],
        cwd=shell.folder,
        env=shell.environment({"PYTHONUNBUFFERED": "1"}),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def told_until(process: "subprocess.Popen[str]", word: str) -> None:
    assert process.stderr is not None
    for line in process.stderr:
        if word in line:
            return
    raise AssertionError(f"it ended before it said {word!r}")


def test_a_server_that_is_told_to_stop_ends_with_0(shell: Shell) -> None:
    shell.write("docs/a.md", "# Hours\n\nThe shop opens at 9.\n")
    assert shell.run("ingest", "docs").code == 0
    with started(shell, "serve", "--port", "0") as server:
        told_until(server, "ragchat is on")
        server.send_signal(signal.SIGTERM)
        assert server.wait(60) == 0


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Programs that are started hear SIGINT, also where these tests run in the background and ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize(("signal_number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_an_ingest_that_is_stopped_says_what_holds(
    shell: Shell, signal_number: signal.Signals, code: int
) -> None:
    for (
        name
    ) in "bc":  # no two sentences alike: what a document repeats is embedded once, and the run would be over
        words = "".join(f"Word {number} of {name} and more. " for number in range(30_000))
        shell.write(f"docs/{name}.md", f"# {name}\n\nSomething to read.\n{words}")
    with started(shell, "ingest", "docs") as run:
        lock = shell.folder / "indexes" / "default" / "writer.lock"
        while not lock.exists():
            assert run.poll() is None
            os.sched_yield()
        run.send_signal(signal_number)
        _, said = run.communicate(timeout=100)
    assert (run.returncode, "Stopped: nothing was published" in said) == (code, True), said
    assert "Traceback" not in said


def test_a_report_that_cannot_be_kept_is_a_warning_about_a_generation_that_holds(shell: Shell) -> None:
    shell.write("docs/a.md", "# A\n\nThe first words.\n")
    assert shell.run("ingest", "docs").code == 0
    with sqlite3.connect(shell.folder / "indexes/default/catalog.sqlite") as catalog:
        # A table whose numbers are used up: SQLite then says what it says of a full disk.
        catalog.execute("CREATE TABLE brim (number INTEGER PRIMARY KEY AUTOINCREMENT)")
        catalog.execute("INSERT INTO brim VALUES (9223372036854775807)")
        catalog.execute("CREATE TRIGGER full BEFORE INSERT ON runs BEGIN INSERT INTO brim VALUES (NULL); END")
    shell.write("docs/b.md", "# B\n\nThe second words.\n")
    done = shell.run("ingest", "docs", "--json")
    assert (done.code, done.json()["published"]) == (0, True), done.err
    assert "is published, but the report" in done.err


def test_an_argument_that_is_no_utf8_is_named(shell: Shell) -> None:
    done = subprocess.run(
        [sys.executable.encode(), b"-m", b"ragchat", b"ingest", b"docs/caf\xe9.md"],
        cwd=shell.folder,
        env=shell.environment({}),
        capture_output=True,
        timeout=60,
    )
    assert done.returncode == 2
    assert b"caf\\xe9.md is not UTF-8" in done.stderr
    assert b"Traceback" not in done.stderr


def test_a_pattern_that_is_none_stops_the_run_before_anything_is_read(shell: Shell) -> None:
    shell.write("docs/a.md", "# A\n\nWords.\n")
    shell.write("docs/.ragchatignore", "!\n")
    done = shell.run("ingest", "docs")
    assert (done.code, ".ragchatignore" in done.err) == (2, True)
