"""Every row of the catalog against its checksum, its document's text and its neighbours. Reads only."""

import hashlib
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ragchat.corpus.local.catalog.rows import CHUNK_COLUMNS, DOCUMENT_COLUMNS, check_crc, spans_from_bytes
from ragchat.corpus.local.catalog.schema import BLOCKS_PER_VERSION
from ragchat.corpus.local.files.failures import Damage


@dataclass(frozen=True, slots=True)
class Finding:
    """A row, and what is wrong with it."""

    thing: str
    detail: str


def check_rows(connection: sqlite3.Connection) -> Iterator[Finding]:
    """All findings. Raises what SQLite raises when it cannot even read."""
    for (line,) in connection.execute("PRAGMA integrity_check"):
        if line != "ok":
            yield Finding("catalog.sqlite", line)
    for table, row_id, parent, _ in connection.execute("PRAGMA foreign_key_check"):
        yield Finding(f"{table} row {row_id}", f"refers to a row of {parent} that is not there")
    yield from _check_versions(connection)
    yield from _check_chunks(connection)
    yield from _checked(
        connection,
        "SELECT embedding_id, passage_hash, chunk, sentences, crc FROM embeddings",
        "embedding",
        lambda row: row[1:4],
    )


def _checked(
    connection: sqlite3.Connection, sql: str, name: str, covered: Callable[[tuple[object, ...]], object]
) -> Iterator[Finding]:
    for row in connection.execute(sql):
        try:
            check_crc(covered(row), row[-1], f"{name} {row[0]}")  # type: ignore[arg-type]
        except Damage as error:
            yield Finding(f"{name} {row[0]}", error.detail)


def _check_versions(connection: sqlite3.Connection) -> Iterator[Finding]:
    yield from _checked(
        connection,
        f"SELECT version_id, {DOCUMENT_COLUMNS}, crc FROM versions",
        "document version",
        lambda row: row[1:-1],
    )
    yield from _checked(
        connection, "SELECT block_id, text, crc FROM blocks", "text block", lambda row: row[1:2]
    )
    if connection.execute("PRAGMA user_version").fetchone()[0] > 1:
        sql = "SELECT version_id, language, blocks, crc FROM structures"
        yield from _checked(connection, sql, "structure of document version", lambda row: row[:3])
    sql = "SELECT version_id, document_id, length, text_sha256, chunk_count FROM versions ORDER BY version_id"
    for version_id, document_id, length, sha256, chunk_count in connection.execute(sql):
        thing = f"document {document_id!r} (version {version_id})"
        found_length, found_sha256 = _text_of(connection, version_id)
        if (found_length, found_sha256) != (length, sha256):
            yield Finding(thing, f"its text has {found_length} of {length} characters, or other ones")
        chunks = connection.execute(
            "SELECT count(*) FROM chunks WHERE version_id = ?", (version_id,)
        ).fetchone()[0]
        if chunks != chunk_count:
            yield Finding(thing, f"{chunks} chunks, {chunk_count} expected")


def _text_of(connection: sqlite3.Connection, version_id: int) -> tuple[int, str]:
    """(length in code points, sha256)."""
    digest, length = hashlib.sha256(), 0
    origin = version_id * BLOCKS_PER_VERSION
    for (text,) in connection.execute(
        "SELECT text FROM blocks WHERE block_id >= ? AND block_id < ? ORDER BY block_id",
        (origin, origin + BLOCKS_PER_VERSION),
    ):
        piece = str(text)  # a flipped type byte may have made it something else
        digest.update(piece.encode())
        length += len(piece)
    return length, digest.hexdigest()


def _check_chunks(connection: sqlite3.Connection) -> Iterator[Finding]:
    sql = (
        f"SELECT {CHUNK_COLUMNS}, v.length, v.first_chunk FROM chunks c JOIN versions v USING (version_id)"
        " ORDER BY c.chunk_id"
    )
    for row in connection.execute(sql):
        *covered, crc, length, first_chunk = row
        chunk_id, _, _, ordinal, start, end, _, _, spans = covered
        try:
            check_crc(covered, crc, f"chunk {chunk_id}")
        except Damage as error:
            yield Finding(f"chunk {chunk_id}", error.detail)
            continue
        if chunk_id != first_chunk + ordinal:
            yield Finding(
                f"chunk {chunk_id}", f"it is number {ordinal} of chunks that begin at {first_chunk}"
            )
        if not 0 <= start < end <= length:
            yield Finding(f"chunk {chunk_id}", f"[{start}, {end}) is outside its text of {length} characters")
        place = start
        for span in spans_from_bytes(spans, start):
            if not place <= span.start < span.end <= end:
                yield Finding(f"chunk {chunk_id}", f"sentence [{span.start}, {span.end}) is outside of it")
            place = span.end
