"""From a folder of documents to a cited answer, as a user types it."""

import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

from tests.cli.conftest import Shell

STATUSES = {"added", "updated", "renamed", "unchanged", "removed", "empty", "failed"}


def counts(report: dict[str, object]) -> dict[str, int]:
    documents = report["documents"]
    assert isinstance(documents, dict)
    assert set(documents) == STATUSES
    return {name: number for name, number in documents.items() if number}


def test_ingest_then_ask_quotes_the_document(docs: Shell) -> None:
    report = docs.run("ingest", "docs", "--json").json()
    assert counts(report) == {"added": 3}
    assert set(report["seconds"]) == {"scan", "extract", "split", "embed", "index", "publish", "total"}
    asked = docs.run("ask", "How", "many", "vacation", "days", "do", "I", "have?", "--json")
    assert asked.code == 0, asked.err
    answer = asked.json()
    assert "28 vacation days" in answer["response"]
    citation = answer["citations"][0]
    assert citation["verified"] is True
    assert citation["document"]["uri"] == "leave.md"
    assert citation["span"]["heading_path"][-1] == "Vacation"
    shown = docs.run("documents", "show", "leave.md", "--json").json()
    assert shown["text"][citation["span"]["start"] : citation["span"]["end"]] == citation["quote"]


def test_the_blocks_of_a_document_are_shown(docs: Shell) -> None:
    docs.write("docs/steps.md", "# Steps\n\nTo begin:\n\n1. Open the lid.\n2. Press the button.\n")
    assert docs.run("ingest", "docs").code == 0
    shown = docs.run("documents", "show", "steps.md", "--blocks")
    assert shown.code == 0, shown.err
    lines = shown.out.splitlines()
    step = next(line for line in lines if line.split()[1:2] == ["step:"])
    above = next(line for line in lines if line.split()[1:2] == ["list:"])
    assert "Open the lid." in step
    assert step.index("step:") > above.index("list:")

    told = docs.run("documents", "show", "steps.md", "--blocks", "--json").json()
    assert told["language"] == "en"
    blocks = told["blocks"]
    assert isinstance(blocks, list)
    assert [block["kind"] for block in blocks] == ["heading", "paragraph", "list", "step", "step"]
    assert blocks[2]["lead"] == {"start": blocks[1]["span"]["start"], "end": blocks[1]["span"]["end"]}


def test_text_output_is_plain_and_progress_stays_off_stdout(docs: Shell) -> None:
    docs.run("ingest", "docs")
    asked = docs.run("ask", "How long is the password link valid?")
    assert "45 minutes" in asked.out
    assert "[1]" in asked.out
    assert "\x1b" not in asked.out + asked.err


def test_a_question_that_the_documents_do_not_answer_is_refused_with_its_own_exit_code(docs: Shell) -> None:
    docs.run("ingest", "docs")
    asked = docs.run("ask", "Who won the football world cup in 1998?", "--json")
    assert asked.code == 6
    answer = asked.json()
    assert answer["finish"] == "refused"
    assert answer["refusal"]["reason"] in {"no_match", "low_support"}
    assert answer["citations"] == []


def test_only_what_changed_is_done_again(docs: Shell) -> None:
    docs.run("ingest", "docs")
    again = docs.run("ingest", "docs", "--json").json()
    assert counts(again) == {"unchanged": 3}
    assert again["chunks"]["embedded"] == 0
    assert again["published"] is False

    docs.write("docs/new.md", "# Lunch\n\nThe canteen opens at 11:45.\n")
    (docs.folder / "docs/password.md").rename(docs.folder / "docs/credentials.md")
    (docs.folder / "docs/prices.csv").unlink()
    changed = docs.run("ingest", "docs", "--json").json()
    assert counts(changed) == {"added": 1, "renamed": 1, "unchanged": 1, "removed": 1}
    assert changed["generation"] == again["generation"] + 1


def test_a_deleted_document_stops_answering_and_a_rollback_brings_it_back(docs: Shell) -> None:
    docs.run("ingest", "docs")
    (docs.folder / "docs/password.md").unlink()
    docs.run("ingest", "docs")
    question = ("ask", "How long is the password reset link valid?", "--json")
    assert "45 minutes" not in docs.run(*question).out
    assert docs.run("verify").code == 0
    assert docs.run("index", "rollback").code == 0
    assert "45 minutes" in docs.run(*question).out


def test_a_purged_document_is_nowhere_on_the_disk(docs: Shell) -> None:
    docs.write("docs/secret.md", "# Project\n\nThe code name is Zanzibarquokka.\n")
    docs.run("ingest", "docs")
    removed = docs.run("documents", "remove", "secret.md", "--purge")
    assert removed.code == 0, removed.err
    stored = [path for path in (docs.folder / "indexes").rglob("*") if path.is_file()]
    assert stored
    assert not [path for path in stored if b"anzibarquokka" in path.read_bytes().lower()]


def test_one_bad_file_never_stops_the_run(docs: Shell) -> None:
    (docs.folder / "docs/broken.pdf").write_bytes(b"%PDF-1.7\nnothing of a PDF follows")
    done = docs.run("ingest", "docs", "--json")
    assert done.code == 1
    report = done.json()
    assert counts(report) == {"added": 3, "failed": 1}
    assert report["failures"][0]["uri"] == "broken.pdf"
    assert report["failures"][0]["message"]


def test_a_run_that_would_remove_most_documents_asks_first(docs: Shell) -> None:
    for number in range(20):
        docs.write(f"docs/note-{number}.md", f"# Note {number}\n\nThis is note number {number}.\n")
    docs.run("ingest", "docs")
    for number in range(15):
        (docs.folder / f"docs/note-{number}.md").unlink()
    refused = docs.run("ingest", "docs")
    assert refused.code == 4
    assert "--allow-deletes" in refused.err
    assert docs.run("status", "--json").json()["collections"][0]["documents"] == 23
    assert counts(docs.run("ingest", "docs", "--allow-deletes", "--json").json())["removed"] == 15


def test_a_dry_run_reports_and_writes_nothing(docs: Shell) -> None:
    report = docs.run("ingest", "docs", "--dry-run", "--json").json()
    assert counts(report) == {"added": 3}
    assert report["chunks"]["new"] >= 3
    assert docs.run("ask", "How many vacation days?").code == 3


def test_every_jsonl_line_is_a_document(docs: Shell) -> None:
    lines = [
        {
            "id": "T-1",
            "title": "Refunds",
            "text": "Refunds are paid within 14 days.",
            "url": "https://help.example/1",
        },
        {"id": "T-2", "title": "Invoices", "text": "Invoices are sent on the first day of the month."},
    ]
    path = docs.write("tickets.jsonl", "".join(json.dumps(line) + "\n" for line in lines) + "not json\n")
    done = docs.run("ingest", str(path), "--json")
    assert done.code == 1
    assert counts(done.json()) == {"added": 2, "failed": 1}
    answer = docs.run("ask", "When are refunds paid?", "--json").json()
    assert answer["citations"][0]["document"]["uri"] == "https://help.example/1"


def test_roots_do_not_touch_each_other_and_a_part_can_be_refreshed(docs: Shell) -> None:
    docs.write("more/extra.md", "# Extra\n\nThe office dog is called Bruno.\n")
    docs.run("ingest", "docs")
    assert counts(docs.run("ingest", "more", "--json").json()) == {"added": 1}
    docs.write("docs/leave.md", "# Leave policy\n\nEvery employee has 30 vacation days a year.\n")
    assert counts(docs.run("ingest", "docs/leave.md", "--json").json()) == {"updated": 1}
    assert docs.run("status", "--json").json()["collections"][0]["documents"] == 4


def test_errors_name_the_thing_and_the_next_step(shell: Shell) -> None:
    missing = shell.run("ingest", "nowhere")
    assert missing.code == 2
    assert "nowhere" in missing.err
    unready = shell.run("ask", "Anything?")
    assert unready.code == 3
    assert "ragchat ingest" in unready.err
    assert shell.run("ask", stdin="").code == 2
    assert shell.run("ingest", ".", "--collection", "../up").code == 2


def test_asking_can_read_the_question_from_a_pipe(docs: Shell) -> None:
    docs.run("ingest", "docs")
    assert "28 vacation days" in docs.run("ask", stdin="How many vacation days are there?").out


def test_search_explains_its_scores(docs: Shell) -> None:
    docs.run("ingest", "docs")
    found = docs.run("search", "team plan price", "--explain", "--json").json()
    best = found["passages"][0]
    assert best["key"] == "prices.csv"
    assert best["explanation"]


def test_nothing_is_left_in_the_working_folder_but_the_index(docs: Shell) -> None:
    docs.run("ingest", "docs")
    docs.run("ask", "How many vacation days?")
    assert {path.name for path in Path(docs.folder).iterdir()} == {"docs", "indexes"}


def test_two_ingests_at_once_one_waits_or_is_told_who_holds_the_lock(docs: Shell) -> None:
    from ragchat.corpus.local.store import LocalStore

    with LocalStore(docs.folder / "indexes/default").run():
        busy = docs.run("ingest", "docs")
        assert busy.code == 4
        assert str(os.getpid()) in busy.err
    assert docs.run("ingest", "docs", "--wait").code == 0


def test_an_interrupted_ingest_publishes_nothing_and_the_next_run_goes_on(docs: Shell) -> None:
    for number in range(400):
        docs.write(f"docs/n{number}.md", f"# Note {number}\n\n" + f"Sentence {number} of many. " * 60)
    command = [sys.executable, "-m", "ragchat", "ingest", "docs"]
    with subprocess.Popen(
        command,
        cwd=docs.folder,
        env=docs.environment({}),
        stderr=subprocess.PIPE,
        text=True,
        # What runs these tests may have been started in the background, where shells ignore ^C for all descendants.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as process:
        catalog = docs.folder / "indexes/default/catalog.sqlite"
        while process.poll() is None and not (catalog.exists() and _embedded(catalog)):
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "nothing was published" in err
    assert docs.run("ask", "anything?").code == 3
    report = docs.run("ingest", "docs", "--json").json()
    assert report["chunks"]["cached"] > 0
    assert counts(report) == {"added": 403}


def _embedded(catalog: Path) -> bool:
    """Whether embeddings have been committed."""
    try:
        with contextlib.closing(sqlite3.connect(f"file:{catalog}?mode=ro", uri=True)) as connection:
            return bool(connection.execute("SELECT count(*) FROM embeddings").fetchone()[0])
    except sqlite3.Error:
        return False


def test_with_json_a_failure_is_one_json_object_too(shell: Shell) -> None:
    failed = shell.run("ask", "Anything?", "--json")
    assert failed.code == 3
    assert failed.json()["error"]["code"] == "no_index"
    assert "ragchat ingest" in failed.err


def test_a_path_that_two_roots_have_is_not_guessed(docs: Shell) -> None:
    docs.write("other/leave.md", "# Other leave\n\nSomething else.\n")
    docs.run("ingest", "docs", "other")
    removed = docs.run("documents", "remove", "leave.md")
    assert removed.code == 2
    listed = docs.run("documents", "list", "--json").json()["documents"]
    assert all(d["id"] in removed.err for d in listed if d["key"] == "leave.md")


def test_a_file_name_cannot_steer_the_terminal(docs: Shell) -> None:
    docs.write("docs/e\x1b[31mred\nline.md", "# Escape\n\nWords about escaping.\n")
    shown = docs.run("ingest", "docs", "-v").out + docs.run("documents", "list").out
    assert "\x1b" not in shown
    assert "e%1B[31mred%0Aline.md" in shown


def test_output_into_a_closed_pipe_ends_quietly(docs: Shell) -> None:
    docs.run("ingest", "docs")
    command = f"{sys.executable} -m ragchat documents show leave.md | head -c 1"
    done = subprocess.run(
        ["sh", "-c", command], cwd=docs.folder, env=docs.environment({}), capture_output=True, text=True
    )
    assert "Traceback" not in done.stderr


def test_an_unreachable_embeddings_service_is_said_within_seconds(docs: Shell) -> None:
    done = docs.run(
        "ingest",
        "docs",
        RAGCHAT_EMBEDDINGS="openai:text-embedding-3-small",
        OPENAI_API_KEY="not-a-real-key",
        OPENAI_BASE_URL="http://127.0.0.1:9/v1",
    )
    assert done.code == 5
    assert "text-embedding-3-small" in done.err
