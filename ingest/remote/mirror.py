"""The folder that a remote source is brought into, and what is remembered of it between two runs.

Files are written beside their name and moved there, so that a run that is stopped leaves whole files. One process at
a time brings a mirror in line.
"""

import fcntl
import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from ragchat.errors import StorageFailed, WriterBusy

STATE: Final = "state.json"
FILES: Final = "files"
_PLAIN: Final = re.compile(r"[^a-z0-9]+")


class Mirror:
    """A folder below `home` for one address: `files`, and a JSON of the source's own making beside them."""

    def __init__(self, home: Path, address: str) -> None:
        digest = hashlib.sha256(address.encode()).hexdigest()[:12]
        name = _PLAIN.sub("-", address.lower()).strip("-")[:60]
        self.folder = home / f"{name}-{digest}"
        self.files = self.folder / FILES

    @contextmanager
    def held(self) -> Iterator[None]:
        """For one process at a time. Raises WriterBusy, StorageFailed."""
        try:
            self.files.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise StorageFailed(f"Cannot write {self.folder}: {error.strerror}.") from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(descriptor)
            raise WriterBusy(
                "Another run is bringing this source already.", hint="Wait for it to end, then run it again."
            ) from error
        try:
            yield
        finally:
            os.close(descriptor)

    def state(self) -> Mapping[str, object]:
        """What was remembered; empty for a new or damaged one: everything is fetched again then."""
        try:
            found = json.loads((self.folder / STATE).read_bytes())
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def remember(self, state: Mapping[str, object]) -> None:
        self._write(self.folder / STATE, json.dumps(state, ensure_ascii=False, sort_keys=True).encode())

    def path(self, key: str) -> Path:
        return self.files / key

    def put(self, key: str, content: bytes) -> None:
        """A file's new content; the same content leaves the file as it is."""
        path = self.path(key)
        if not (path.is_file() and path.read_bytes() == content):
            self._write(path, content)

    def drop(self, key: str) -> None:
        self.path(key).unlink(missing_ok=True)

    def _write(self, path: Path, content: bytes) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            part = path.with_name(f".{path.name[:80]}.part")
            part.write_bytes(content)
            part.replace(path)
        except OSError as error:
            raise StorageFailed(f"Cannot write {path.name}: {error.strerror}.") from error
