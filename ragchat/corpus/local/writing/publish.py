"""From old knowledge to new: the built directory gets its name, then ONE transaction makes it current.

A kill before the transaction leaves a directory that no row names (the next writer deletes it); a kill after it
leaves the new generation. There is nothing in between.
"""

import hashlib
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Literal, TypeAlias

from ragchat.corpus.local.writing.build import GenerationBuild
from ragchat.corpus.local.catalog.catalog import CATALOG_NAME, get_meta, set_meta, transaction
from ragchat.corpus.local.files.failures import disk
from ragchat.corpus.local.files.files import sync_directory
from ragchat.corpus.local.catalog.live import Ranges
from ragchat.corpus.local.files.manifest import Manifest, canonical_json
from ragchat.corpus.values import GenerationInfo

Phase: TypeAlias = Literal[
    "cleaning", "staging", "building", "sealing", "renaming", "committing", "published", "pruning"
]
Observe: TypeAlias = Callable[[Phase], None]
GENERATIONS: Final = "generations"


@dataclass(frozen=True, slots=True)
class Change:
    """What a publish makes true: the versions of the new generation, and how they differ from its base's."""

    live: Ranges
    added: tuple[int, ...]
    dropped: tuple[int, ...]
    embedder_id: int


def generation_directory(home: Path, number: int) -> Path:
    """`generations/000012`."""
    return home / GENERATIONS / f"{number:06d}"


def now() -> str:
    """ISO 8601, UTC, to the second: 2026-03-01T12:00:00Z."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def publish(
    connection: sqlite3.Connection,
    home: Path,
    build: GenerationBuild,
    manifest: Manifest,
    change: Change,
    observe: Observe,
) -> GenerationInfo:
    """Seals, names and commits. Raises StorageFailed; then the old generation is still current."""
    observe("sealing")
    sealed, content = build.seal(manifest)
    observe("renaming")
    directory = generation_directory(home, sealed.number)
    with disk(directory):
        build.directory.rename(directory)
        sync_directory(directory.parent)
    size = len(content) + sum(entry.size for entry in sealed.files.values())
    observe("committing")
    with transaction(connection, home / CATALOG_NAME, durable=True):
        _write_membership(connection, sealed, change)
        _write_generation(connection, sealed, content, change, size)
        set_meta(connection, "current", sealed.number)
        set_meta(connection, "next_generation", sealed.number + 1)
    observe("published")
    return GenerationInfo(
        number=sealed.number,
        created=sealed.created,
        documents=sealed.documents,
        chunks=sealed.chunks,
        current=True,
        embedder_key=sealed.embedder.key,
        size_bytes=size,
    )


def _write_generation(
    connection: sqlite3.Connection, manifest: Manifest, content: bytes, change: Change, size: int
) -> None:
    connection.execute(
        "INSERT INTO generations VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            manifest.number,
            manifest.base,
            manifest.created,
            manifest.documents,
            manifest.chunks,
            change.embedder_id,
            manifest.options_hash,
            manifest.language,
            canonical_json(dict(manifest.settings)).decode(),
            hashlib.sha256(content).hexdigest(),
            size,
        ),
    )


def _write_membership(connection: sqlite3.Connection, manifest: Manifest, change: Change) -> None:
    """Open rows are exactly the newest published generation's versions; after this they are this one's."""
    number = manifest.number
    if manifest.base == (get_meta(connection, "next_generation") or 1) - 1:
        _close(connection, change.dropped, number - 1)
        _open(connection, change.added, number)
        return
    # The base was rolled back to (or there is none): what the newer generations opened and closed is settled whole.
    opened = {
        row[0] for row in connection.execute("SELECT version_id FROM membership WHERE last_gen IS NULL")
    }
    living = set(change.live.version_ids.tolist())
    _close(connection, sorted(opened - living), number - 1)
    _open(connection, sorted(living - opened), number)


def _close(connection: sqlite3.Connection, version_ids: Sequence[int], last: int) -> None:
    connection.executemany(
        "UPDATE membership SET last_gen = ? WHERE version_id = ? AND last_gen IS NULL",
        [(last, version_id) for version_id in version_ids],
    )


def _open(connection: sqlite3.Connection, version_ids: Sequence[int], first: int) -> None:
    connection.executemany(
        "INSERT INTO membership VALUES (?, ?, NULL)", [(version_id, first) for version_id in version_ids]
    )
