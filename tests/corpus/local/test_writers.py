"""One writer, many readers: locks, kills, readers under load, generations that share files without touching them."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ragchat.errors import WriterBusy
from tests.corpus.local.conftest import Collection
from tests.corpus.support import nearest

REPOSITORY = Path(__file__).resolve().parents[3]

HOLD_THE_LOCK = """
import sys, time
from pathlib import Path
from ragchat.corpus.local.store import LocalStore
with LocalStore(Path(sys.argv[1])).run():
    print("locked", flush=True)
    time.sleep(60)
"""


def holder(directory: Path) -> "subprocess.Popen[str]":
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD_THE_LOCK, str(directory)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=REPOSITORY,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "locked\n"
    return process


def test_second_writer_is_told_who_holds_the_lock_and_a_killed_one_frees_it(collection: Collection) -> None:
    collection.put({"a.md": "Apples are red."})
    with holder(collection.home.directory) as process:
        try:
            for change in (lambda: collection.put({}), collection.home.rollback, collection.home.prune):
                with pytest.raises(WriterBusy, match=f"process {process.pid}, running since 20"):
                    change()
            assert collection.texts() == {"a.md": "Apples are red."}
        finally:
            process.send_signal(signal.SIGKILL)
    collection.put({"b.md": "Boats float."})
    assert set(collection.texts()) == {"a.md", "b.md"}


def test_files_of_a_published_generation_never_change(make_collection: Callable[..., Collection]) -> None:
    collection = make_collection(rewrite_words_chunks=0, rewrite_rows=0, dead_share=0.9, keep=100)
    collection.put({f"{n}.md": f"Text {n}.\nMore {n}." for n in range(12)})

    def snapshot() -> dict[str, bytes]:
        return {
            str(path.relative_to(collection.home.directory)): path.read_bytes()
            for path in (collection.home.directory / "generations").rglob("*")
            if path.is_file() and not path.name.endswith(".lock")
        }

    for number in range(12):
        before = snapshot()
        collection.put({f"{number}.md": None, f"new{number}.md": f"Fresh {number}."})
        after = snapshot()
        assert {name: after[name] for name in before} == before


def test_unchanged_segments_are_shared_by_hard_links_and_many_small_ones_are_merged(
    make_collection: Callable[..., Collection],
) -> None:
    collection = make_collection(merge_fanout=4)
    collection.put({f"{n}.md": "\n".join(f"Line {n} {m}." for m in range(20)) for n in range(20)})
    for number in range(9):
        collection.put({f"new{number}.md": f"Fresh {number}."})
        with collection.home.open() as generation:
            assert len(generation.manifest.segments) <= 1 + 2 * 3
            assert len(nearest(generation, collection.embedder.embed_query("fresh"), 500)) == 401 + number
    first, second = (
        collection.home.directory / "generations" / f"{number:06d}" / "vectors" for number in (9, 10)
    )
    large = max(first.iterdir(), key=lambda path: path.stat().st_size)
    assert (second / large.name).samefile(large)
    assert collection.home.verify().problems == ()


def test_reader_killed_while_it_holds_a_generation_frees_it(collection: Collection) -> None:
    collection.put({"a.md": "One."})
    code = HOLD_THE_LOCK.replace(".run()", ".open()")
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(collection.home.directory)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=REPOSITORY,
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "locked\n"
        collection.put({"a.md": "Two."})
        collection.put({"a.md": "Three."})
        assert collection.home.prune() == []
        os.kill(process.pid, signal.SIGKILL)
    assert collection.home.prune() == [1]


def test_lock_file_names_its_holder_only_while_it_is_held(collection: Collection) -> None:
    lock = collection.home.directory / "writer.lock"
    with collection.home.run():
        assert json.loads(lock.read_text())["pid"] == os.getpid()
    assert lock.read_text() == ""
