"""Serving an index from a mount that cannot be written: libraries that insist on creating a lock file get a mirror.

tantivy takes a lock file to open an index, even for reading. Where its directory refuses, it sees a temporary
directory of symbolic links instead; the mapped files stay open when that is gone.
"""

import os
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def readable_directory(directory: Path, lock_files: Collection[str]) -> Iterator[Path]:
    """`directory` itself where a lock file can be made in it, else a mirror that lives as long as the block."""
    if _can_lock(directory, lock_files):
        yield directory
        return
    with tempfile.TemporaryDirectory(prefix="ragchat-lexical-") as name:
        mirror = Path(name)
        for path in directory.iterdir():
            if path.name not in lock_files:
                (mirror / path.name).symlink_to(path.absolute())
        yield mirror


def _can_lock(directory: Path, lock_files: Collection[str]) -> bool:
    for name in lock_files:
        path = directory / name
        try:
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o644))
        except OSError:
            return False
    return True
