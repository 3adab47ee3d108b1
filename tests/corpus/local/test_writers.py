"""One writer, many readers: locks, kills, readers under load, generations that share files without touching them."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ragchat.errors import NotFound, WriterBusy
from tests.corpus.local.conftest import Collection
from tests.corpus.support import OPTIONS, match, matching, nearest, stage
from tests.support.vectors import make_document

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


def test_waiting_writer_gets_its_turn(collection: Collection) -> None:
    collection.put({"a.md": "Apples are red."})
    done: list[int] = []

    def wait_and_write() -> None:
        with collection.home.run(wait=True) as writer:
            writer.begin(collection.embedder.spec, OPTIONS)
            stage(writer, collection.embedder, make_document("b.md", "Boats float."))
            info = writer.publish()
            assert info is not None
            done.append(info.number)

    with collection.home.run():
        thread = threading.Thread(target=wait_and_write)
        thread.start()
        time.sleep(0.2)
        assert done == []
    thread.join(30)
    assert done == [2]


def test_pruning_inside_a_run_uses_its_lock(collection: Collection) -> None:
    for text in ("One.", "Two."):
        collection.put({"a.md": text})
    with collection.home.run() as writer:
        writer.begin(collection.embedder.spec, OPTIONS)
        stage(writer, collection.embedder, make_document("a.md", "Three."))
        writer.publish()
        assert collection.home.prune(1) == [2]
    assert [info.number for info in collection.home.generations()] == [3]


def test_readers_answer_from_one_generation_at_a_time_while_many_are_published(
    collection: Collection,
) -> None:
    def texts(number: int) -> dict[str, str | None]:
        return {f"{key}.md": f"Common words, edition{number}." for key in "abc"}

    collection.put(texts(1))
    stop, problems, reads = threading.Event(), [], [0] * 4

    def read(reader: int) -> None:
        while not stop.is_set():
            try:
                with collection.home.open() as generation:
                    chunks = generation.chunks([hit.chunk_id for hit in match(generation, "common", 10)])
                    hits = nearest(generation, collection.embedder.embed_query("words"), 10)
                    seen = {chunk.text for chunk in chunks}
                    seen |= {chunk.text for chunk in generation.chunks([hit.chunk_id for hit in hits])}
                    if seen != {f"Common words, edition{generation.number}."} or len(chunks) != 3:
                        problems.append((generation.number, seen))
                reads[reader] += 1
            except Exception as error:  # noqa: BLE001 - whatever it is, it is the finding
                problems.append(repr(error))

    threads = [threading.Thread(target=read, args=(reader,)) for reader in range(len(reads))]
    for thread in threads:
        thread.start()
    for number in range(2, 12):
        collection.put(texts(number))
    stop.set()
    for thread in threads:
        thread.join(30)
    assert problems == []
    assert min(reads) > 3


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


def test_generation_pruned_under_an_opening_reader_is_not_found_or_the_next_one(
    collection: Collection,
) -> None:
    collection.put({"a.md": "One."})
    with collection.home.open() as first:
        collection.put({"a.md": "Two."})
        collection.put({"a.md": "Three."})
        assert matching(first, "one") == ["a.md"]
    collection.home.prune()
    with pytest.raises(NotFound, match="generation 1"):
        collection.home.open(1)
    with collection.home.open() as generation:
        assert generation.number == 3


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


@pytest.mark.parametrize("removed_first", [True, False])
def test_removing_a_document_ends_its_old_version_and_never_what_this_run_stages(
    collection: Collection, removed_first: bool
) -> None:
    collection.put({"a.md": "Apples are red."})
    new = make_document("a.md", "Apricots are orange.")
    with collection.home.run() as writer:
        writer.begin(collection.embedder.spec, OPTIONS)
        if removed_first:
            writer.remove(new.id)
        stage(writer, collection.embedder, new)
        if not removed_first:
            writer.remove(new.id)
        writer.publish()
    assert collection.texts() == {"a.md": "Apricots are orange."}
    with collection.home.open() as generation:
        assert matching(generation, "apples") == []
    assert collection.home.verify().problems == ()


def test_withdrawing_takes_back_what_was_staged_and_the_old_version_lives_on(collection: Collection) -> None:
    collection.put({"a.md": "Apples are red."})
    with collection.home.run() as writer:
        writer.begin(collection.embedder.spec, OPTIONS)
        for key, text in (("a.md", "Apricots are orange."), ("b.md", "Boats float.")):
            stage(writer, collection.embedder, make_document(key, text))
        writer.withdraw(make_document("a.md", "").id)
        writer.publish()
    assert collection.texts() == {"a.md": "Apples are red.", "b.md": "Boats float."}
    with collection.home.open() as generation:
        assert matching(generation, "apricots") == []
    assert collection.home.verify().problems == ()


def test_withdrawing_everything_changes_nothing(collection: Collection) -> None:
    collection.put({"a.md": "Apples are red."})
    with collection.home.run() as writer:
        writer.begin(collection.embedder.spec, OPTIONS)
        stage(writer, collection.embedder, make_document("a.md", "Apricots are orange."))
        writer.withdraw(make_document("a.md", "").id)
        assert writer.publish() is None
    assert collection.texts() == {"a.md": "Apples are red."}


def test_removed_and_withdrawn_document_is_removed(collection: Collection) -> None:
    collection.put({"a.md": "Apples are red.", "b.md": "Boats float."})
    with collection.home.run() as writer:
        writer.begin(collection.embedder.spec, OPTIONS)
        writer.remove(make_document("a.md", "").id)
        stage(writer, collection.embedder, make_document("a.md", "Apricots are orange."))
        writer.withdraw(make_document("a.md", "").id)
        writer.publish()
    assert collection.texts() == {"b.md": "Boats float."}


def test_removing_what_is_only_staged_and_withdrawing_what_is_not_are_named_errors(
    collection: Collection,
) -> None:
    collection.put({"a.md": "Apples are red."})
    with collection.home.run() as writer:
        writer.begin(collection.embedder.spec, OPTIONS)
        stage(writer, collection.embedder, make_document("b.md", "Boats float."))
        with pytest.raises(NotFound):
            writer.remove(make_document("b.md", "").id)
        with pytest.raises(NotFound):
            writer.withdraw(make_document("a.md", "").id)
        writer.publish()
    assert set(collection.texts()) == {"a.md", "b.md"}
