"""Values to rows and back: documents, chunks and vectors as SQLite stores them, each row with a CRC-32.

SQLite does not check its pages, so that a flipped bit in a stored sentence would be quoted as the truth; the CRC
costs about a microsecond a row and turns it into IndexDamaged.
"""

import hashlib
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from struct import Struct
from typing import Any, Final, cast

import numpy as np
from numpy.typing import NDArray

from ragchat.corpus.filtering import scalar_key
from ragchat.corpus.local.catalog.schema import BLOCK_CHARACTERS, BLOCKS_PER_VERSION
from ragchat.corpus.local.files.failures import damaged_row
from ragchat.corpus.local.files.manifest import canonical_json
from ragchat.corpus.values import StoredDocument
from ragchat.documents import Document, Heading, Scalar, Span
from ragchat.models.embedder import Passage, PassageVectors, Vectors

Value = str | bytes | int | None
_PAIRS: Final = Struct("<II")

DOCUMENT_COLUMNS: Final = (
    "document_id, root, key, uri, title, media_type, content_hash, options_hash, embedder_id, length, text_sha256,"
    " first_chunk, chunk_count, pages, headings, metadata, acl"
)
# All but the last are covered by the last.
CHUNK_COLUMNS: Final = (
    "c.chunk_id, c.version_id, c.embedding_id, c.ordinal, c.start, c.end, c.page, c.heading_path,"
    " c.sentences, c.crc"
)


def crc_of(values: Sequence[Value]) -> int:
    """CRC-32 of the values of a row, their types and borders included."""
    parts: list[bytes] = []
    for value in values:  # most are whole numbers; every chunk of every search comes by here
        if type(value) is int:
            parts.append(b"i%d;" % value)
        elif isinstance(value, str):
            encoded = value.encode()
            parts += (b"s%d;" % len(encoded), encoded)
        elif isinstance(value, bytes):
            parts += (b"b%d;" % len(value), value)
        else:
            parts.append(b"n;" if value is None else b"i%d;" % value)
    return zlib.crc32(b"".join(parts))


def check_crc(values: Sequence[Value], crc: int, thing: str) -> None:
    """Raises IndexDamaged when the row is not the one that was written."""
    if crc_of(values) != crc:
        raise damaged_row(thing, "the row does not match its checksum")


# Documents


def document_row(
    document: Document, root: str, options_hash: str, embedder_id: int, first_chunk: int, chunk_count: int
) -> tuple[Value, ...]:
    """In the order of DOCUMENT_COLUMNS."""
    return (
        document.id,
        root,
        document.key,
        document.uri,
        document.title,
        document.media_type,
        document.content_hash,
        options_hash,
        embedder_id,
        len(document.text),
        text_sha256(document.text),
        first_chunk,
        chunk_count,
        canonical_json(list(document.pages)).decode(),
        canonical_json([[h.offset, h.level, h.title] for h in document.headings]).decode(),
        canonical_json(dict(document.metadata)).decode(),
        canonical_json(list(document.acl)).decode(),
    )


def stored_document(row: Sequence[Any], added_generation: int, language: str = "") -> StoredDocument:
    """From `DOCUMENT_COLUMNS, crc`. Raises IndexDamaged."""
    *values, crc = row
    check_crc(values, crc, f"document {values[0]!r}")
    return StoredDocument(
        id=values[0],
        root=values[1],
        key=values[2],
        uri=values[3],
        title=values[4],
        media_type=values[5],
        version=values[6],
        length=values[9],
        chunk_count=values[12],
        metadata=cast("Mapping[str, Scalar]", json.loads(values[15])) if values[15] != "{}" else {},
        acl=tuple(json.loads(values[16])) if values[16] != "[]" else (),
        added_generation=added_generation,
        language=language,
    )


def structure(row: Sequence[Any]) -> tuple[tuple[int, ...], tuple[Heading, ...]]:
    """Pages and headings of a row of `DOCUMENT_COLUMNS, crc`."""
    pages = tuple(json.loads(row[13]))
    headings = tuple(Heading(offset, level, title) for offset, level, title in json.loads(row[14]))
    return pages, headings


def tag_rows(document: Document) -> Iterator[tuple[str, str, str]]:
    """(kind, name, value) for every metadata value and ACL tag."""
    for name, value in document.metadata.items():
        yield "m", name, scalar_key(value)
    for tag in sorted(set(document.acl)):
        yield "a", "", tag


def stored_tags(metadata: str, acl: str) -> set[tuple[str, str, str]]:
    """The same from the columns of a stored version. ValueError, TypeError, AttributeError for damaged ones."""
    tags = {("m", name, scalar_key(value)) for name, value in json.loads(metadata).items()}
    return tags | {("a", "", tag) for tag in json.loads(acl)}


def text_sha256(text: str) -> str:
    """Hex digest of the UTF-8 text (lone surrogates included, as they may come out of damaged sources)."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def block_rows(version_id: int, text: str) -> Iterator[tuple[int, int, str, int]]:
    """(block_id, version_id, text, crc) for pieces of BLOCK_CHARACTERS code points."""
    for ordinal, start in enumerate(range(0, len(text), BLOCK_CHARACTERS)):
        piece = text[start : start + BLOCK_CHARACTERS]
        yield version_id * BLOCKS_PER_VERSION + ordinal, version_id, piece, crc_of((piece,))


# Chunks


@lru_cache(maxsize=8_192)
def heading_path_from(content: str) -> tuple[str, ...]:
    """From canonical JSON."""
    return tuple(json.loads(content)) if content != "[]" else ()


def spans_to_bytes(spans: Sequence[Span], origin: int) -> bytes:
    """Little-endian uint32 pairs, relative to `origin`."""
    pairs = [(span.start - origin, span.end - origin) for span in spans]
    return np.asarray(pairs, dtype="<u4").tobytes()


def spans_from_bytes(content: bytes, origin: int) -> tuple[Span, ...]:
    return tuple([Span(origin + start, origin + end) for start, end in _PAIRS.iter_unpack(content)])


# Vectors


def passage_hash(passage: Passage) -> bytes:
    """Key of the embedding cache: everything that the embedder sees."""
    digest = hashlib.blake2b(digest_size=16)
    for part in (passage.context, passage.text):
        encoded = part.encode("utf-8", "surrogatepass")
        digest.update(len(encoded).to_bytes(8, "little"))
        digest.update(encoded)
    digest.update(spans_to_bytes(passage.sentences, 0))
    return digest.digest()


def vectors_to_blobs(vectors: PassageVectors) -> tuple[bytes, bytes]:
    """float16 chunk vector; int8 sentence vectors, each scaled to its largest component.

    The scale is not stored: unit length restores it. Measured error of a cosine: below .004 at 384 dimensions.
    """
    chunk = vectors.chunk.astype("<f2").tobytes()
    if not len(vectors.sentences):
        return chunk, b""
    largest = np.abs(vectors.sentences).max(axis=1, keepdims=True)
    steps = vectors.sentences * (127.0 / np.where(largest > 0, largest, 1.0))
    return chunk, np.rint(steps).astype(np.int8).tobytes()


def chunk_vectors(blobs: Sequence[bytes], dimension: int) -> Vectors:
    """float32 (len(blobs), dimension)."""
    return np.frombuffer(b"".join(blobs), dtype="<f2").reshape(-1, dimension).astype(np.float32)


def sentence_vectors(blobs: Sequence[bytes], dimension: int) -> list[Vectors]:
    """One float32 (n, dimension) array for each blob, unit length again; zero vectors stay zero."""
    steps: NDArray[np.int8] = np.frombuffer(b"".join(blobs), dtype=np.int8).reshape(-1, dimension)
    vectors = steps.astype(np.float32)
    lengths = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))
    vectors /= np.where(lengths > 0, lengths, 1.0)[:, None]
    borders = np.cumsum([len(blob) // dimension for blob in blobs])
    return np.split(vectors, borders[:-1]) if blobs else []
