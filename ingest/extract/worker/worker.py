"""Parsers in a process of their own, so that a hang, a crash or a hungry file costs that file and nothing else.

Warm children serve the run, one where one file is read at a time: started when a risky file comes and none is free,
killed on timeout or crash, replaced after some hundred files or when they have grown. Small plain formats are read in
this process, one after the other: a round trip buys nothing there.
"""

from contextlib import ExitStack
from pathlib import Path
from stat import S_ISREG
from threading import BoundedSemaphore, Lock
from typing import Final

from ingest.extract import Extracted, check_size, extract
from ingest.extract.detect import detect, sniff
from ingest.extract.worker.limits import Limits
from ingest.extract.worker.process import Child
from ingest.extract.worker.rows import from_answer
from ragchat.errors import DocumentFailed

_HARMLESS: Final = frozenset(
    {"text/markdown", "text/x-rst", "text/plain", "text/csv", "text/tab-separated-values"}
)
SMALL_BYTES: Final = 256 * 1024
"""Plain text up to this size is read in this process: its parsers are linear, and take a second at most for it."""


class ExtractionWorker:
    """A context manager around child processes; thread-safe, `children` files at a time, each in a child of its own."""

    def __init__(self, limits: Limits | None = None, children: int = 1) -> None:
        self.limits = limits or Limits()
        self.children = children
        self._free = BoundedSemaphore(children)
        self._running: list[Child] = []
        self._idle: list[Child] = []
        self._lock, self._here = Lock(), Lock()

    @property
    def process_ids(self) -> list[int]:
        """The children that are running now, for those who watch them."""
        return [child.process_id for child in self._running]

    def extract(self, source: bytes | Path, name: str = "", media_type: str | None = None) -> Extracted:
        """As ingest.extract.extract, for bytes or a file; also raises DocumentFailed timeout, crashed, unreadable."""
        data = self.read(source) if isinstance(source, Path) else source
        name = name or (source.name if isinstance(source, Path) else "")
        check_size(len(data), self.limits.max_bytes)
        if _harmless(data, name):
            with self._here:
                return extract(data, name, media_type, max_bytes=self.limits.max_bytes)
        with self._free:
            return self._in_child(data, name, media_type)

    def read(self, path: Path) -> bytes:
        """The bytes of a file; DocumentFailed too_large before any is read, or unreadable.

        A file that grows meanwhile is read to the limit at most; a pipe or device has no end and is refused.
        """
        most = self.limits.max_bytes
        try:
            stat = path.stat()
            check_size(stat.st_size, most)
            if not S_ISREG(stat.st_mode):
                raise DocumentFailed("cannot be read: it is no regular file.", code="unreadable")
            with path.open("rb") as stream:
                data = stream.read(stat.st_size + 1)
                if len(data) > stat.st_size:
                    data += stream.read(most + 1 - len(data))
        except OSError as error:
            raise DocumentFailed(f"cannot be read: {error.strerror}.", code="unreadable") from error
        check_size(len(data), most)
        return data

    def _in_child(self, data: bytes, name: str, media_type: str | None) -> Extracted:
        child = self._taken()
        with ExitStack() as ending:
            ending.callback(self._end, child)
            answer = child.ask(data, name, media_type, self.limits.seconds)
            if not child.worn:
                ending.pop_all()
                self._give_back(child)
        return from_answer(answer)

    def _taken(self) -> Child:
        """A child that does nothing, else a new one; those that ended between two files (by the kernel, by a person)
        are no fault of this one."""
        with self._lock:
            while self._idle:
                child = self._idle.pop()
                if child.alive:
                    return child
                self._running.remove(child)
                child.kill()
            child = Child(self.limits.memory_bytes)
            self._running.append(child)
            return child

    def _give_back(self, child: Child) -> None:
        with self._lock:
            if child in self._running:  # else all were closed while it read
                self._idle.append(child)

    def _end(self, child: Child) -> None:
        with self._lock:
            if child in self._running:
                self._running.remove(child)
        child.kill()

    def close(self) -> None:
        """End all children, also those that read; the next risky file starts a new one."""
        with self._lock:
            children, self._running, self._idle = self._running, [], []
        for child in children:
            child.kill()

    def __enter__(self) -> "ExtractionWorker":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _harmless(data: bytes, name: str) -> bool:
    """Little plain text by name and by content: parsers that are linear and in Python."""
    if len(data) > SMALL_BYTES or sniff(data[:8192]) != "text/plain":
        return False
    try:
        return detect(data, name) in _HARMLESS
    except DocumentFailed:
        return True
