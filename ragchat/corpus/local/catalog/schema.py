"""The tables of `catalog.sqlite`. Rows are the truth; FAISS and tantivy files are derived from them.

Versions, blocks, chunks and embeddings are immutable. `membership` says in which generations a version lives
(`first_gen` to `last_gen`, NULL = still), so a rollback is a pointer and rows without membership are invisible.
"""

from typing import Final

SCHEMA_VERSION: Final = 4
OLDEST_SCHEMA: Final = 1

# A block id is version_id * BLOCKS_PER_VERSION + ordinal, so that a document's text is one range of the primary key.
BLOCKS_PER_VERSION: Final = 1 << 20
BLOCK_CHARACTERS: Final = 16_384

TABLES: Final = """
-- `crc` covers the other rows; `moves` counts how often `current` or `next_generation` was set (see files/marker.py).
CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER) WITHOUT ROWID;

CREATE TABLE embedders (
    embedder_id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    revision TEXT NOT NULL,
    dimension INTEGER NOT NULL,
    normalized INTEGER NOT NULL
);

-- One extraction of one document. chunk ids are [first_chunk, first_chunk + chunk_count), never reused.
CREATE TABLE versions (
    version_id INTEGER PRIMARY KEY,
    document_id TEXT NOT NULL,
    root TEXT NOT NULL,
    key TEXT NOT NULL,
    uri TEXT NOT NULL,
    title TEXT NOT NULL,
    media_type TEXT NOT NULL,
    content_hash TEXT NOT NULL,
    options_hash TEXT NOT NULL,
    embedder_id INTEGER NOT NULL REFERENCES embedders,
    length INTEGER NOT NULL,
    text_sha256 TEXT NOT NULL,
    first_chunk INTEGER NOT NULL,
    chunk_count INTEGER NOT NULL,
    pages TEXT NOT NULL,
    headings TEXT NOT NULL,
    metadata TEXT NOT NULL,
    acl TEXT NOT NULL,
    crc INTEGER NOT NULL
);
CREATE INDEX versions_document ON versions (document_id);
CREATE INDEX versions_key ON versions (key, document_id);
CREATE INDEX versions_uri ON versions (uri);

-- What the extractor knew of a version's build, and the language of its text; none for one made before there were any.
CREATE TABLE structures (
    version_id INTEGER PRIMARY KEY REFERENCES versions,
    language TEXT NOT NULL,
    blocks BLOB NOT NULL,
    crc INTEGER NOT NULL
);

-- What the file system said of the source; changes when a file is touched without changing its bytes.
CREATE TABLE stats (
    version_id INTEGER PRIMARY KEY REFERENCES versions,
    size INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    changed_ns INTEGER NOT NULL DEFAULT 0
);

-- Documents whose purge was asked for and has not ended: whatever of them is stored goes at the next chance.
CREATE TABLE purges (document_id TEXT PRIMARY KEY) WITHOUT ROWID;

-- Metadata values (kind 'm') and ACL tags (kind 'a', empty name) for filters; value is canonical JSON.
CREATE TABLE tags (
    version_id INTEGER NOT NULL REFERENCES versions,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (kind, name, value, version_id)
) WITHOUT ROWID;
CREATE INDEX tags_version ON tags (version_id);

-- Canonical text in pieces of at most 16 Ki code points: one chunk of a 5 MB document is read from one or two of them.
CREATE TABLE blocks (
    block_id INTEGER PRIMARY KEY,
    version_id INTEGER NOT NULL REFERENCES versions,
    text TEXT NOT NULL,
    crc INTEGER NOT NULL
);
CREATE INDEX blocks_version ON blocks (version_id);

-- The embedding cache: a chunk vector (float16) and sentence vectors (int8).
CREATE TABLE embeddings (
    embedding_id INTEGER PRIMARY KEY,
    embedder_id INTEGER NOT NULL REFERENCES embedders,
    passage_hash BLOB NOT NULL,
    chunk BLOB NOT NULL,
    sentences BLOB NOT NULL,
    crc INTEGER NOT NULL,
    UNIQUE (embedder_id, passage_hash)
);

CREATE TABLE chunks (
    chunk_id INTEGER PRIMARY KEY,
    version_id INTEGER NOT NULL REFERENCES versions,
    embedding_id INTEGER NOT NULL REFERENCES embeddings,
    ordinal INTEGER NOT NULL,
    start INTEGER NOT NULL,
    end INTEGER NOT NULL,
    page INTEGER,
    heading_path TEXT NOT NULL,
    sentences BLOB NOT NULL,
    crc INTEGER NOT NULL
);
CREATE INDEX chunks_version ON chunks (version_id);
CREATE INDEX chunks_embedding ON chunks (embedding_id);

CREATE TABLE membership (
    version_id INTEGER NOT NULL REFERENCES versions,
    first_gen INTEGER NOT NULL,
    last_gen INTEGER,
    PRIMARY KEY (version_id, first_gen)
) WITHOUT ROWID;
CREATE INDEX membership_closed ON membership (last_gen) WHERE last_gen IS NOT NULL;

CREATE TABLE generations (
    number INTEGER PRIMARY KEY,
    base INTEGER,
    created TEXT NOT NULL,
    documents INTEGER NOT NULL,
    chunks INTEGER NOT NULL,
    embedder_id INTEGER NOT NULL REFERENCES embedders,
    options_hash TEXT NOT NULL,
    language TEXT NOT NULL,
    settings TEXT NOT NULL,
    manifest_sha256 TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    members_sha256 TEXT NOT NULL DEFAULT '',
    crc INTEGER
);

CREATE TABLE runs (
    run_id INTEGER PRIMARY KEY AUTOINCREMENT,
    created TEXT NOT NULL,
    generation INTEGER,
    report TEXT NOT NULL
);
"""

# From each older schema to the next one.
MIGRATIONS: Final = {
    1: """
CREATE TABLE structures (
    version_id INTEGER PRIMARY KEY REFERENCES versions,
    language TEXT NOT NULL,
    blocks BLOB NOT NULL,
    crc INTEGER NOT NULL
);
""",
    2: """
ALTER TABLE stats ADD COLUMN changed_ns INTEGER NOT NULL DEFAULT 0;
CREATE TABLE purges (document_id TEXT PRIMARY KEY) WITHOUT ROWID;
""",
    3: """
ALTER TABLE generations ADD COLUMN members_sha256 TEXT NOT NULL DEFAULT '';
ALTER TABLE generations ADD COLUMN crc INTEGER;
INSERT INTO meta (name, value) VALUES ('moves', 0), ('crc', NULL);
""",
}
SEALED_SCHEMA: Final = 4
"""Since this one, `meta` and generations have checksums (see seals.py)."""

# `current` is NULL until something is published; `next_*` only grow.
FIRST_ROWS: Final = """
INSERT INTO meta (name, value) VALUES
    ('current', NULL), ('next_generation', 1), ('next_chunk', 1), ('next_version', 1), ('embedding_floor', 0),
    ('moves', 0), ('crc', NULL);
"""
