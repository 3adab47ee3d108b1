"""The other end of ingest.extract.worker: reads files from stdin, answers on stdout, until stdin ends.

Run as `python -m ingest.extract.worker.child MEMORY_BYTES`. Its memory is limited by the kernel, its own stdout goes
nowhere (parsers print). What a file does wrong is an answer; only a crash or the kernel ends this process.
"""

import json
import logging
import os
import resource
import signal
import sys
import warnings
from typing import BinaryIO

from ingest.extract import MAX_BYTES, extract
from ingest.extract.worker.process import NEAR_LIMIT, needs_more_memory, status_bytes
from ingest.extract.worker.rows import extracted_row
from ragchat.errors import DocumentFailed

ALARM_MARGIN_SECONDS = 5
"""The parent kills first; the alarm is for a child whose parent was itself killed while a parser hangs."""


def main() -> None:
    """Serve files until the parent closes the pipe."""
    memory_bytes = int(sys.argv[1])
    _limit(memory_bytes)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    requests = sys.stdin.buffer
    while line := requests.readline():
        answer = json.dumps(_answer(requests, line, memory_bytes), ensure_ascii=False)
        encoded = answer.encode("utf-8", "replace")
        answers.write(len(encoded).to_bytes(8, "big") + encoded)
        answers.flush()


def _limit(memory_bytes: int) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if memory_bytes:
        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))


def _answer(requests: BinaryIO, line: bytes, memory_bytes: int) -> dict[str, object]:
    request = json.loads(line)
    data = requests.read(request["size"])
    answer: dict[str, object]
    before = status_bytes("self", "VmPeak")
    signal.alarm(int(request["seconds"]) + ALARM_MARGIN_SECONDS)
    try:
        extracted = extract(data, request["name"], request["media_type"], max_bytes=max(MAX_BYTES, len(data)))
        answer = {"extracted": extracted_row(extracted)}
    except DocumentFailed as failure:
        hungry = failure.code == "damaged" and _was_short(before, memory_bytes)
        answer = _failed(needs_more_memory(memory_bytes) if hungry else failure)
    except MemoryError:
        answer = _failed(needs_more_memory(memory_bytes))
    signal.alarm(0)
    answer["peak_bytes"] = _peak_bytes()
    return answer


def _was_short(before: int, memory_bytes: int) -> bool:
    """Whether a parser that gave up had taken so much that it was for want of memory: few of them say so."""
    after = status_bytes("self", "VmPeak")
    return after > before and after >= NEAR_LIMIT * memory_bytes > 0


def _peak_bytes() -> int:
    """The most memory that this process has had resident.

    VmHWM belongs to the program that runs now; ru_maxrss, the fallback where there is no /proc, is inherited over exec
    from a large parent (getrusage(2)), which would make every child look worn.
    """
    return status_bytes("self", "VmHWM") or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _failed(failure: DocumentFailed) -> dict[str, object]:
    return {"failed": {"code": failure.code, "message": failure.message, "hint": failure.hint}}


if __name__ == "__main__":
    main()
