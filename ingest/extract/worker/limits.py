"""What one file may cost: bytes, seconds, and memory as a share of what this machine, or this container, has.

A fixed limit of a gigabyte protects nobody on a machine of one: the kernel would end the run, or its neighbour, first.
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final

from ingest.extract import MAX_BYTES

MOST_MEMORY: Final = 1280 * 1024**2
"""Address space of a child, in bytes, however large the machine is: beside it the run itself takes some hundred MiB."""
LEAST_MEMORY: Final = 384 * 1024**2
"""What an interpreter with its parsers needs to read an ordinary file; below it nothing could be read at all."""
MEMORY_SHARE: Final = 0.5
"""Of the machine's memory: the embedder and the index of the run need the other half."""
MOST_CHILDREN: Final = 4
"""A bound for machines of many cores, where what is read waits for the embedder; measured on two (bench/extract)."""
_CGROUPS: Final = Path("/sys/fs/cgroup")
_UNLIMITED: Final = 1 << 60
"""From here on a limit of a version 1 cgroup is none (it says 2^63 rounded to pages)."""


@cache
def usual_children() -> int:
    """`children_here` for the cores that this process may use and the memory that it may have."""
    return children_here(len(os.sched_getaffinity(0)), machine_memory())


@cache
def _child_memory() -> int:
    return child_memory(machine_memory())


@dataclass(frozen=True, slots=True)
class Limits:
    """Per file: largest size in bytes, wall-clock seconds, and the child's address space in bytes (0: no limit)."""

    max_bytes: int = MAX_BYTES
    seconds: float = 60.0
    memory_bytes: int = field(default_factory=_child_memory)


def child_memory(machine: int) -> int:
    """Address space of a child on a machine with so many bytes of memory (0: not known)."""
    if not machine:
        return MOST_MEMORY
    return max(LEAST_MEMORY, min(MOST_MEMORY, int(machine * MEMORY_SHARE)))


def children_here(cores: int, machine: int) -> int:
    """How many children may read side by side: one for each core, as far as MEMORY_SHARE of the machine's bytes (0: not
    known) bounds them all together; MOST_CHILDREN at most."""
    room = int(machine * MEMORY_SHARE) // child_memory(machine) if machine else MOST_CHILDREN
    return max(1, min(cores, room, MOST_CHILDREN))


def machine_memory(
    process: Path = Path("/proc/self/cgroup"), cgroups: Path = _CGROUPS, system: Path = Path("/proc/meminfo")
) -> int:
    """Bytes of memory that this process may have: the machine's, or what its control group allows; 0 if not known."""
    found = [*_system_memory(system), *_group_limits(process, cgroups)]
    return min(found, default=0)


def _system_memory(system: Path) -> Iterator[int]:
    with suppress(OSError, ValueError, IndexError):
        for line in system.read_text("ascii", errors="replace").splitlines():
            if line.startswith("MemTotal:"):
                yield int(line.split()[1]) * 1024


def _group_limits(process: Path, cgroups: Path) -> Iterator[int]:
    """The limits of the process's own group and of all above it; in a container its own group is the topmost one."""
    names = ["/"]
    with suppress(OSError):
        for line in process.read_text("utf-8", errors="replace").splitlines():
            _, controllers, name = line.split(":", 2)
            if controllers in ("", "memory"):
                names.append(name)
    for root, file in ((cgroups, "memory.max"), (cgroups / "memory", "memory.limit_in_bytes")):
        folders = {root / parent.lstrip("/") for name in names for parent in _upwards(name)}
        for folder in folders:
            with suppress(OSError, ValueError):  # "max" is no number: no limit
                limit = int((folder / file).read_text("ascii"))
                if 0 < limit < _UNLIMITED:
                    yield limit


def _upwards(name: str) -> Iterator[str]:
    path = Path("/") / name.lstrip("/")
    yield str(path)
    yield from map(str, path.parents)
