"""Parsers in a process of their own, so that a hang, a crash or a hungry file costs that file and nothing else.

One warm child serves the run: started when the first risky file comes, killed on timeout or crash, replaced after
some hundred files or when it has grown. Small plain formats are read in this process: a round trip buys nothing there.
"""

from contextlib import ExitStack
from pathlib import Path
from stat import S_ISREG
from threading import Lock
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
    """A context manager around one child process; thread-safe, one file at a time."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self._child: Child | None = None
        self._lock = Lock()

    @property
    def process_id(self) -> int | None:
        """The child that is running now, for those who watch it."""
        return self._child.process_id if self._child is not None else None

    def extract(self, source: bytes | Path, name: str = "", media_type: str | None = None) -> Extracted:
        """As ingest.extract.extract, for bytes or a file; also raises DocumentFailed timeout, crashed, unreadable."""
        data = self.read(source) if isinstance(source, Path) else source
        name = name or (source.name if isinstance(source, Path) else "")
        check_size(len(data), self.limits.max_bytes)
        if _harmless(data, name):
            return extract(data, name, media_type, max_bytes=self.limits.max_bytes)
        with self._lock:
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
        if self._child is not None and not self._child.alive:
            self.close()  # ended between two files (by the kernel, by a person): no fault of this one
        if self._child is None:
            self._child = Child(self.limits.memory_bytes)
        with ExitStack() as ending:
            ending.callback(self.close)
            answer = self._child.ask(data, name, media_type, self.limits.seconds)
            if not self._child.worn:
                ending.pop_all()
        return from_answer(answer)

    def close(self) -> None:
        """End the child; the next risky file starts a new one."""
        child, self._child = self._child, None
        if child is not None:
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
