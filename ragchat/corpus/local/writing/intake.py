"""Checks of what a caller stages, before any of it is written: spans inside the text, one vector a chunk, no NaN."""

from collections.abc import Sequence

import numpy as np

from ragchat.documents import Chunk, Document
from ragchat.errors import WrongEmbedder
from ragchat.corpus.local.segments.vectors import unit_rows
from ragchat.models.embedder import PassageVectors


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
