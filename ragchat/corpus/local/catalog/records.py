"""What the catalog remembers of each generation: enough to list them, to open one and to rebuild its files."""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ragchat.corpus.local.catalog.seals import get_meta
from ragchat.corpus.refusals import no_such_generation
from ragchat.corpus.values import GenerationInfo
from ragchat.models.embedder import EmbedderSpec

_COLUMNS: Final = (
    "g.number, g.base, g.created, g.documents, g.chunks, g.options_hash, g.language, g.settings,"
    " g.manifest_sha256, g.size_bytes, e.name, e.revision, e.dimension, e.normalized"
)
_FROM: Final = "FROM generations g JOIN embedders e USING (embedder_id)"


@dataclass(frozen=True, slots=True)
class GenerationRecord:
    """A row of `generations` with its embedder."""

    number: int
    base: int | None
    created: str
    documents: int
    chunks: int
    options_hash: str
    language: str
    settings: Mapping[str, float]
    manifest_sha256: str
    size_bytes: int
    embedder: EmbedderSpec

    def info(self, current: int | None) -> GenerationInfo:
        return GenerationInfo(
            number=self.number,
            created=self.created,
            documents=self.documents,
            chunks=self.chunks,
            current=self.number == current,
            embedder_key=self.embedder.key,
            size_bytes=self.size_bytes,
        )


def generation_records(connection: sqlite3.Connection) -> list[GenerationRecord]:
    """Oldest first."""
    return [_record(row) for row in connection.execute(f"SELECT {_COLUMNS} {_FROM} ORDER BY g.number")]


def generation_record(connection: sqlite3.Connection, number: int) -> GenerationRecord:
    """Raises NotFound."""
    row = connection.execute(f"SELECT {_COLUMNS} {_FROM} WHERE g.number = ?", (number,)).fetchone()
    if row is None:
        raise no_such_generation(number)
    return _record(row)


def generation_infos(connection: sqlite3.Connection) -> list[GenerationInfo]:
    """Oldest first."""
    current = get_meta(connection, "current")
    return [record.info(current) for record in generation_records(connection)]


def _record(row: tuple[Any, ...]) -> GenerationRecord:
    number, base, created, documents, chunks, options_hash, language, settings, sha256, size, *spec = row
    name, revision, dimension, normalized = spec
    return GenerationRecord(
        number=int(number),
        base=None if base is None else int(base),
        created=created,
        documents=int(documents),
        chunks=int(chunks),
        options_hash=options_hash,
        language=language,
        settings=json.loads(settings),
        manifest_sha256=sha256,
        size_bytes=int(size),
        embedder=EmbedderSpec(name, revision, int(dimension), bool(normalized)),
    )
