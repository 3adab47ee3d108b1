"""An upload as it is kept on the disk: what came, how far it got, how each file ended.

Written before it is acknowledged and by renaming, so that a kill leaves one state or the next, and any worker can tell
of it.
"""

import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal, TypeAlias

from pydantic import TypeAdapter, ValidationError

State: TypeAlias = Literal["queued", "running", "done", "failed"]
FileStatus: TypeAlias = Literal[
    "queued", "added", "updated", "renamed", "unchanged", "duplicate", "empty", "skipped", "failed"
]
KEPT_SECONDS: Final = 7 * 24 * 3600.0
"""How long an upload that ended can be asked for."""


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """One file. `reason` says why it is not in the index, or what it is a duplicate of; `documents` counts what is in
    it, `document_id` is the one where there is one."""

    name: str
    bytes: int
    status: FileStatus = "queued"
    reason: str = ""
    document_id: str | None = None
    documents: int = 0


@dataclass(frozen=True, slots=True)
class Failure:
    """Why nothing of it could be brought in."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Job:
    """One upload. Times are seconds since 1970; `generation` is the one that its documents came with."""

    id: str
    collection: str
    tenant: str
    acl: tuple[str, ...]
    files: tuple[UploadedFile, ...]
    created: float = field(default_factory=time.time)
    state: State = "queued"
    finished: float | None = None
    generation: int | None = None
    failure: Failure | None = None

    @property
    def ended(self) -> bool:
        return self.state in ("done", "failed")


_jobs: Final = TypeAdapter(Job)


def write(folder: Path, job: Job) -> None:
    """Keep it durably. OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    durably(folder / f"{job.id}.json", _jobs.dump_json(job))


def read(folder: Path, job_id: str) -> Job | None:
    """As it was written last; None where there is none."""
    try:
        return _jobs.validate_json((folder / f"{job_id}.json").read_bytes())
    except (FileNotFoundError, ValidationError):
        return None


def unfinished(folder: Path) -> list[Job]:
    """Those that have not ended, oldest first; those that ended long ago are forgotten on the way."""
    found: list[Job] = []
    for path in folder.glob("*.json"):
        job = read(folder, path.stem)
        if job is None:
            continue
        if not job.ended:
            found.append(job)
        elif time.time() - (job.finished or job.created) > KEPT_SECONDS:
            path.unlink(missing_ok=True)
    return sorted(found, key=lambda job: job.created)


def durably(path: Path, content: bytes) -> None:
    """Write `path` as a whole or not at all. OSError."""
    unnamed = path.with_name(f".{path.name}.{os.getpid()}")
    with unnamed.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    moved(unnamed, path)


def moved(source: Path, target: Path) -> None:
    """`source` under the name `target`, which is durable when this returns. OSError."""
    source.replace(target)
    descriptor = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
