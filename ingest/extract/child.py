"""The other end of ingest.extract.worker: reads files from stdin, answers on stdout, until stdin ends.

Run as `python -m ingest.extract.child MEMORY_BYTES`. Its memory is limited by the kernel, its own stdout goes
nowhere (parsers print). What a file does wrong is an answer; only a crash or the kernel ends this process.
"""

import json
import logging
import os
import re
import resource
import signal
import sys
import warnings
from dataclasses import asdict, replace
from pathlib import Path
from typing import BinaryIO

from ingest.extract import MAX_BYTES, Extracted, extract
from ragchat.documents import Block
from ragchat.errors import DocumentFailed

ALARM_MARGIN_SECONDS = 5
"""The parent kills first; the alarm is for a child whose parent was itself killed while a parser hangs."""


def main() -> None:
    """Serve files until the parent closes the pipe."""
    _limit(int(sys.argv[1]))
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    requests = sys.stdin.buffer
    while line := requests.readline():
        answer = json.dumps(_answer(requests, line), ensure_ascii=False).encode("utf-8", "replace")
        answers.write(len(answer).to_bytes(8, "big") + answer)
        answers.flush()


def _limit(memory_bytes: int) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if memory_bytes:
        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))


def _answer(requests: BinaryIO, line: bytes) -> dict[str, object]:
    request = json.loads(line)
    data = requests.read(request["size"])
    answer: dict[str, object]
    signal.alarm(int(request["seconds"]) + ALARM_MARGIN_SECONDS)
    try:
        extracted = extract(data, request["name"], request["media_type"], max_bytes=max(MAX_BYTES, len(data)))
        answer = {"extracted": extracted_row(extracted)}
    except DocumentFailed as failure:
        answer = _failed(failure.code, failure.message, failure.hint)
    except MemoryError:
        answer = _failed("too_large", "needs more memory to read than is allowed.", "Split the file.")
    signal.alarm(0)
    answer["peak_bytes"] = _peak_bytes()
    return answer


def extracted_row(extracted: Extracted) -> dict[str, object]:
    """As it crosses the pipe, with its parts."""
    return asdict(replace(extracted, blocks=(), parts=())) | {
        "blocks": [block_row(block) for block in extracted.blocks],
        "parts": [
            {"name": part.name, "code": part.code, "message": part.message, "digest": part.digest}
            | ({"extracted": extracted_row(part.extracted)} if part.extracted is not None else {})
            for part in extracted.parts
        ],
    }


def block_row(block: Block) -> list[object]:
    """A block as it crosses the pipe: kind, start, end, parent, lead."""
    lead = None if block.lead is None else [block.lead.start, block.lead.end]
    return [block.kind, block.span.start, block.span.end, block.parent, lead]


def _peak_bytes() -> int:
    """The most memory that this process has had resident.

    VmHWM belongs to the program that runs now; ru_maxrss, the fallback where there is no /proc, is inherited over exec
    from a large parent (getrusage(2)), which would make every child look worn.
    """
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    found = re.search(r"^VmHWM:\s+(\d+) kB", status, re.MULTILINE)
    return int(found[1]) * 1024 if found else 0


def _failed(code: str, message: str, hint: str) -> dict[str, object]:
    return {"failed": {"code": code, "message": message, "hint": hint}}


if __name__ == "__main__":
    main()
