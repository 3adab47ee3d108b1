"""Rows that follow from others, made again and compared: tags from documents, one row of file facts and of blocks for
each, text in unbroken pieces, reports that can be read. Reads only."""

import sqlite3
from collections.abc import Iterator
from itertools import groupby
from typing import Final

from ragchat.corpus.local.catalog.reading import has_structures
from ragchat.corpus.local.catalog.rows import stored_tags
from ragchat.corpus.local.catalog.schema import BLOCKS_PER_VERSION
from ragchat.corpus.local.checking.rowcheck import Finding
from ragchat.models.embedder import EmbedderSpec

BLOCKS: Final = "blocks"
_ABSENT: Final = {
    "facts of its file": "SELECT version_id FROM versions WHERE version_id NOT IN (SELECT version_id FROM stats)",
    # Versions from before there were blocks have none; those after the first that has some do.
    BLOCKS: "SELECT version_id FROM versions WHERE version_id NOT IN (SELECT version_id FROM structures)"
    " AND version_id > (SELECT min(version_id) FROM structures)",
}
_STRAYED: Final = {
    "text block": f"SELECT block_id FROM blocks WHERE block_id / {BLOCKS_PER_VERSION} <> version_id",
    "chunk": "SELECT c.chunk_id FROM chunks c JOIN embeddings e USING (embedding_id) JOIN versions v"
    " ON v.version_id = c.version_id WHERE e.embedder_id <> v.embedder_id",
}


def check_derived(connection: sqlite3.Connection) -> Iterator[Finding]:
    """All findings."""
    yield from _check_tags(connection)
    for what, sql in _ABSENT.items():
        if what == BLOCKS and not has_structures(connection):
            continue
        for (version_id,) in connection.execute(sql):
            yield Finding(f"document version {version_id}", f"the row with the {what} is missing")
    for what, sql in _STRAYED.items():
        for (row_id,) in connection.execute(sql):
            yield Finding(f"{what} {row_id}", "belongs to another document or embedder than its neighbours")
    yield from _check_pieces(connection)
    yield from _check_embedders(connection)
    for (run_id,) in connection.execute("SELECT run_id FROM runs WHERE NOT json_valid(report)"):
        yield Finding(f"report of run {run_id}", "cannot be read (the next ingest drops it)")


def _check_tags(connection: sqlite3.Connection) -> Iterator[Finding]:
    stored = connection.execute("SELECT version_id, kind, name, value FROM tags ORDER BY version_id")
    by_version = {version: {row[1:] for row in rows} for version, rows in groupby(stored, lambda row: row[0])}
    for version_id, metadata, acl in connection.execute("SELECT version_id, metadata, acl FROM versions"):
        found = by_version.pop(version_id, set())
        try:
            wanted = stored_tags(metadata, acl)
        except (ValueError, AttributeError, TypeError):
            continue  # the row's own checksum tells
        if found != wanted:
            yield Finding(
                f"document version {version_id}", "its filter tags are not those of its metadata and ACL"
            )
    for version_id in by_version:
        yield Finding(f"document version {version_id}", "filter tags of a document that is not there")


def _check_pieces(connection: sqlite3.Connection) -> Iterator[Finding]:
    """Served texts are read by number: 0, 1, 2 … of each version."""
    sql = (
        f"SELECT block_id / {BLOCKS_PER_VERSION} AS version, count(*), min(block_id % {BLOCKS_PER_VERSION}),"
        f" max(block_id % {BLOCKS_PER_VERSION}) FROM blocks GROUP BY version"
    )
    for version_id, count, first, last in connection.execute(sql):
        if first != 0 or last != count - 1:
            yield Finding(f"document version {version_id}", "pieces of its text are missing")


def _check_embedders(connection: sqlite3.Connection) -> Iterator[Finding]:
    sql = "SELECT embedder_id, key, name, revision, dimension, normalized FROM embedders"
    for embedder_id, key, name, revision, dimension, normalized in connection.execute(sql):
        sound = normalized in (0, 1) and EmbedderSpec(name, revision, dimension, bool(normalized)).key == key
        if not sound:
            yield Finding(f"embedder {embedder_id}", "its columns do not fit its key")
