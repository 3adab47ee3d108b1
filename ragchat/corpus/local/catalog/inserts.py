"""The INSERT statements of a document: its version with text and tags, its chunks, their embeddings.

The caller's transaction decides whether they stay; ids are the caller's as well.
"""

import sqlite3
from collections.abc import Sequence

from ragchat.corpus.local.catalog.rows import (
    DOCUMENT_COLUMNS,
    Value,
    block_rows,
    crc_of,
    passage_hash,
    spans_to_bytes,
    tag_rows,
    vectors_to_blobs,
)
from ragchat.corpus.local.catalog.structures import blocks_to_bytes
from ragchat.corpus.local.files.manifest import canonical_json
from ragchat.corpus.values import FileStat
from ragchat.documents import Chunk, Document
from ragchat.models.embedder import Passage, PassageVectors


def insert_version(
    connection: sqlite3.Connection, version_id: int, row: Sequence[Value], document: Document, stat: FileStat
) -> None:
    marks = ",".join("?" * (len(row) + 2))
    execute, executemany = connection.execute, connection.executemany
    execute(
        f"INSERT INTO versions (version_id, {DOCUMENT_COLUMNS}, crc) VALUES ({marks})",
        (version_id, *row, crc_of(row)),
    )
    execute("INSERT INTO stats VALUES (?, ?, ?, ?)", (version_id, stat.size, stat.mtime_ns, stat.changed_ns))
    tags = [(version_id, *tag) for tag in tag_rows(document)]
    executemany("INSERT OR IGNORE INTO tags VALUES (?, ?, ?, ?)", tags)
    executemany("INSERT INTO blocks VALUES (?, ?, ?, ?)", block_rows(version_id, document.text))
    structure = (version_id, document.language, blocks_to_bytes(document.blocks))
    execute("INSERT INTO structures VALUES (?, ?, ?, ?)", (*structure, crc_of(structure)))


def embedding_of(
    connection: sqlite3.Connection, passage: Passage, vectors: PassageVectors, embedder_id: int
) -> int:
    digest = passage_hash(passage)
    blobs = vectors_to_blobs(vectors)
    connection.execute(
        "INSERT INTO embeddings (embedder_id, passage_hash, chunk, sentences, crc) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (embedder_id, passage_hash) DO NOTHING",
        (embedder_id, digest, *blobs, crc_of((digest, *blobs))),
    )
    row = connection.execute(
        "SELECT embedding_id FROM embeddings WHERE embedder_id = ? AND passage_hash = ?",
        (embedder_id, digest),
    ).fetchone()
    return int(row[0])


def insert_chunk(
    connection: sqlite3.Connection, chunk_id: int, version_id: int, embedding_id: int, chunk: Chunk
) -> None:
    row = (
        chunk_id,
        version_id,
        embedding_id,
        chunk.ordinal,
        chunk.start,
        chunk.end,
        chunk.page,
        canonical_json(list(chunk.heading_path)).decode(),
        spans_to_bytes(chunk.sentences, chunk.start),
    )
    connection.execute("INSERT INTO chunks VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", (*row, crc_of(row)))
