"""A copy of a collection while it is in use: by readers, by servers, by an ingest.

The catalog is copied first, as one transaction sees it; the generations that it names are immutable, so their files can
follow. One that is pruned meanwhile is no longer there to be copied: then the copy is begun anew, from a newer catalog.
"""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

from ragchat.corpus.local.files.layout import GENERATIONS, generation_directory
from ragchat.errors import StorageFailed

ATTEMPTS: Final = 5


def copy_home(home: Path, target: Path, catalog: str) -> list[int]:
    """Copy the collection at `home` to the folder `target`, which must not exist; returns the generations copied."""
    for _ in range(ATTEMPTS):
        try:
            return _copied(home, target, catalog)
        except FileNotFoundError:
            shutil.rmtree(target, ignore_errors=True)
        except (sqlite3.Error, OSError) as refused:
            raise StorageFailed(
                f"The collection {home.name!r} cannot be copied: {refused}.",
                hint="Check that both disks can be read and written and have room.",
            ) from refused
    raise StorageFailed(
        f"The collection {home.name!r} changes faster than it can be copied.",
        hint="Try again when no ingest is running.",
    )


def _copied(home: Path, target: Path, catalog: str) -> list[int]:
    (target / GENERATIONS).mkdir(parents=True)
    with closing(sqlite3.connect(f"file:{home / catalog}?mode=ro", uri=True, timeout=30)) as live:
        live.execute("VACUUM INTO ?", (str(target / catalog),))
    with closing(sqlite3.connect(target / catalog)) as copy:
        numbers = [int(row[0]) for row in copy.execute("SELECT number FROM generations ORDER BY number")]
    for number in numbers:
        shutil.copytree(generation_directory(home, number), generation_directory(target, number))
    return numbers
