"""Parsers in a process of their own, so that a hang, a crash or a hungry file costs that file and nothing else.

One warm child serves the run: started when the first risky file comes, killed on timeout or crash, replaced after
RECYCLE_FILES files or when it has grown. Small plain formats are read in this process: a round trip buys nothing.
The pipe carries a JSON line and raw bytes (no pickle: a child broken by a hostile file must not reach its parent).
"""

import json
import os
import selectors
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import IO, Final

from ingest.extract import MAX_BYTES, Extracted, check_size, extract
from ingest.extract.detect import detect, sniff
from ingest.extract.extracted import Part
from ragchat.documents import Block, Heading, Span
from ragchat.errors import DocumentFailed

_HARMLESS: Final = frozenset(
    {"text/markdown", "text/x-rst", "text/plain", "text/csv", "text/tab-separated-values"}
)
RECYCLE_FILES: Final = 500
RECYCLE_MEMORY_BYTES: Final = 400 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """Per file: largest size in bytes, wall-clock seconds, and the child's address space in bytes (0: no limit)."""

    max_bytes: int = MAX_BYTES
    seconds: float = 60.0
    memory_bytes: int = 2 * 1024**3


class ExtractionWorker:
    """A context manager around one child process; thread-safe, one file at a time."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self._child: _Child | None = None
        self._lock = Lock()

    @property
    def process_id(self) -> int | None:
        """The child that is running now, for those who watch it."""
        return self._child.process_id if self._child is not None else None

    def extract(self, source: bytes | Path, name: str = "", media_type: str | None = None) -> Extracted:
        """As ingest.extract.extract, for bytes or a file; also raises DocumentFailed timeout, crashed, unreadable."""
        data = _read(source, self.limits.max_bytes) if isinstance(source, Path) else source
        name = name or (source.name if isinstance(source, Path) else "")
        check_size(len(data), self.limits.max_bytes)
        if _harmless(data, name):
            return extract(data, name, media_type, max_bytes=self.limits.max_bytes)
        with self._lock:
            return self._in_child(data, name, media_type)

    def _in_child(self, data: bytes, name: str, media_type: str | None) -> Extracted:
        if self._child is not None and not self._child.alive:
            self.close()  # ended between two files (by the kernel, by a person): no fault of this one
        if self._child is None:
            self._child = _Child(self.limits.memory_bytes)
        keep = False
        try:
            answer = self._child.ask(data, name, media_type, self.limits.seconds)
            keep = not self._child.worn
        finally:
            if not keep:
                self.close()
        return _from_answer(answer)

    def close(self) -> None:
        """End the child; the next risky file starts a new one."""
        child, self._child = self._child, None
        if child is not None:
            child.kill()

    def __enter__(self) -> "ExtractionWorker":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Child:
    """One child process and its two pipes."""

    def __init__(self, memory_bytes: int) -> None:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "ingest.extract.child", str(memory_bytes)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            start_new_session=True,  # the terminal's ^C is for the run, which ends the child itself
        )
        self._files = 0
        self._peak_bytes = 0

    @property
    def process_id(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    @property
    def worn(self) -> bool:
        """Whether a fresh process should take over."""
        return self._files >= RECYCLE_FILES or self._peak_bytes > RECYCLE_MEMORY_BYTES

    def ask(self, data: bytes, name: str, media_type: str | None, seconds: float) -> dict[str, object]:
        """The child's answer to one file; DocumentFailed timeout or crashed, after which it must be killed."""
        header = {"name": name, "media_type": media_type, "size": len(data), "seconds": seconds}
        request = json.dumps(header).encode()
        deadline = monotonic() + seconds
        try:
            stdin = _pipe(self._process.stdin)
            stdin.write(request + b"\n" + data)
            stdin.flush()
            size = int.from_bytes(self._receive(8, deadline), "big")
            answer = json.loads(self._receive(size, deadline))
        except TimeoutError as error:
            raise DocumentFailed(
                f"took longer than {seconds:g} seconds to read.",
                hint="It may be damaged; save it again from the program that made it.",
                code="timeout",
            ) from error
        except OSError as error:
            raise DocumentFailed(
                f"made the reader crash ({self._end()}).",
                hint="It may be damaged; save it again from the program that made it.",
                code="crashed",
            ) from error
        self._files += 1
        self._peak_bytes = int(answer.get("peak_bytes", 0))
        return dict(answer)

    def _receive(self, size: int, deadline: float) -> bytes:
        pipe = _pipe(self._process.stdout)
        parts: list[bytes] = []
        with selectors.DefaultSelector() as selector:
            selector.register(pipe, selectors.EVENT_READ)
            while size:
                if not selector.select(max(deadline - monotonic(), 0)):
                    raise TimeoutError
                part = os.read(pipe.fileno(), min(size, 1 << 20))
                if not part:
                    raise BrokenPipeError
                parts.append(part)
                size -= len(part)
        return b"".join(parts)

    def _end(self) -> str:
        self.kill()
        code = self._process.returncode
        return signal.Signals(-code).name if code < 0 else f"exit code {code}"

    def kill(self) -> None:
        """End it at once; it holds nothing that needs saving."""
        self._process.poll()
        if self._process.returncode is None:
            self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(OSError):  # what was still buffered for a dead child
                _pipe(pipe).close()
        self._process.wait()


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise BrokenPipeError
    return pipe


def _read(path: Path, max_bytes: int) -> bytes:
    try:
        check_size(path.stat().st_size, max_bytes)
        return path.read_bytes()
    except OSError as error:
        raise DocumentFailed(f"cannot be read: {error.strerror}.", code="unreadable") from error


def _harmless(data: bytes, name: str) -> bool:
    """Plain text by name and by content: parsers that are linear and in Python."""
    if sniff(data[:8192]) != "text/plain":
        return False
    try:
        return detect(data, name) in _HARMLESS
    except DocumentFailed:
        return True


def _from_answer(answer: Mapping[str, object]) -> Extracted:
    match answer:
        case {"failed": {"message": str(message), "hint": str(hint), "code": str(code)}}:
            raise DocumentFailed(message, hint=hint, code=code)
        case {"extracted": dict(row)}:
            return _from_row(row)
        case _:
            raise DocumentFailed("made the reader answer nonsense.", code="crashed")


def _from_row(row: Mapping[str, object]) -> Extracted:
    """From `ingest.extract.child.extracted_row`."""
    return Extracted(
        str(row["text"]),
        str(row["title"]),
        str(row["media_type"]),
        pages=_ints(row["pages"]),
        headings=_headings(row["headings"]),
        metadata=_scalars(row["metadata"]),
        reason=str(row["reason"]),
        notes=_strings(row["notes"]),
        blocks=_blocks(row["blocks"]),
        parts=_parts(row["parts"]),
    )


def _parts(values: object) -> tuple[Part, ...]:
    rows = values if isinstance(values, list) else []
    return tuple(
        Part(
            str(row["name"]),
            _from_row(row["extracted"]) if "extracted" in row else None,
            str(row["code"]),
            str(row["message"]),
            str(row["digest"]),
        )
        for row in rows
    )


def _ints(values: object) -> tuple[int, ...]:
    return tuple(int(value) for value in values) if isinstance(values, list) else ()


def _strings(values: object) -> tuple[str, ...]:
    return tuple(str(value) for value in values) if isinstance(values, list) else ()


def _headings(values: object) -> tuple[Heading, ...]:
    rows = values if isinstance(values, list) else []
    return tuple(Heading(int(row["offset"]), int(row["level"]), str(row["title"])) for row in rows)


def _blocks(values: object) -> tuple[Block, ...]:
    """From rows of `ingest.extract.child.block_row`."""
    rows = values if isinstance(values, list) else []
    return tuple(
        Block(kind, Span(start, end), parent, Span(*lead) if lead else None)
        for kind, start, end, parent, lead in rows
    )


def _scalars(values: object) -> dict[str, str | int | float | bool | None]:
    return dict(values) if isinstance(values, dict) else {}
