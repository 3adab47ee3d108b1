"""`ragchat ingest --watch`: after the first run the paths are followed, and each burst of changes is one more run."""

import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Event
from time import sleep
from typing import Final

from watchfiles import watch

from ragchat.errors import PublishRefused, RagchatError, UsageError

BURST: Final = 1_600
"""Milliseconds that changes are collected: a copied folder or a checkout is one run."""
WAKE: Final = 1_000
"""Milliseconds after which a look without changes ends; the first one says that it has begun to follow."""
QUIET: Final = 400
"""Milliseconds without a change that end a burst."""


def follow(paths: Sequence[Path], index: Path, run: Callable[[], object]) -> None:
    """Calls `run` after each burst of changes below the paths until ^C (or SIGTERM), which lets the run under way end;
    what a run refuses is told, and it goes on.

    Changes below `index` are the runs' own. UsageError for a path that cannot be followed.
    """
    for path in paths:
        if not path.exists():
            raise UsageError(
                f"{path} cannot be watched: it is no folder or file.",
                hint="--watch follows folders and files; a loader is asked again by running it again.",
            )
    own, following, stop = index.resolve(), False, _stop_asked()
    while True:
        before = _identities(paths)
        for changes in watch(
            *paths,
            debounce=BURST,
            step=QUIET,
            rust_timeout=WAKE,
            yield_on_timeout=True,
            stop_event=stop,
        ):
            outside = any(not Path(changed).resolve().is_relative_to(own) for _, changed in changes)
            if following and not outside and _identities(paths) == before:
                continue
            if not following:  # what changed between the first run and the first look is taken in, too
                sys.stderr.write(f"Watching {', '.join(map(str, paths))}. Stop with Ctrl-C.\n")
                following = True
            _try(run)
            if stop.is_set() or _identities(paths) != before:
                break
        while not stop.is_set() and None in _identities(paths):
            sleep(WAKE / 1000)
        if stop.is_set():
            return
        following = False  # a path was replaced: what it holds now is taken in


def _stop_asked() -> Event:
    """Set by the first ^C or SIGTERM; the second one ends at once."""
    stop = Event()

    def ask(number: int, frame: object) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    signal.signal(signal.SIGINT, ask)
    signal.signal(signal.SIGTERM, ask)
    return stop


def _try(run: Callable[[], object]) -> None:
    try:
        run()
    except PublishRefused as refused:
        sys.stderr.write(f"not published: {refused}\n")
    except RagchatError as error:
        sys.stderr.write(f"error: {error}\n")


def _identities(paths: Sequence[Path]) -> list[tuple[int, int] | None]:
    """Device and inode of each path, None for one that is not there: a folder that was replaced is another one."""
    found: list[tuple[int, int] | None] = []
    for path in paths:
        try:
            stat = path.stat()
        except OSError:
            found.append(None)
        else:
            found.append((stat.st_dev, stat.st_ino))
    return found
