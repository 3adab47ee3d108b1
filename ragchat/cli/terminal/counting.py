"""How far the asking of many questions has come: a bar on a terminal, a line every ten seconds elsewhere.

Always on stderr, so that stdout stays what was asked for.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING

from ragchat.cli.terminal.output import err

if TYPE_CHECKING:
    from ragchat.evaluation.run import Progress as Counting

SECONDS_BETWEEN_LINES = 10.0


@contextmanager
def counted(label: str) -> "Iterator[Counting]":
    """Tells how many of how many are done."""
    if not sys.stderr.isatty():
        yield _lines(label)
        return
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=err(), transient=True) as bar:
        task = bar.add_task(label, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _lines(label: str) -> "Counting":
    last = monotonic()

    def progress(done: int, total: int) -> None:
        nonlocal last
        if monotonic() - last >= SECONDS_BETWEEN_LINES:
            last = monotonic()
            sys.stderr.write(f"{label}: {done} of {total}\n")

    return progress
