"""A disk that fills up is no trap: whatever a run has left on it, the next command starts, cleans up and works."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ragchat.corpus.local.cleaning.reclaim import RESERVE_NAME
from ragchat.corpus.local.store import LocalStore
from ragchat.errors import StorageFailed
from tests.corpus.local.conftest import Collection
from tests.corpus.support import matching, nearest
from tests.support.vectors import make_document

OLD = {f"old{n}.md": f"Apples are red, number {n}.\nPears are green." for n in range(4)}
MANY = {f"new{n}.md": "\n".join(f"Line {n} {m} with words." for m in range(330)) for n in range(60)}


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 3 MB."""
    directory = tmp_path / "disk"
    directory.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(directory)]
    if os.geteuid() or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("mounting a small tmpfs needs root")
    yield directory
    subprocess.run(["umount", "-l", str(directory)], check=True)


def free(disk: Path) -> int:
    facts = os.statvfs(disk)
    return facts.f_bavail * facts.f_frsize


def fill(disk: Path) -> Path:
    """Takes every byte that is left, as another program would."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as stream:
        while True:
            try:
                stream.write(b"\0" * 4096)
            except OSError:
                break
    assert free(disk) == 0
    return ballast


def put_many(collection: Collection) -> None:
    with pytest.raises(StorageFailed, match="the disk is full"):
        collection.put(MANY)


def test_run_that_fills_the_disk_gives_back_all_it_took_while_a_reader_has_the_index_open(disk: Path) -> None:
    collection = Collection(LocalStore(disk / "test"))
    collection.put(OLD)
    with collection.home.open() as reader:
        before = free(disk)
        put_many(collection)
        assert matching(reader, "apples") == list(OLD)
        assert len(nearest(reader, collection.embedder.embed_query("apples"), 3)) == 3
        assert free(disk) >= before - 65_536
        assert (disk / "test" / "catalog.sqlite-wal").stat().st_size == 0
    assert collection.put({}) is None
    assert collection.texts() == OLD
    assert collection.home.prune(1) == []
    collection.home.purge([make_document("old0.md", "").id])
    assert set(collection.texts()) == set(OLD) - {"old0.md"}
    report = collection.home.verify()
    assert (report.problems, report.on_disk) == ((), ())
    collection.home.close()


STAGE_AND_DIE = """
import os, signal, sys
from pathlib import Path
from ragchat.errors import StorageFailed
from ragchat.corpus.local.store import LocalStore
from ragchat.corpus.local.files.tuning import Tuning
from tests.corpus.support import OPTIONS, stage
from tests.corpus.local.test_full_disk import MANY
from tests.support.vectors import HashEmbedder, make_document

embedder = HashEmbedder()
with LocalStore(Path(sys.argv[1]), tuning=Tuning(staging_documents=4)).run() as writer:
    writer.begin(embedder.spec, OPTIONS)
    try:
        for key, text in MANY.items():
            stage(writer, embedder, make_document(key, text))
    except StorageFailed:
        os.kill(os.getpid(), signal.SIGKILL)
"""


def leave_a_log_that_fills_the_disk(disk: Path) -> None:
    """A writer killed at the moment when the disk was full: no chance to clean up."""
    finished = subprocess.run(
        [sys.executable, "-c", STAGE_AND_DIE, str(disk / "test")],
        cwd=Path(__file__).resolve().parents[3],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert finished.returncode == -signal.SIGKILL, finished.stderr
    assert (disk / "test" / "catalog.sqlite-wal").stat().st_size > 1_000_000


@pytest.mark.parametrize("reading", [True, False])
def test_next_writer_cleans_what_a_killed_one_left_on_a_full_disk(disk: Path, reading: bool) -> None:
    collection = Collection(LocalStore(disk / "test"))
    collection.put(OLD)
    reader = collection.home.open() if reading else None
    if not reading:
        collection.home.close()
    leave_a_log_that_fills_the_disk(disk)
    fill(disk)
    assert collection.put({}) is None
    assert collection.texts() == OLD
    (disk / "ballast").unlink()
    if reader is not None:
        assert matching(reader, "apples") == list(OLD)
        reader.close()
    collection.put({"b.md": "Boats float."})
    report = collection.home.verify()
    assert (report.problems, report.on_disk) == ((), ())
    collection.home.close()


def test_old_generations_can_be_pruned_on_a_disk_that_others_have_filled(disk: Path) -> None:
    collection = Collection(LocalStore(disk / "test"))
    collection.put(OLD)
    collection.put({"old0.md": None, "b.md": "Boats float."})
    collection.home.close()
    fill(disk)
    assert collection.home.prune(1) == [1]
    assert free(disk) > 0
    assert set(collection.texts()) == {*OLD, "b.md"} - {"old0.md"}
    assert collection.home.verify().problems == ()
    collection.home.close()


def test_lock_can_be_taken_without_a_free_byte(disk: Path) -> None:
    collection = Collection(LocalStore(disk / "test"))
    collection.put(OLD)
    (disk / "test" / RESERVE_NAME).unlink()
    with collection.home.open():
        fill(disk)
        with collection.home.run() as writer:
            assert writer.base == 1
        put_many(collection)
    assert collection.texts() == OLD
    collection.home.close()


def test_reserve_is_set_aside_again_once_there_is_room(disk: Path) -> None:
    collection = Collection(LocalStore(disk / "test"))
    collection.put(OLD)
    reserve = disk / "test" / RESERVE_NAME
    size = reserve.stat().st_blocks
    reserve.unlink()
    collection.put({"b.md": "Boats float."})
    assert reserve.stat().st_blocks == size > 0
    collection.home.close()
