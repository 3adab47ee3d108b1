"""One reading child as its parent sees it: two pipes, a deadline, and what its death meant.

A child that dies of memory says so by no exit code (allocators abort, trap or fault; the kernel kills): while the
parent waits it looks how much the child holds, and a death close to the limit is told as what it was.
"""

import json
import os
import re
import selectors
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import IO, Final

from ragchat.errors import DocumentFailed

RECYCLE_FILES: Final = 500
RECYCLE_MEMORY_BYTES: Final = 400 * 1024 * 1024
LOOK_SECONDS: Final = 0.05
"""How often the memory of a child is looked at while it reads; most files are read before the first time."""
NEAR_LIMIT: Final = 0.4
"""Share of its memory from which on a child's end is one of memory: what grows by doubling fails at half of it."""


class Child:
    """One child process and its two pipes."""

    def __init__(self, memory_bytes: int) -> None:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "ingest.extract.worker.child", str(memory_bytes)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            start_new_session=True,  # the terminal's ^C is for the run, which ends the child itself
        )
        self._memory_bytes = memory_bytes
        self._seen_bytes = 0
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
        """The child's answer to one file; DocumentFailed timeout, crashed or too_large, after which it must be
        killed."""
        header = {"name": name, "media_type": media_type, "size": len(data), "seconds": seconds}
        deadline = monotonic() + seconds
        try:
            stdin = _pipe(self._process.stdin)
            stdin.write(json.dumps(header).encode() + b"\n")
            stdin.write(data)
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
            raise self._death() from error
        self._files += 1
        self._peak_bytes = int(answer.get("peak_bytes", 0))
        return dict(answer)

    def _receive(self, size: int, deadline: float) -> bytes:
        pipe = _pipe(self._process.stdout)
        parts: list[bytes] = []
        with selectors.DefaultSelector() as selector:
            selector.register(pipe, selectors.EVENT_READ)
            while size:
                left = max(deadline - monotonic(), 0)
                if not selector.select(min(left, LOOK_SECONDS)):
                    if left <= LOOK_SECONDS:
                        raise TimeoutError
                    self._seen_bytes = max(self._seen_bytes, _address_space(self._process.pid))
                    continue
                part = os.read(pipe.fileno(), min(size, 1 << 20))
                if not part:
                    raise BrokenPipeError
                parts.append(part)
                size -= len(part)
        return b"".join(parts)

    def _death(self) -> DocumentFailed:
        """Why it is gone: the kernel kills only for memory; an allocator that fails aborts, traps or faults."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(1)  # its pipe closes a moment before it can be asked how it ended
        killed_by_others = self._process.returncode == -signal.SIGKILL
        self.kill()
        if killed_by_others or self._seen_bytes >= NEAR_LIMIT * self._memory_bytes > 0:
            return needs_more_memory(self._memory_bytes)
        code = self._process.returncode
        end = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        return DocumentFailed(
            f"made the reader crash ({end}).",
            hint="It may be damaged; save it again from the program that made it.",
            code="crashed",
        )

    def kill(self) -> None:
        """End it at once; it holds nothing that needs saving."""
        self._process.poll()
        if self._process.returncode is None:
            self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(OSError):  # what was still buffered for a dead child
                _pipe(pipe).close()
        self._process.wait()


def needs_more_memory(memory_bytes: int) -> DocumentFailed:
    """The failure of a file whose parser needs more than its `memory_bytes` (0: than the machine has left)."""
    allowed = f"the {memory_bytes / 2**20:,.0f} MiB that a file may take here" if memory_bytes else "there is"
    return DocumentFailed(
        f"needs more memory to read than {allowed}.", hint="Split the file.", code="too_large"
    )


def _address_space(process_id: int | str) -> int:
    """The most bytes of address space that a process has had; 0 where that cannot be seen."""
    return status_bytes(process_id, "VmPeak")


def status_bytes(process_id: int | str, field: str) -> int:
    """A figure in kB of /proc/PID/status, in bytes; 0 where there is none."""
    try:
        status = Path(f"/proc/{process_id}/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return 0
    found = re.search(rf"^{field}:\s+(\d+) kB", status, re.MULTILINE)
    return int(found[1]) * 1024 if found else 0


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise BrokenPipeError
    return pipe
