"""The publish marker: a small file beside the catalog that says which state was acknowledged last.

The catalog's newest transactions live in its write-ahead log. A log that is lost or damaged takes them along without
a trace: SQLite opens the state before and all is well in it. The marker is written after each change of the pointer
and before anybody is told of it, so that a catalog that has moved less often than the marker has lost something.
"""

import json
import os
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ragchat.corpus.local.files.failures import damaged, disk
from ragchat.corpus.local.files.files import sync_directory, write_durably
from ragchat.corpus.local.files.manifest import canonical_json

MARKER_NAME: Final = "published.json"


@dataclass(frozen=True, slots=True)
class Marker:
    """`moves` counts changes of the pointer; `current` and `next_generation` are those after the last."""

    moves: int
    current: int | None
    next_generation: int


def read_marker(home: Path) -> Marker | None:
    """None where there is none (nothing was published since there are markers). Raises IndexDamaged."""
    path = home / MARKER_NAME
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    try:
        record = json.loads(content)
        marker = Marker(int(record["moves"]), record["current"], int(record["next_generation"]))
        whole = record["crc"] == _crc(marker)
    except (ValueError, KeyError, TypeError) as error:
        raise damaged(MARKER_NAME, "not a publish marker") from error
    if not whole:
        raise damaged(MARKER_NAME, "its content does not match its checksum")
    return marker


def write_marker(home: Path, marker: Marker) -> None:
    """Replaces the one that is there, durably. Raises StorageFailed."""
    path, part = home / MARKER_NAME, home / f"{MARKER_NAME}.part"
    with disk(path):
        write_durably(part, canonical_json({**_fields(marker), "crc": _crc(marker)}) + b"\n")
        os.replace(part, path)
        sync_directory(home)


def _crc(marker: Marker) -> int:
    return zlib.crc32(canonical_json(_fields(marker)))


def _fields(marker: Marker) -> dict[str, int | None]:
    return {
        "moves": marker.moves,
        "current": marker.current,
        "next_generation": marker.next_generation,
    }
