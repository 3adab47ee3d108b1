"""Checksums over what no row's own covers: the pointer and counters of `meta`, and each generation with its members.

A flipped bit in the pointer would serve another state of the collection, one in `membership` would drop or bring back
a document, and neither breaks a row. The seal of a generation is written by the transaction that publishes it and
checked whenever it is opened; catalogs from before there were seals get them from the next writer.
"""

import hashlib
import sqlite3
from typing import Final

import numpy as np

from ragchat.corpus.local.catalog.live import Ranges
from ragchat.corpus.local.catalog.rows import Value, crc_of
from ragchat.corpus.local.catalog.schema import SEALED_SCHEMA
from ragchat.corpus.local.files.failures import POINTER_HINT, Damage, damaged
from ragchat.corpus.local.files.marker import Marker

SEAL: Final = "crc"
GENERATION_COLUMNS: Final = (
    "number, base, created, documents, chunks, embedder_id, options_hash, language, settings, manifest_sha256,"
    " size_bytes, members_sha256"
)
"""What the seal of a generation covers, in this order."""
_GENERATION: Final = f"SELECT {GENERATION_COLUMNS}, crc FROM generations"


def is_sealed(connection: sqlite3.Connection) -> bool:
    """False in a catalog of an older schema that no writer has opened since."""
    return bool(connection.execute("PRAGMA user_version").fetchone()[0] >= SEALED_SCHEMA)


# The pointer and the counters


def meta_rows(connection: sqlite3.Connection) -> dict[str, int | None]:
    """All of `meta` as it stands, the seal included; unchecked."""
    return dict(connection.execute("SELECT name, value FROM meta"))


def meta_holds(rows: dict[str, int | None]) -> bool:
    """Whether the seal is that of the rows; True where there is none yet."""
    return rows.get(SEAL) is None or rows[SEAL] == _meta_crc(rows)


def get_meta(connection: sqlite3.Connection, name: str) -> int | None:
    """Raises IndexDamaged when pointer and counters are not those that were written."""
    rows = meta_rows(connection)
    if not meta_holds(rows):
        raise Damage(
            "catalog.sqlite, pointer and counters", "they do not match their checksum", POINTER_HINT
        )
    value = rows.get(name)
    return None if value is None else int(value)


def set_meta(connection: sqlite3.Connection, name: str, value: int | None) -> None:
    """Within the caller's transaction; seals."""
    connection.execute("UPDATE meta SET value = ? WHERE name = ?", (value, name))
    seal_meta(connection)


def move_pointer(connection: sqlite3.Connection, current: int, following: int | None = None) -> None:
    """Another generation is current, and `following` the next number; within the caller's transaction."""
    moves = get_meta(connection, "moves") or 0
    connection.execute("UPDATE meta SET value = ? WHERE name = 'moves'", (moves + 1,))
    if following is not None:
        connection.execute("UPDATE meta SET value = ? WHERE name = 'next_generation'", (following,))
    connection.execute("UPDATE meta SET value = ? WHERE name = 'current'", (current,))
    seal_meta(connection)


def marker_of(connection: sqlite3.Connection) -> Marker:
    """The publish marker that tells the state of this catalog."""
    rows = meta_rows(connection)
    return Marker(rows.get("moves") or 0, rows.get("current"), rows.get("next_generation") or 1)


def seal_meta(connection: sqlite3.Connection) -> None:
    connection.execute(
        "UPDATE meta SET value = ? WHERE name = ?", (_meta_crc(meta_rows(connection)), SEAL)
    )


def _meta_crc(rows: dict[str, int | None]) -> int:
    covered: list[Value] = []
    for name in sorted(rows.keys() - {SEAL}):
        covered += (name, rows[name])
    return crc_of(covered)


# Generations


def seal_generation(connection: sqlite3.Connection, number: int, live: Ranges) -> None:
    """Within the transaction that publishes `number`, whose members are `live`."""
    connection.execute(
        "UPDATE generations SET members_sha256 = ? WHERE number = ?", (members_sha256(live), number)
    )
    row = connection.execute(f"{_GENERATION} WHERE number = ?", (number,)).fetchone()
    connection.execute("UPDATE generations SET crc = ? WHERE number = ?", (crc_of(row[:-1]), number))


def check_generation(connection: sqlite3.Connection, number: int, live: Ranges) -> None:
    """Raises IndexDamaged unless row and members are those that were published."""
    if not is_sealed(connection):
        return
    row = connection.execute(f"{_GENERATION} WHERE number = ?", (number,)).fetchone()
    if row is None or row[-1] is None:
        return
    if crc_of(row[:-1]) != row[-1]:
        raise Damage(
            f"catalog.sqlite, generation {number}", "the row does not match its checksum", POINTER_HINT
        )
    if row[-2] != members_sha256(live):
        raise damaged(
            f"catalog.sqlite, generation {number}", "its documents are not those that it was published with"
        )


def seal_what_is_not(connection: sqlite3.Connection) -> None:
    """What an older ragchat wrote gets its seals, as it stands; within the caller's transaction."""
    for (number,) in connection.execute("SELECT number FROM generations WHERE crc IS NULL").fetchall():
        seal_generation(connection, number, Ranges.of_generation(connection, number))
    if meta_rows(connection).get(SEAL, 0) is None:
        seal_meta(connection)


def members_sha256(live: Ranges) -> str:
    """Of versions, their chunk ids and since when they live, whatever the order of rows."""
    order = np.argsort(live.version_ids, kind="stable")
    digest = hashlib.sha256()
    for column in (live.version_ids, live.first, live.counts, live.added):
        digest.update(column[order].astype("<i8").tobytes())
    return digest.hexdigest()
