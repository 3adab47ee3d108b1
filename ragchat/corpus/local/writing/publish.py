"""From old knowledge to new: the built directory gets its name, then ONE transaction makes it current.

A kill before the transaction leaves a directory that no row names (the next writer deletes it); a kill after it
leaves the new generation. There is nothing in between.
"""

import hashlib
import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ragchat.corpus.contract import Observe
from ragchat.corpus.local.catalog.catalog import CATALOG_NAME, transaction
from ragchat.corpus.local.catalog.seals import get_meta, marker_of, move_pointer, seal_generation
from ragchat.corpus.local.catalog.live import Ranges
from ragchat.corpus.local.files.failures import disk, sqlite
from ragchat.corpus.local.files.files import sync_directory
from ragchat.corpus.local.files.layout import generation_directory
from ragchat.corpus.local.files.manifest import Manifest, canonical_json
from ragchat.corpus.local.files.marker import write_marker
from ragchat.corpus.local.writing.build import GenerationBuild
from ragchat.corpus.refusals import base_moved
from ragchat.corpus.values import GenerationInfo
from ragchat.errors import PublishRefused, StorageFailed


@dataclass(frozen=True, slots=True)
class Change:
    """What a publish makes true: the versions of the new generation, and how they differ from its base's."""

    live: Ranges
    added: tuple[int, ...]
    dropped: tuple[int, ...]
    embedder_id: int


def publish(
    connection: sqlite3.Connection,
    home: Path,
    build: GenerationBuild,
    manifest: Manifest,
    change: Change,
    observe: Observe,
) -> GenerationInfo:
    """Seals, names and commits. Raises StorageFailed, PublishRefused; what was current then still is."""
    require_base(connection, home, manifest.base, manifest.number)
    observe("sealing")
    sealed, content = build.seal(manifest)
    observe("renaming")
    directory = generation_directory(home, sealed.number)
    with disk(directory):
        build.directory.rename(directory)
        sync_directory(directory.parent)
    size = len(content) + sum(entry.size for entry in sealed.files.values())
    observe("committing")
    try:
        _commit(connection, home, sealed, content, change, size)
    except PublishRefused:
        with disk(directory):  # the name may be another's by now
            directory.rename(build.directory)
        raise
    with sqlite(home / CATALOG_NAME):
        marker = marker_of(connection)
    with suppress(StorageFailed):  # published is published: the next writer writes the marker
        write_marker(home, marker)
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


def require_base(connection: sqlite3.Connection, home: Path, base: int | None, number: int) -> None:
    """Raises PublishRefused (code "base_moved") unless nobody published or rolled back since the run began."""
    with sqlite(home / CATALOG_NAME):
        current, following = get_meta(connection, "current"), get_meta(connection, "next_generation") or 1
    if current != base or following != number:
        raise base_moved(home.name, base, current)


def _commit(
    connection: sqlite3.Connection, home: Path, sealed: Manifest, content: bytes, change: Change, size: int
) -> None:
    with transaction(connection, home / CATALOG_NAME, durable=True):
        require_base(connection, home, sealed.base, sealed.number)
        settled = _write_membership(connection, sealed, change)
        _write_generation(connection, sealed, content, change, size)
        live = Ranges.of_generation(connection, sealed.number) if settled else change.live
        seal_generation(connection, sealed.number, live)
        move_pointer(connection, sealed.number, sealed.number + 1)


def _write_generation(
    connection: sqlite3.Connection, manifest: Manifest, content: bytes, change: Change, size: int
) -> None:
    connection.execute(
        "INSERT INTO generations (number, base, created, documents, chunks, embedder_id, options_hash, language,"
        " settings, manifest_sha256, size_bytes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
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


def _write_membership(connection: sqlite3.Connection, manifest: Manifest, change: Change) -> bool:
    """Open rows are exactly the newest published generation's versions; after this they are this one's. True where that
    took more than the change itself, so that some live since another generation than the change says."""
    number = manifest.number
    if manifest.base == (get_meta(connection, "next_generation") or 1) - 1:
        _close(connection, change.dropped, number - 1)
        _open(connection, change.added, number)
        return False
    # The base was rolled back to (or there is none): what the newer generations opened and closed is settled whole.
    opened = {
        row[0] for row in connection.execute("SELECT version_id FROM membership WHERE last_gen IS NULL")
    }
    living = set(change.live.version_ids.tolist())
    _close(connection, sorted(opened - living), number - 1)
    _open(connection, sorted(living - opened), number)
    return True


def _close(connection: sqlite3.Connection, version_ids: Sequence[int], last: int) -> None:
    connection.executemany(
        "UPDATE membership SET last_gen = ? WHERE version_id = ? AND last_gen IS NULL",
        [(last, version_id) for version_id in version_ids],
    )


def _open(connection: sqlite3.Connection, version_ids: Sequence[int], first: int) -> None:
    connection.executemany(
        "INSERT INTO membership VALUES (?, ?, NULL)", [(version_id, first) for version_id in version_ids]
    )
