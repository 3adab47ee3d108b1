"""`ragchat ingest --watch`: after the first run the paths are followed, and each burst of changes is one more run."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
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
    """Calls `run` after each burst of changes below the paths until ^C; what a run refuses is told, and it goes on.

    Changes below `index` are the runs' own. UsageError for a path that cannot be followed.
    """
    for path in paths:
        if not path.exists():
            raise UsageError(
                f"{path} cannot be watched: it is no folder or file.",
                hint="--watch follows folders and files; a loader is asked again by running it again.",
            )
    own = index.resolve()
    following = False
    for changes in watch(
        *paths, debounce=BURST, step=QUIET, rust_timeout=WAKE, yield_on_timeout=True, raise_interrupt=False
    ):
        if not following:  # what changed between the first run and the first look is taken in, too
            sys.stderr.write(f"Watching {', '.join(map(str, paths))}. Stop with Ctrl-C.\n")
            following = True
        elif not any(not Path(changed).resolve().is_relative_to(own) for _, changed in changes):
            continue
        try:
            run()
        except PublishRefused as refused:
            sys.stderr.write(f"not published: {refused}\n")
        except RagchatError as error:
            sys.stderr.write(f"error: {error}\n")
