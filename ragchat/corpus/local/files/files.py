"""Files that must survive a power cut: durable writes, hard links with a copy as fallback, checksums, flocks.

Nothing here knows what the files mean. A flock belongs to an open file description, so the kernel frees it when its
process dies, however it dies.
"""

import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

EDGE_BYTES = 65_536


def sha256_of(path: Path) -> str:
    """Hex digest of the whole file; about 1 GB/s where the CPU has SHA instructions (measured)."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def edges_sha256_of(path: Path) -> str:
    """Hex digest of the first and last 64 KiB: headers and trailers, which decide whether a library may crash."""
    with path.open("rb") as stream:
        digest = hashlib.sha256(stream.read(EDGE_BYTES))
        size = stream.seek(0, os.SEEK_END)
        stream.seek(max(size - EDGE_BYTES, 0))
        digest.update(stream.read(EDGE_BYTES))
    return digest.hexdigest()


def write_durably(path: Path, content: bytes) -> None:
    """Writes and fsyncs `content`; the directory entry is durable only after `sync_directory`."""
    with path.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def sync_file(path: Path) -> None:
    """Flushes a file that a library has written."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_directory(path: Path) -> None:
    """Makes creations, renames and deletions inside `path` durable."""
    sync_file(path)


def link_or_copy(source: Path, target: Path) -> None:
    """A hard link, or a copy where there can be none (FAT, some network and overlay mounts, another device)."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
        sync_file(target)


def files_below(directory: Path) -> Iterator[Path]:
    """Every regular file under `directory`, in a stable order."""
    return (path for path in sorted(directory.rglob("*")) if path.is_file())


def size_of(directory: Path) -> int:
    """Bytes of all files under `directory` (hard-linked ones count fully)."""
    return sum(path.stat().st_size for path in files_below(directory))


class Flock:
    """An advisory lock on a file or directory, held until `release` or the end of the process."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor: int | None = descriptor

    @classmethod
    def take(cls, path: Path, *, exclusive: bool) -> "Flock | None":
        """The lock, or None when somebody else holds a conflicting one. OSError when `path` is not there."""
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, (fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return None
        except BaseException:
            os.close(descriptor)
            raise
        return cls(descriptor)

    def still_names(self, path: Path) -> bool:
        """Whether `path` is still the file that was locked (it may have been deleted in between)."""
        if self._descriptor is None:
            return False
        try:
            return os.path.samestat(os.fstat(self._descriptor), path.stat())
        except FileNotFoundError:
            return False

    def release(self) -> None:
        """Idempotent."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.release()
