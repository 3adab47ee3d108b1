"""What is stored although no current document needs it, and why: kept generations, interrupted runs."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from ragchat.corpus.local.cleaning.marks import due_purges
from ragchat.corpus.local.files.layout import GENERATIONS, generation_directory
from ragchat.corpus.local.searching.snapshot import LocalSnapshot
from ragchat.corpus.local.words.lexical import dead_entries
from ragchat.corpus.verification import StillOnDisk


def still_on_disk(connection: sqlite3.Connection, current: int | None) -> Iterator[StillOnDisk]:
    """Documents, or older versions of them, that only older generations have."""
    rows = connection.execute(
        "SELECT v.key, v.document_id, m.first_gen, m.last_gen FROM membership m JOIN versions v"
        " USING (version_id) WHERE NOT EXISTS (SELECT 1 FROM membership c WHERE c.version_id = m.version_id"
        " AND c.first_gen <= ? AND (c.last_gen IS NULL OR c.last_gen >= ?)) ORDER BY v.key, m.first_gen",
        (current or 0, current or 0),
    ).fetchall()
    numbers = [row[0] for row in connection.execute("SELECT number FROM generations ORDER BY number")]
    for key, document_id, first, last in rows:
        holding = [str(n) for n in numbers if first <= n and (last is None or n <= last)]
        yield StillOnDisk(
            f"{key} ({document_id})",
            f"generation {', '.join(holding)} holds it and is kept for a rollback",
        )


def dead_in_files(generation: LocalSnapshot) -> Iterator[StillOnDisk]:
    """What a generation's files still hold of removed chunks, although no search shows it."""
    number, directory = generation.number, generation.directory
    until = (
        f"of generation {number} until they are written anew"
        " (`ragchat index rebuild`, `documents remove --purge`, or by themselves at one dead in five)"
    )
    words = dead_entries(directory / "lexical")
    if words:
        yield StillOnDisk(
            f"single words of {words} deleted chunks, without order", f"in the word files {until}"
        )
    vectors = generation.vectors.dead_rows
    if vectors:
        yield StillOnDisk(f"vectors of {vectors} deleted chunks", f"in the vector files {until}")


def leftovers(connection: sqlite3.Connection, home: Path) -> Iterator[StillOnDisk]:
    """Of a run that is under way or was interrupted; the next one deletes them."""
    why = "of a run that is under way or was interrupted; the next one deletes it"
    known = {
        generation_directory(home, row[0]).name
        for row in connection.execute("SELECT number FROM generations")
    }
    for path in sorted((home / GENERATIONS).iterdir()):
        if path.name not in known:
            yield StillOnDisk(f"{GENERATIONS}/{path.name}", why)
    for what in due_purges(connection):
        yield StillOnDisk(
            f"purged document {what}",
            "its purge was interrupted, or a reader of the catalog was in its way; the next run finishes it",
        )
    staged = connection.execute(
        "SELECT count(*) FROM versions v WHERE NOT EXISTS"
        " (SELECT 1 FROM membership m WHERE m.version_id = v.version_id)"
    ).fetchone()[0]
    if staged:
        yield StillOnDisk(f"{staged} staged documents", why)
