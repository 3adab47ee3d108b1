"""One writer per collection: a flock on `writer.lock`, with the holder's pid inside for the message.

The kernel frees the lock when its process dies; the text in the file is only what a waiting person reads.
"""

import fcntl
import json
import os
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from ragchat.corpus.local.files.failures import disk
from ragchat.errors import WriterBusy

_POLL_SECONDS = 0.1


class WriterLock:
    """Held from `take` to `release`."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor: int | None = descriptor

    @classmethod
    def take(cls, path: Path, *, wait: bool) -> "WriterLock":
        """Raises WriterBusy when another process (or thread) holds it and `wait` is false; StorageFailed."""
        with disk(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            while not _try_lock(descriptor):
                if not wait:
                    raise _busy(path)
                time.sleep(_POLL_SECONDS)
            with suppress(
                OSError
            ):  # a full disk: the lock itself needs no byte, only the message names nobody
                _sign(descriptor)
        except BaseException:
            os.close(descriptor)
            raise
        return cls(descriptor)

    def release(self) -> None:
        """Idempotent."""
        if self._descriptor is not None:
            with suppress(OSError):  # an empty file only costs the next waiting person the pid in a message
                os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)
            self._descriptor = None


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _sign(descriptor: int) -> None:
    holder = {"pid": os.getpid(), "started": datetime.now(UTC).isoformat(timespec="seconds")}
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, json.dumps(holder).encode(), 0)


def _busy(path: Path) -> WriterBusy:
    try:
        holder = json.loads(path.read_text())
        who = f"process {holder['pid']}, running since {holder['started']},"
    except (OSError, ValueError, KeyError, TypeError):
        who = "another process"
    return WriterBusy(
        f"Collection {path.parent.name!r} is being written: {who} holds the writer lock.",
        hint="Wait for it to finish, or run with --wait.",
    )
