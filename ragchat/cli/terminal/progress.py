"""The progress of an ingest: a bar on a terminal, a line every few seconds elsewhere; always on stderr."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING

from ingest.options import Observer
from ingest.report import Outcome, Stage
from ragchat.cli.terminal.output import err

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

SECONDS_BETWEEN_LINES = 10.0
LABELS: dict[Stage, str] = {
    "fetch": "Fetching",
    "scan": "Looking for changes",
    "extract": "Reading",
    "split": "Splitting",
    "embed": "Reading and embedding",
    "index": "Building the index",
    "publish": "Publishing",
}
ASKING = "Asking the gate's questions"


@contextmanager
def observed() -> Iterator[Observer]:
    """An observer that fits where stderr goes."""
    if not sys.stderr.isatty():
        yield LogLines()
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[chunks]} chunks"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=err(), transient=True) as progress:
        yield Bar(progress)


class Bar(Observer):
    """A rich progress bar over the files to read."""

    def __init__(self, progress: "Progress") -> None:
        self.progress = progress
        self.task: TaskID = progress.add_task("Starting", total=None, chunks=0)
        self.chunks = 0

    def stage(self, stage: Stage) -> None:
        self.progress.update(self.task, description=LABELS[stage])

    def found(self, files: int) -> None:
        self.progress.update(self.task, total=files)

    def read(self, files: int) -> None:
        self.progress.update(self.task, completed=files)

    def finished(self, outcome: Outcome) -> None:
        if outcome.status == "failed":
            self.progress.console.print(f"failed: {outcome.key}: {outcome.detail}", markup=False)

    def embedded(self, chunks: int) -> None:
        self.chunks += chunks
        self.progress.update(self.task, chunks=self.chunks)

    def asked(self, done: int, total: int) -> None:
        self.progress.update(self.task, description=ASKING, completed=done, total=total)


class LogLines(Observer):
    """Plain lines: failures at once, progress every ten seconds."""

    def __init__(self) -> None:
        self.files = self.files_read = self.chunks = 0
        self.printed = monotonic()

    def stage(self, stage: Stage) -> None:
        if stage in ("index", "publish"):
            sys.stderr.write(f"{LABELS[stage]}\n")

    def found(self, files: int) -> None:
        self.files = files

    def read(self, files: int) -> None:
        self.files_read = files
        self._say()

    def finished(self, outcome: Outcome) -> None:
        if outcome.status == "failed":
            sys.stderr.write(f"failed: {outcome.key}: {outcome.detail}\n")

    def embedded(self, chunks: int) -> None:
        self.chunks += chunks
        self._say()

    def asked(self, done: int, total: int) -> None:
        self._say_now_and_then(f"{ASKING}: {done} of {total}")

    def _say(self) -> None:
        self._say_now_and_then(f"{self.files_read} of {self.files} files, {self.chunks} chunks embedded")

    def _say_now_and_then(self, line: str) -> None:
        if monotonic() - self.printed >= SECONDS_BETWEEN_LINES:
            self.printed = monotonic()
            sys.stderr.write(f"{line}\n")
