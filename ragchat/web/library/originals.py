"""From a stored document to the file that it was read from, if that may be shown.

Keys come from file names and from ids inside JSONL files, so they are not to be trusted as paths: a file is shown only
if it lies below the ingested root after every link is followed, and its bytes are the ingested ones.
"""

import hashlib
from pathlib import Path

from ragchat.corpus.values import StoredDocument

LARGEST = 256 * 1024 * 1024
"""Bytes; what is larger is not hashed for every click."""


def original_of(document: StoredDocument) -> Path | None:
    """The readable, unchanged original, or None. Blocks on the disk: call it in a worker thread."""
    try:
        path = _below(Path(document.root), document.key)
        if path is None or path.stat().st_size > LARGEST:
            return None
        with path.open("rb") as file:
            unchanged = hashlib.file_digest(file, "sha256").hexdigest() == document.version
    except (OSError, ValueError):  # gone, unreadable, or a key that no file can have
        return None
    return path if unchanged else None


def _below(root: Path, key: str) -> Path | None:
    """The regular file that `key` names below `root`; a root that is a file holds only itself."""
    home = root.resolve(strict=True)
    if home.is_file():
        return home if key == root.name else None
    path = (home / key).resolve(strict=True)
    return path if path.is_relative_to(home) and path.is_file() else None
