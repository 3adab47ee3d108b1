"""Sources that can list all they hold, each file with a version: buckets, mailboxes. Bringing them is alike."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from ingest.remote.brought import Brought
from ingest.remote.mirror import Mirror
from ingest.report import Outcome
from ragchat.errors import DocumentFailed

LONGEST_PART: Final = 200
"""Bytes of a name in a path that every file system takes."""
SAVE_EVERY: Final = 100
"""Files after which a run that is stopped need not begin anew."""


@dataclass(frozen=True, slots=True)
class Item:
    """One file of a source: what it is called there, what tells a change, and where it can be seen."""

    name: str
    version: str
    uri: str = ""


def bring_items(
    identity: str,
    items: Sequence[Item],
    fetch: Callable[[Item], bytes],
    mirror: Mirror,
    told: Callable[[int], None],
) -> Brought:
    """`items` are all that is there: what is not among them is gone. `fetch` raises DocumentFailed where one file
    cannot be had."""
    before = {key: told for key, told in mirror.state().items() if isinstance(told, str)}
    keys = keys_of([item.name for item in items])
    now = {key: before[key] for key in keys.values() if key in before and mirror.path(key).is_file()}
    failed: list[Outcome] = []
    for key in before.keys() - set(keys.values()):
        mirror.drop(key)
    try:
        for number, item in enumerate(items, 1):
            key = keys[item.name]
            if now.get(key) != item.version:
                try:
                    mirror.put(key, fetch(item))
                    now[key] = item.version
                except DocumentFailed as error:
                    earlier = " What was fetched of it before is still served." if key in now else ""
                    failed.append(Outcome(item.uri or key, "failed", error.code, f"{error}{earlier}"))
                if number % SAVE_EVERY == 0:
                    mirror.remember(now)
            told(number)
    finally:
        mirror.remember(now)
    uris: Mapping[str, str] = {keys[item.name]: item.uri for item in items if item.uri}
    return Brought(identity, mirror.files, dict(uris), failed=tuple(failed))


def keys_of(names: Sequence[str]) -> dict[str, str]:
    """Names as paths that a file system takes, each name another one; those that are such paths stay as they are."""
    folders = {str(above) for name in names for above in PurePosixPath(name).parents}
    return {name: name if _is_path(name) and name not in folders else _safe(name) for name in names}


def _is_path(name: str) -> bool:
    parts = name.split("/")
    return all(part.strip(". ") and not part.startswith(".") and len(part.encode()) <= LONGEST_PART
               and part.isprintable() and "\\" not in part for part in parts)  # fmt: skip


def _safe(name: str) -> str:
    plain = PurePosixPath("".join(letter if letter.isalnum() or letter in "._-" else "-" for letter in name))
    stem = plain.stem.strip(".-")[:40] or "object"
    return f"{stem}~{hashlib.sha256(name.encode()).hexdigest()[:12]}{plain.suffix[:12]}"
