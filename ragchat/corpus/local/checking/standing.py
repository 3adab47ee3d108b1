"""Where the collection stands: pointer and counters, the publish marker, and each generation's row against its seal
and its manifest. Reads only."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from ragchat.corpus.local.catalog.live import Ranges
from ragchat.corpus.local.catalog.records import GenerationRecord
from ragchat.corpus.local.catalog.seals import check_generation, marker_of, meta_holds, meta_rows
from ragchat.corpus.local.cleaning.mending import lost_generation
from ragchat.corpus.local.files.failures import Damage
from ragchat.corpus.local.files.marker import MARKER_NAME, Marker, read_marker
from ragchat.corpus.verification import Problem
from ragchat.errors import IndexDamaged


def check_standing(connection: sqlite3.Connection, home: Path) -> Iterator[Problem]:
    """Pointer, counters and marker."""
    if not meta_holds(meta_rows(connection)):
        detail = "they do not match their checksum (the next `ragchat ingest` mends them)"
        yield Problem("rows", "catalog.sqlite, pointer and counters", detail)
        return
    marker: Marker | None = None
    try:
        marker = read_marker(home)
    except IndexDamaged as error:
        told = error.detail if isinstance(error, Damage) else error.message
        yield Problem("rows", MARKER_NAME, f"{told} (the next `ragchat ingest` writes it anew)")
    lost = lost_generation(connection, marker)
    if lost is not None:
        yield Problem(
            "lost",
            f"generation {lost}",
            "it was published and is gone with the catalog's write-ahead log: restore the catalog from a backup, or"
            " run `ragchat index rebuild` and ingest again",
        )
    elif marker is not None and marker.moves == marker_of(connection).moves and marker != marker_of(connection):
        yield Problem("rows", MARKER_NAME, "it names another state than the catalog")


def check_record(connection: sqlite3.Connection, record: GenerationRecord) -> Iterator[Problem]:
    """A generation's row and its documents."""
    try:
        check_generation(connection, record.number, Ranges.of_generation(connection, record.number))
    except Damage as error:
        yield Problem("rows", error.thing, error.detail)
