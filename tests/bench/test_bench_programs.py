"""The benchmarks still fit the product: each can be read, says what it takes, and the quick ones run on small data."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = sorted(
    path.relative_to(ROOT).as_posix() for path in (ROOT / "bench").rglob("*.py") if path.name != "__init__.py"
)
NEEDS = {"needs lightgbm", "needs matplotlib"}
"""Packages of single benchmarks that `make test` does not install."""

EVERY_PROGRAM = """
import contextlib, io, json, pathlib, runpy, sys, traceback, warnings
warnings.simplefilter("ignore")
root = pathlib.Path.cwd()
for name in sys.argv[1:]:
    path = root / name
    asks = "parse_args" in path.read_text("utf-8")
    sys.path[:0] = [str(path.parent), str(root / "tools")]
    sys.argv = [name, "--help"]
    said, told = io.StringIO(), ""
    try:
        with contextlib.redirect_stdout(said):
            runpy.run_path(str(path), run_name="__main__" if asks else "program")
    except SystemExit as end:
        told = "" if end.code in (0, None) and "usage:" in said.getvalue() else f"ended with {end.code}"
    except ModuleNotFoundError as error:
        told = f"needs {error.name}"
    except BaseException:
        told = traceback.format_exc()
    del sys.path[:2]
    print(json.dumps([name, told]))
"""
"""Runs each program that takes arguments with --help and imports the others, all in one process."""


def run(*arguments: str, timeout: float = 100) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=timeout,
    )


def test_every_program_can_be_imported_and_says_what_it_takes() -> None:
    done = run("-c", EVERY_PROGRAM, *PROGRAMS)
    told = dict(json.loads(line) for line in done.stdout.splitlines())
    assert told.keys() == set(PROGRAMS), done.stderr
    assert {name: what for name, what in told.items() if what and what not in NEEDS} == {}


@pytest.fixture
def small_set(tmp_path: Path) -> Path:
    """An evaluation folder with one set of three documents and two questions, one of them in a conversation."""
    folder = tmp_path / "eval" / "conversations"
    folder.mkdir(parents=True)
    texts = {
        "kettle": "A kettle boils water in three minutes. It switches itself off.",
        "boat": "A boat needs a new coat of paint every spring. Varnish lasts two years.",
        "cat": "Cats sleep sixteen hours a day. They hunt at dawn.",
    }
    _write(
        folder / "corpus.jsonl", [{"id": name, "title": name, "text": text} for name, text in texts.items()]
    )
    first = {
        "id": "1",
        "question": "How long does a kettle take to boil water?",
        "answerable": True,
        "kind": "answerable",
        "evidence": [{"document_id": "kettle", "start": 0, "end": 38}],
        "answers": ["three minutes"],
        "history": [],
    }
    second = {
        **first,
        "id": "2",
        "question": "And how many hours?",
        "evidence": [{"document_id": "cat", "start": 0, "end": 31}],
        "answers": ["sixteen"],
        "history": [{"role": "user", "content": "Do cats sleep much?"}],
        "rewrite": "How many hours do cats sleep?",
    }
    _write(folder / "questions.jsonl", [first, second])
    return folder.parent


def _write(path: Path, rows: list[dict[str, object]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def test_retrieval_and_follow_ups_are_measured(small_set: Path, tmp_path: Path) -> None:
    results = tmp_path / "results.json"
    places = [str(small_set), "--keep", str(tmp_path / "indexes")]
    done = run("-m", "bench.retrieval.run", *places, "--sets", "conversations", "--json", str(results))
    assert done.returncode == 0, done.stderr
    assert json.loads(results.read_text())["conversations in context"]["mrr"] == 1
    done = run("-m", "bench.followups.run", *places)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("all 2: ") == 6


def test_second_reader_is_measured(small_set: Path, tmp_path: Path) -> None:
    results = tmp_path / "results.json"
    done = run("-m", "bench.reader.run", str(small_set), "--sets", "conversations:1", "--json", str(results))
    assert done.returncode == 0, done.stderr
    found = json.loads(results.read_text())["conversations"]
    assert (found["questions"], found["mrr_0.5"]) == (1, 1)


def test_detection_of_languages_is_measured() -> None:
    done = run("-m", "bench.language.detection")
    assert done.returncode == 0, done.stderr
    assert "held out" in done.stdout


def test_embedding_is_measured() -> None:
    done = run("bench/embedding/bench.py", "--chunks", "4", "--threads", "1", "--runs", "1")
    assert done.returncode == 0, done.stderr
    assert "a second and core" in done.stdout
