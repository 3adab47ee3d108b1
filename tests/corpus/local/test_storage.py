"""Disks that refuse: full, read-only, file size limits. Named errors, the old generation serving, nothing lost."""

import errno
import os
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ragchat.corpus.local.files.tuning import Tuning
from ragchat.corpus.local.store import LocalStore
from ragchat.errors import StorageFailed
from tests.corpus.local.conftest import Collection
from tests.corpus.support import matching, nearest, text_of

OLD = {"a.md": "Apples are red."}
BIG = {f"big{n}.md": "\n".join(f"Line {n} {m} with some words." for m in range(600)) for n in range(24)}


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 3 MB."""
    directory = tmp_path / "disk"
    directory.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(directory)]
    if os.geteuid() or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("mounting a small tmpfs needs root")
    yield directory
    subprocess.run(["umount", "-l", str(directory)], check=True)


def test_full_disk_is_a_named_error_and_the_old_generation_serves_on(small_disk: Path) -> None:
    collection = Collection(LocalStore(small_disk / "test"))
    collection.put(OLD)
    with pytest.raises(StorageFailed, match="the disk is full") as raised:
        collection.put(BIG)
    assert raised.value.code == "disk_full"
    assert collection.texts() == OLD
    with collection.home.open() as generation:
        assert matching(generation, "apples") == ["a.md"]
    collection.put({"b.md": "Boats float."})
    assert set(collection.texts()) == {"a.md", "b.md"}
    assert collection.home.verify().problems == ()
    collection.home.close()


@pytest.mark.parametrize("room", range(0, 1_200_000, 150_000))
def test_disk_that_fills_up_anywhere_on_the_way_loses_nothing(small_disk: Path, room: int) -> None:
    collection = Collection(LocalStore(small_disk / "test"))
    collection.put(OLD)
    free = os.statvfs(small_disk).f_bavail * os.statvfs(small_disk).f_frsize
    ballast = small_disk / "ballast"
    ballast.write_bytes(b"\0" * max(free - room, 0))
    try:
        collection.put({key: BIG[key] for key in list(BIG)[:2]})
        expected = {"a.md", "big0.md", "big1.md"}
    except StorageFailed:
        expected = {"a.md"}
    ballast.unlink()
    assert set(collection.texts()) == expected
    collection.put({"b.md": "Boats float."})
    assert set(collection.texts()) == {*expected, "b.md"}
    assert collection.home.verify().problems == ()
    collection.home.close()


def test_file_size_limit_is_a_named_error(collection: Collection) -> None:
    collection.put(OLD)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    previous = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, limits[1]))
    try:
        with pytest.raises(StorageFailed):
            collection.put(BIG)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, previous)
    assert collection.texts() == OLD
    collection.put(BIG)
    assert set(collection.texts()) == {*OLD, *BIG}
    assert collection.home.verify().problems == ()


@pytest.fixture
def read_only(collection: Collection, tmp_path: Path) -> Iterator[LocalStore]:
    """A published collection seen through a read-only bind mount (root ignores file modes)."""
    collection.put(OLD)
    collection.home.close()
    view = tmp_path / "view"
    view.mkdir()
    source = collection.home.directory.parent
    bind = ["mount", "--bind", str(source), str(view)]
    remount = ["mount", "-o", "remount,ro,bind", str(view)]
    if os.geteuid() or subprocess.run(bind, capture_output=True, check=False).returncode:
        pytest.skip("a read-only bind mount needs root")
    try:
        subprocess.run(remount, check=True)
        home = LocalStore(view / "test")
        yield home
        home.close()
    finally:
        subprocess.run(["umount", "-l", str(view)], check=True)


def test_read_only_directory_can_be_served_from(read_only: LocalStore, collection: Collection) -> None:
    for _ in range(2):
        with read_only.open() as generation:
            assert matching(generation, "apples") == ["a.md"]
            assert len(nearest(generation, collection.embedder.embed_query("apples"), 3)) == 1
            assert text_of(generation, generation.documents()[0].id) == OLD["a.md"]
    assert read_only.current() == 1


def test_read_only_directory_cannot_be_written_and_says_so(read_only: LocalStore) -> None:
    with pytest.raises(StorageFailed, match="read-only"):
        Collection(read_only).put({"b.md": "Boats float."})
    assert Collection(read_only).texts() == OLD


@pytest.mark.parametrize("directory", ["/proc/nowhere", "/proc/nowhere/indexes/default"])
def test_error_names_a_directory_by_a_path_that_is_not_mistaken_for_a_relative_one(directory: str) -> None:
    with pytest.raises(StorageFailed) as raised:
        LocalStore(Path(directory)).run()
    assert directory in raised.value.message or "…/" in raised.value.message


def test_files_are_copied_where_the_older_generation_is_on_another_device(collection: Collection) -> None:
    collection = Collection(
        LocalStore(collection.home.directory, tuning=Tuning(rewrite_words_chunks=0, merge_fanout=100))
    )
    collection.put(OLD)
    first = collection.home.directory / "generations" / "000001"
    aside = first.with_name("aside")
    first.rename(aside)
    first.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(first)]
    if os.geteuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("mounting a tmpfs needs root")
    try:
        shutil.copytree(aside, first, dirs_exist_ok=True)
        shutil.rmtree(aside)
        collection.put({"b.md": "Boats float."})
        assert collection.texts() == {**OLD, "b.md": "Boats float."}
        shared = copied(collection.home)
        assert any(name.endswith(".faiss") for name in shared)
        assert any(name.startswith("lexical/") for name in shared)
        assert collection.home.verify().problems == ()
    finally:
        collection.home.close()
        subprocess.run(["umount", "-l", str(first)], check=True)


def copied(home: LocalStore) -> list[str]:
    """Files of generation 2 that generation 1 has under the same name, none of them by a hard link."""
    first, second = (home.directory / "generations" / name for name in ("000001", "000002"))
    names = [path.relative_to(second).as_posix() for path in second.rglob("*") if path.is_file()]
    found = [name for name in names if (first / name).is_file()]
    assert not any((first / name).samefile(second / name) for name in found)
    return found


def test_damage_in_a_copied_file_is_never_signed_as_sound(
    collection: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    tuning = Tuning(rewrite_words_chunks=0, merge_fanout=100, hash_on_open_bytes=0)
    collection = Collection(LocalStore(collection.home.directory, tuning=tuning))
    collection.put({"a.md": "\n".join(f"Apples are red, number {n}." for n in range(8_000))})

    def refuse(source: Path, target: Path) -> None:
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", refuse)
    segment = next(collection.home.directory.glob("generations/000001/vectors/*.faiss"))
    content = bytearray(segment.read_bytes())
    content[len(content) // 2] ^= 0x10
    segment.write_bytes(bytes(content))
    collection.put({"b.md": "Boats float."})
    found = [problem.thing for problem in collection.home.verify().problems]
    assert f"000002/vectors/{segment.name}" in found
    collection.home.close()


CHECK_DIMENSION = """
import sys
import numpy as np
from pathlib import Path
from ragchat.documents import Chunk
from ragchat.errors import WrongEmbedder
from ragchat.corpus.local.store import LocalStore
from ragchat.corpus.values import FileStat
from ragchat.models.embedder import PassageVectors
from tests.corpus.support import nearest
from tests.support.vectors import HashEmbedder, make_document

assert False, "this line must not run: python -O takes assertions out"
home, embedder = LocalStore(Path(sys.argv[1])), HashEmbedder()
with home.open() as generation:
    for query in (np.ones(15, np.float32), np.full(16, np.nan, np.float32)):
        try:
            nearest(generation, query, 3)
        except WrongEmbedder as error:
            print("refused:", error.message)
document = make_document("b.md", "Boats float.")
chunk = Chunk(document.id, 0, 0, 5)
with home.run() as writer:
    writer.begin(embedder.spec, "options-1")
    for vector in (np.ones(17, np.float32), np.full(16, np.inf, np.float32)):
        try:
            writer.stage("docs", document, [chunk], [PassageVectors(vector, np.zeros((0, 16)))], FileStat(1, 1))
        except WrongEmbedder as error:
            print("refused:", error.message)
"""


def test_wrong_dimension_and_nan_are_refused_under_python_without_assertions(collection: Collection) -> None:
    collection.put(OLD)
    finished = subprocess.run(
        [sys.executable, "-O", "-c", CHECK_DIMENSION, str(collection.home.directory)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        cwd=Path(__file__).resolve().parents[3],
    )
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout.count("refused:") == 4
    assert "16 dimensions" in finished.stdout
    assert "NaN" in finished.stdout
    assert collection.texts() == OLD
