"""Where uploaded files lie: a folder for each set of tags below `.uploads/COLLECTION` in the index folder.

Each such folder is a root of its own for the pipeline, which no other ingest touches. Names come from clients: nothing
of them but letters, digits and harmless signs reaches the file system.
"""

import hashlib
import os
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ragchat.errors import StorageFailed, UsageError
from ragchat.web.library.records import moved

FOLDER: Final = ".uploads"
"""No collection can have this name."""
LONGEST: Final = 180
"""Bytes of a file's name; file systems take 255."""
_UNWANTED: Final = re.compile(r"[^\w .,()+@=&!'~-]|[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Drop:
    """What belongs to the uploads of one collection."""

    base: Path

    @classmethod
    def of(cls, index_dir: Path, collection: str) -> "Drop":
        return cls(index_dir.resolve() / FOLDER / collection)

    @property
    def jobs(self) -> Path:
        return self.base / "jobs"

    @property
    def incoming(self) -> Path:
        return self.base / "incoming"

    @property
    def lock(self) -> Path:
        return self.base / "lock"

    def root(self, acl: Sequence[str]) -> Path:
        """The folder of the files that are seen by whoever has one of these tags."""
        tags = "\n".join(sorted(acl))
        return self.base / "files" / (hashlib.sha256(tags.encode()).hexdigest()[:16] if tags else "everybody")

    def holds(self, root: str) -> bool:
        """Whether a document of this root was uploaded here."""
        return Path(root).is_relative_to(self.base / "files")


def safe_name(given: str) -> str:
    """The last part of the path that a client calls a file, without what is special to a file system or a glob.

    UsageError where nothing of it is left.
    """
    last = unicodedata.normalize("NFC", given).replace("\\", "/").rstrip("/").rpartition("/")[2]
    name = _UNWANTED.sub("_", last).strip().lstrip(".~").strip()
    stem, dot, suffix = name.rpartition(".")
    if dot and len(suffix.encode()) <= 16:
        stem = stem.encode()[: LONGEST - len(suffix.encode()) - 1].decode(errors="ignore").rstrip()
        name = f"{stem}.{suffix}"
    else:
        name = name.encode()[:LONGEST].decode(errors="ignore").rstrip()
    if not name.strip("._ ") or name.startswith("."):
        raise UsageError(
            "A file needs a name.", hint="Send it as filename=, or as ?name=.", code="bad_file_name"
        )
    return name


def taken_in(incoming: Path, root: Path, name: str) -> str:
    """The file `incoming` becomes `root/name`; durable on return. The name of the file that holds the same bytes
    already under another name (then nothing is kept), else "". StorageFailed."""
    try:
        root.mkdir(parents=True, exist_ok=True)
        if (same := _same_bytes(incoming, root, name)) is not None:
            incoming.unlink()
            return same
        with incoming.open("rb") as file:
            os.fsync(file.fileno())
        moved(incoming, root / name)
    except OSError as error:
        raise StorageFailed(f"The upload could not be stored: {error.strerror}.") from error
    return ""


def _same_bytes(incoming: Path, root: Path, name: str) -> str | None:
    """Another file of the folder with the same bytes."""
    size = incoming.stat().st_size
    alike = [
        one for one in root.iterdir() if one.name != name and one.is_file() and one.stat().st_size == size
    ]
    if not alike:
        return None
    digest = _digest(incoming)
    return next((one.name for one in alike if _digest(one) == digest), None)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
