"""What a writer puts right before it begins: counters, embedder and generation rows that can be made from what else is
there, and a lost log that must not pass unnoticed.

Mended is only what has one possible value: counters follow from the rows, a generation's row from its manifest, the
pointer from the publish marker. Everything else is damage, and said.
"""

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from ragchat.corpus.local.catalog.catalog import CATALOG_NAME, transaction
from ragchat.corpus.local.catalog.rows import crc_of
from ragchat.corpus.local.catalog.seals import (
    GENERATION_COLUMNS,
    SEAL,
    marker_of,
    meta_holds,
    meta_rows,
    seal_meta,
)
from ragchat.corpus.local.files.failures import damaged_row, sqlite
from ragchat.corpus.local.files.layout import GENERATIONS, generation_directory
from ragchat.corpus.local.files.manifest import MANIFEST_NAME, Manifest, canonical_json
from ragchat.corpus.local.files.marker import Marker, read_marker, write_marker
from ragchat.errors import IndexDamaged, StorageFailed

LOST_LOG: Final = "log_lost"


def mend(connection: sqlite3.Connection, home: Path, *, accept_loss: bool = False) -> None:
    """Raises IndexDamaged for what cannot be mended; code "log_lost" where a published generation is gone, unless the
    loss is accepted (`index rebuild`)."""
    marker = _marker_or_none(home)
    with sqlite(home / CATALOG_NAME):
        if not meta_holds(meta_rows(connection)):
            _mend_meta(connection, home, marker)
        lost = lost_generation(connection, marker)
        if lost is not None and marker is not None:
            if not accept_loss:
                raise _lost(home, connection, lost)
            _go_past(connection, home, marker)
        _mend_generations(connection, home)
        now = marker_of(connection)
    if now != marker and (now.moves or marker is not None):
        with suppress(StorageFailed):  # a witness of what is there: the next writer tries again
            write_marker(home, now)


def lost_generation(connection: sqlite3.Connection, marker: Marker | None) -> int | None:
    """The number of the generation that was acknowledged and that the catalog does not know any more: what it held
    of the collection's last changes is gone with its log."""
    if marker is None or marker.moves <= marker_of(connection).moves:
        return None
    return marker.next_generation - 1


def _marker_or_none(home: Path) -> Marker | None:
    try:
        return read_marker(home)
    except IndexDamaged:  # verify names it; it is written anew
        return None


def _lost(home: Path, connection: sqlite3.Connection, number: int) -> IndexDamaged:
    left = meta_rows(connection)["current"]
    state = f"what is left is generation {left}" if left else "nothing is left of what was published"
    return IndexDamaged(
        f"Generation {number} of collection {home.name!r} was published and is gone: the write-ahead log of"
        f" catalog.sqlite was lost or damaged; {state}.",
        hint="Restore catalog.sqlite and catalog.sqlite-wal from a backup; or accept it with `ragchat index rebuild`,"
        " then run `ragchat ingest` for every root (documents removed since may be back until then).",
        code=LOST_LOG,
    )


def _go_past(connection: sqlite3.Connection, home: Path, marker: Marker) -> None:
    """The lost generation's number is never given again."""
    rows = meta_rows(connection)
    following = max(rows["next_generation"] or 1, marker.next_generation)
    with transaction(connection, home / CATALOG_NAME, durable=True):
        _write_meta(connection, {**rows, "next_generation": following, "moves": marker.moves})


def _mend_meta(connection: sqlite3.Connection, home: Path, marker: Marker | None) -> None:
    numbers = [row[0] for row in connection.execute("SELECT number FROM generations")]
    if marker is None or (marker.current is not None and marker.current not in numbers):
        raise damaged_row(
            "catalog.sqlite, pointer and counters",
            "they do not match their checksum, and no publish marker says what is current",
        )
    directories = [int(path.name) for path in (home / GENERATIONS).iterdir() if path.name.isdecimal()]
    made: dict[str, int | None] = {
        "current": marker.current,
        "next_generation": max([marker.next_generation - 1, *numbers, *directories]) + 1,
        "next_version": _greatest(connection, "SELECT max(version_id) FROM versions") + 1,
        "next_chunk": max(
            _greatest(connection, "SELECT max(chunk_id) FROM chunks"),
            _greatest(connection, "SELECT max(first_chunk + chunk_count - 1) FROM versions"),
            *(segment.last_id for manifest in _manifests(home, numbers) for segment in manifest.segments),
        )
        + 1,
        "embedding_floor": 0,
        "moves": marker.moves,
    }
    with transaction(connection, home / CATALOG_NAME, durable=True):
        _write_meta(connection, made)


def _write_meta(connection: sqlite3.Connection, rows: dict[str, int | None]) -> None:
    connection.execute("DELETE FROM meta")
    connection.executemany("INSERT INTO meta VALUES (?, ?)", [*{**rows, SEAL: 0}.items()])
    seal_meta(connection)


def _greatest(connection: sqlite3.Connection, sql: str) -> int:
    return int(connection.execute(sql).fetchone()[0] or 0)


def _mend_generations(connection: sqlite3.Connection, home: Path) -> None:
    """Rows of generations and of their embedders that differ from what the manifest says, where it is the right one."""
    for number, embedder_id, sha256, crc in connection.execute(
        "SELECT number, embedder_id, manifest_sha256, crc FROM generations"
    ).fetchall():
        content = _manifest_bytes(home, number)
        found = hashlib.sha256(content).hexdigest()
        manifest = _manifest(content)
        if manifest is None:
            continue
        row = connection.execute(
            f"SELECT {GENERATION_COLUMNS} FROM generations WHERE number = ?", (number,)
        ).fetchone()
        if crc is not None and crc_of(row) != crc:
            _mend_generation(connection, home, manifest, found, row, crc)
        elif sha256 == found:
            _mend_embedder(connection, home, manifest, embedder_id)


def _mend_generation(
    connection: sqlite3.Connection,
    home: Path,
    manifest: Manifest,
    sha256: str,
    row: tuple[int | str | None, ...],
    crc: int,
) -> None:
    """Written anew from the manifest if that gives the row that was sealed, else left as it is."""
    _, _, _, _, _, embedder_id, _, _, _, _, size, members = row
    made = (
        manifest.number,
        manifest.base,
        manifest.created,
        manifest.documents,
        manifest.chunks,
        embedder_id,
        manifest.options_hash,
        manifest.language,
        canonical_json(dict(manifest.settings)).decode(),
        sha256,
        size,
        members,
    )
    if crc_of(made) != crc:
        return
    names = GENERATION_COLUMNS.split(", ")
    with transaction(connection, home / CATALOG_NAME, durable=True):
        connection.execute(
            f"UPDATE generations SET {', '.join(f'{name} = ?' for name in names)} WHERE number = ?",
            (*made, manifest.number),
        )


def _mend_embedder(connection: sqlite3.Connection, home: Path, manifest: Manifest, embedder_id: int) -> None:
    spec = manifest.embedder
    wanted = (spec.key, spec.name, spec.revision, spec.dimension, int(spec.normalized))
    columns = "key, name, revision, dimension, normalized"
    row = connection.execute(
        f"SELECT {columns} FROM embedders WHERE embedder_id = ?", (embedder_id,)
    ).fetchone()
    taken = connection.execute(
        "SELECT 1 FROM embedders WHERE key = ? AND embedder_id <> ?", (spec.key, embedder_id)
    ).fetchone()
    if row is None or row == wanted or taken:
        return
    with transaction(connection, home / CATALOG_NAME, durable=True):
        connection.execute(
            "UPDATE embedders SET key = ?, name = ?, revision = ?, dimension = ?, normalized = ?"
            " WHERE embedder_id = ?",
            (*wanted, embedder_id),
        )


def _manifests(home: Path, numbers: list[int]) -> Iterator[Manifest]:
    for number in numbers:
        if (manifest := _manifest(_manifest_bytes(home, number))) is not None:
            yield manifest


def _manifest_bytes(home: Path, number: int) -> bytes:
    try:
        return (generation_directory(home, number) / MANIFEST_NAME).read_bytes()
    except OSError:
        return b""


def _manifest(content: bytes) -> Manifest | None:
    try:
        return Manifest.from_bytes(content, MANIFEST_NAME)
    except IndexDamaged:
        return None
