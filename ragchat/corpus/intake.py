"""Checks of what comes in, the same for every store: spans inside the text, one vector a chunk, right shape, no NaN."""

from collections.abc import Sequence

import numpy as np

from ragchat.corpus.refusals import not_unicode
from ragchat.documents import Chunk, Document
from ragchat.errors import WrongEmbedder
from ragchat.models.embedder import PassageVectors, Vectors


def require_consistent(
    document: Document, chunks: Sequence[Chunk], vectors: Sequence[PassageVectors]
) -> None:
    """Raises ValueError: a splitter or caller with a bug, never a user's mistake."""
    if len(chunks) != len(vectors):
        raise ValueError(f"{document.id!r}: {len(chunks)} chunks but {len(vectors)} vectors")
    for number, chunk in enumerate(chunks):
        if chunk.document_id != document.id or chunk.ordinal != number:
            raise ValueError(
                f"{document.id!r}: chunk {number} is {chunk.document_id!r} number {chunk.ordinal}"
            )
        if not 0 <= chunk.start < chunk.end <= len(document.text):
            raise ValueError(
                f"{document.id!r}: chunk {number} [{chunk.start}, {chunk.end}) is outside its text"
            )
        end = chunk.start
        for sentence in chunk.sentences:
            if not end <= sentence.start < sentence.end <= chunk.end:
                raise ValueError(f"{document.id!r}: chunk {number} has {sentence} outside or out of order")
            end = sentence.end


def checked_vectors(
    vectors: Sequence[PassageVectors], chunks: Sequence[Chunk], dimension: int, document_id: str
) -> list[PassageVectors]:
    """Unit length, float32. Raises WrongEmbedder for a wrong shape, a wrong number of sentences, NaN or infinity."""
    if not vectors:
        return []
    thing = f"Document {document_id!r}"
    for each, chunk in zip(vectors, chunks, strict=True):
        if np.ndim(each.chunk) != 1 or len(each.sentences) not in (0, len(chunk.sentences)):
            raise WrongEmbedder(
                f"{thing}: a chunk of {len(chunk.sentences)} sentences came back with"
                f" {np.shape(each.chunk)} and {np.shape(each.sentences)} vectors.",
                hint="Check the embedder (`ragchat doctor`); nothing of it was indexed.",
                code="bad_vectors",
            )
    lengths = {len(each.chunk) for each in vectors}
    rows = np.stack([each.chunk for each in vectors]) if len(lengths) == 1 else vectors[0].chunk
    unit = unit_rows(rows, dimension, thing)
    return [
        PassageVectors(row, unit_rows(each.sentences.reshape(len(each.sentences), -1), dimension, thing))
        if len(each.sentences)
        else PassageVectors(row, np.zeros((0, dimension), dtype=np.float32))
        for row, each in zip(unit, vectors, strict=True)
    ]


def unit_rows(vectors: Vectors, dimension: int, thing: str) -> Vectors:
    """float32 (n, dimension) of unit length; zero rows stay zero. Raises WrongEmbedder for a wrong shape or NaN."""
    rows = np.asarray(vectors, dtype=np.float32)
    if rows.ndim != 2 or rows.shape[1] != dimension:
        raise WrongEmbedder(
            f"{thing} has vectors of shape {tuple(rows.shape)}; the index holds {dimension} dimensions.",
            hint="Use the embedder that the collection was built with, or ingest into a new collection.",
        )
    if not bool(np.isfinite(rows).all()):
        raise WrongEmbedder(
            f"{thing} has vectors with NaN or infinite values.",
            hint="Check the embedder (`ragchat doctor`); nothing of it was indexed.",
            code="bad_vectors",
        )
    lengths = np.sqrt(np.einsum("ij,ij->i", rows, rows, dtype=np.float64))
    unit: Vectors = (rows / np.where(lengths > 0, lengths, 1.0)[:, None]).astype(np.float32)
    return unit


def unit_query(query: Vectors, dimension: int) -> Vectors:
    """float32 (dim,) of unit length. Raises WrongEmbedder for a wrong shape or NaN."""
    rows = np.asarray(query)
    unit: Vectors = unit_rows(rows.reshape(1, -1) if rows.ndim == 1 else rows, dimension, "The query")[0]
    return unit


def require_unicode(document: Document) -> None:
    """Raises DocumentFailed for text that no UTF-8 can hold: a lone surrogate out of a damaged source."""
    texts = [document.text, document.title, document.key, document.uri, *document.acl]
    texts += [heading.title for heading in document.headings]
    texts += [text for item in document.metadata.items() for text in item if isinstance(text, str)]
    for text in texts:
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise not_unicode(document.uri, error) from error
