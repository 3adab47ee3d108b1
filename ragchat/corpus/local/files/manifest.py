"""The manifest of a generation: what its files are, how they were made, and the sha256 of every one of them.

Canonical JSON (sorted keys, no white space); the catalog keeps the sha256 of the manifest itself, so that the chain
of trust ends in the row that the publishing transaction wrote.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, cast

from ragchat.corpus.local.files.failures import damaged
from ragchat.corpus.local.files.files import edges_sha256_of, sha256_of
from ragchat.errors import IndexDamaged
from ragchat.models.embedder import EmbedderSpec

FORMAT_VERSION: Final = 3
READABLE_FORMATS: Final = (2, 3)
MANIFEST_NAME: Final = "manifest.json"


@dataclass(frozen=True, slots=True)
class FileEntry:
    """Facts of one file; `edges` is the digest of its first and last 64 KiB."""

    size: int
    sha256: str
    edges: str

    @classmethod
    def of(cls, path: Path) -> "FileEntry":
        return cls(path.stat().st_size, sha256_of(path), edges_sha256_of(path))


@dataclass(frozen=True, slots=True)
class SegmentEntry:
    """A FAISS file of `rows` vectors with ascending chunk ids in `[first_id, last_id]`, dead ones included.

    `coded`: a file of codes stands beside it.
    """

    name: str
    rows: int
    first_id: int
    last_id: int
    coded: bool


@dataclass(frozen=True, slots=True)
class Manifest:
    """`files` maps POSIX paths inside the generation to their facts; the manifest itself is not among them. `mean` is
    that of the living vectors, `analysis` names what made the words (ragchat.language.analysis.analysis_of), "" where
    that was not kept.
    """

    collection: str
    number: int
    base: int | None
    created: str
    embedder: EmbedderSpec
    options_hash: str
    language: str
    documents: int
    chunks: int
    segments: tuple[SegmentEntry, ...]
    files: Mapping[str, FileEntry]
    settings: Mapping[str, float] = field(default_factory=dict)
    mean: tuple[float, ...] | None = None
    analysis: str = ""

    def to_bytes(self) -> bytes:
        """Canonical JSON; equal manifests give equal bytes."""
        return canonical_json(
            {
                "format": FORMAT_VERSION,
                "collection": self.collection,
                "generation": self.number,
                "base": self.base,
                "created": self.created,
                "embedder": spec_to_json(self.embedder),
                "options_hash": self.options_hash,
                "language": self.language,
                "analysis": self.analysis,
                "documents": self.documents,
                "chunks": self.chunks,
                "settings": dict(self.settings),
                "mean": None if self.mean is None else list(self.mean),
                "segments": [_segment_to_json(segment) for segment in self.segments],
                "files": {
                    name: {"size": entry.size, "sha256": entry.sha256, "edges": entry.edges}
                    for name, entry in self.files.items()
                },
            }
        )

    @classmethod
    def from_bytes(cls, content: bytes, thing: str) -> "Manifest":
        """Raises IndexDamaged for anything that is not a manifest of a format that this version reads."""
        try:
            record = json.loads(content)
            found = record["format"]
            if found in READABLE_FORMATS:
                return _from_json(record)
        except (ValueError, KeyError, TypeError) as error:
            raise damaged(thing, "not a manifest") from error
        raise IndexDamaged(
            f"{thing} has format {found!r}; this ragchat reads {FORMAT_VERSION}.",
            hint="Run `ragchat index rebuild` (it embeds nothing), or use the version that made it.",
            code="newer_format" if isinstance(found, int) and found > FORMAT_VERSION else "older_format",
        )


def canonical_json(value: object) -> bytes:
    """UTF-8, sorted keys, no white space, no NaN."""
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode()


def spec_to_json(spec: EmbedderSpec) -> dict[str, str | int | bool]:
    return {
        "name": spec.name,
        "revision": spec.revision,
        "dimension": spec.dimension,
        "normalized": spec.normalized,
    }


def _segment_to_json(segment: SegmentEntry) -> dict[str, str | int | bool]:
    return {
        "name": segment.name,
        "rows": segment.rows,
        "first_id": segment.first_id,
        "last_id": segment.last_id,
        "coded": segment.coded,
    }


def _from_json(record: dict[str, object]) -> Manifest:
    embedder = _object(record["embedder"])
    return Manifest(
        collection=_text(record["collection"]),
        number=_whole(record["generation"]),
        base=None if record["base"] is None else _whole(record["base"]),
        created=_text(record["created"]),
        embedder=EmbedderSpec(
            _text(embedder["name"]),
            _text(embedder["revision"]),
            _whole(embedder["dimension"]),
            bool(embedder["normalized"]),
        ),
        options_hash=_text(record["options_hash"]),
        language=_text(record["language"]),
        documents=_whole(record["documents"]),
        chunks=_whole(record["chunks"]),
        segments=tuple(_segment(_object(item)) for item in cast("list[object]", record["segments"])),
        files={name: _file(_object(entry)) for name, entry in _object(record["files"]).items()},
        settings={name: float(cast("float", value)) for name, value in _object(record["settings"]).items()},
        mean=_mean(record.get("mean")),
        analysis=_text(record.get("analysis", "")),
    )


def _segment(record: dict[str, object]) -> SegmentEntry:
    return SegmentEntry(
        _text(record["name"]),
        _whole(record["rows"]),
        _whole(record["first_id"]),
        _whole(record["last_id"]),
        bool(record["coded"]),
    )


def _file(record: dict[str, object]) -> FileEntry:
    return FileEntry(_whole(record["size"]), _text(record["sha256"]), _text(record["edges"]))


def _mean(value: object) -> tuple[float, ...] | None:
    """None in format 2, which had none."""
    return None if value is None else tuple(float(number) for number in cast("list[float]", value))


def _object(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise TypeError(value)
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _whole(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(value)
    return value
