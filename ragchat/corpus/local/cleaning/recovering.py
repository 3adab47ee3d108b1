"""Which documents a generation was published with, when `membership` does not say it any more: its files know.

The lexical index of a generation holds exactly its chunks, and a manifest that is sealed vouches for the index.
Documents without any text have no chunk there; for them the rows are believed.
"""

import sqlite3
from pathlib import Path

import numpy as np

from ragchat.corpus.local.catalog.catalog import CATALOG_NAME, transaction
from ragchat.corpus.local.catalog.live import Ranges
from ragchat.corpus.local.catalog.seals import get_meta, seal_generation
from ragchat.corpus.local.files.failures import damaged
from ragchat.corpus.local.files.files import sha256_of
from ragchat.corpus.local.files.layout import generation_directory
from ragchat.corpus.local.files.manifest import MANIFEST_NAME, Manifest
from ragchat.corpus.local.files.tuning import Tuning
from ragchat.corpus.local.words.lexical import LexicalIndex

LEXICAL = "lexical"


def recover_members(connection: sqlite3.Connection, home: Path, number: int, tuning: Tuning) -> Ranges:
    """Puts membership of `number` right and seals it. Raises IndexDamaged when its words are damaged as well."""
    directory = generation_directory(home, number)
    chunk_ids = _chunk_ids(directory, tuning)
    rows = connection.execute("SELECT version_id, first_chunk, chunk_count FROM versions").fetchall()
    found = Ranges.of_generation(connection, number)
    held = set(found.version_ids.tolist())
    belong = {
        version
        for version, first, count in rows
        if (np.isin(np.arange(first, first + count), chunk_ids).all() if count else version in held)
    }
    newest = (get_meta(connection, "next_generation") or 1) - 1
    last = None if number == newest else number
    with transaction(connection, home / CATALOG_NAME, durable=True):
        connection.execute("DELETE FROM membership WHERE first_gen > ?", (newest,))
        connection.executemany(
            "INSERT OR REPLACE INTO membership VALUES (?, ?, ?)",
            [(version, number, last) for version in sorted(belong - held)],
        )
        for version in sorted(held - belong):
            _end(connection, version, number)
        live = Ranges.of_generation(connection, number)
        seal_generation(connection, number, live)
    return live


def _end(connection: sqlite3.Connection, version: int, number: int) -> None:
    """The version lived before `number`, or never."""
    alive = "version_id = ? AND first_gen <= ? AND (last_gen IS NULL OR last_gen >= ?)"
    connection.execute(
        f"DELETE FROM membership WHERE {alive} AND first_gen = ?", (version, number, number, number)
    )
    connection.execute(
        f"UPDATE membership SET last_gen = ? WHERE {alive}", (number - 1, version, number, number)
    )


def _chunk_ids(directory: Path, tuning: Tuning) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    manifest = Manifest.from_bytes((directory / MANIFEST_NAME).read_bytes(), MANIFEST_NAME)
    for name, entry in manifest.files.items():
        path = directory / name
        if name.startswith(f"{LEXICAL}/") and (not path.is_file() or sha256_of(path) != entry.sha256):
            raise damaged(f"{directory.name}/{name}", "its content does not match the manifest's sha256")
    words = LexicalIndex(
        directory / LEXICAL, chunks=manifest.chunks, language=manifest.language, tuning=tuning
    )
    return words.all_chunk_ids()
