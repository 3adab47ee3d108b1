"""Which process makes an answer, and whether it still lives.

On one machine the operating system knows: a process that is gone has no such number, or another start time. From
elsewhere a worker is taken for dead when it has not said for `LEASE` that it lives.
"""

import os
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

LEASE = timedelta(seconds=15)
PROC = Path("/proc")


def lives(worker: Mapping[Any, Any], now: datetime) -> bool:
    """By a row of `workers`, whose columns are None when the worker has left."""
    if worker["beat"] is None:
        return False
    if here() and worker["host"] == here():
        number = worker["process"].partition(":")[0]
        return bool(worker["process"] == _process(int(number)))
    return bool(worker["beat"] > now - LEASE)


@cache
def here() -> str:
    """This start of this machine, and the room of process numbers that we see of it; empty where it cannot be told."""
    try:
        boot = (PROC / "sys/kernel/random/boot_id").read_text().strip()
        return f"{boot} {(PROC / 'self/ns/pid').readlink()}"
    except OSError:
        return ""


def this_process() -> str:
    """`number:start time`, which no later process of this machine has."""
    return _process(os.getpid()) or f"{os.getpid()}:"


def _process(number: int) -> str:
    """Empty when there is none of this number, or only what is left of one that has ended."""
    try:
        fields = (PROC / str(number) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] in ("Z", "X") else f"{number}:{fields[19]}"
