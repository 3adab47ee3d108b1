"""What an ingest did, document by document and in sum. The JSON form is a contract (`ragchat ingest --json`)."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Literal, TypeAlias, get_args

Status: TypeAlias = Literal["added", "updated", "renamed", "unchanged", "removed", "empty", "failed"]
STATUSES: tuple[Status, ...] = get_args(Status)
Stage: TypeAlias = Literal["fetch", "scan", "extract", "split", "embed", "index", "publish"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one document ended; `detail` is the reason of a failure or emptiness, or the old key of a rename;
    `digest` is that of the content that was read."""

    key: str
    status: Status
    code: str = ""
    detail: str = ""
    digest: str = ""


@dataclass(frozen=True, slots=True)
class ChunkCounts:
    """`total` in the index after the run; of this run's `new` ones, `embedded` now and found in the `cached` ones."""

    total: int = 0
    new: int = 0
    embedded: int = 0
    cached: int = 0


@dataclass(frozen=True, slots=True)
class IngestReport:
    """The result of one run; `generation` is the current one after it (None: nothing was ever published).

    `seconds` are wall-clock seconds by stage; extraction runs beside embedding, so they may add up to more than
    `total`. `bytes` is the size of the source files that were read. `skipped` counts the files that are no documents
    (images, archives, ...) by reason; they are neither failures nor in the index. `roots` are those it looked at.
    """

    collection: str
    generation: int | None
    documents: dict[Status, int]
    chunks: ChunkCounts
    bytes: int
    seconds: dict[str, float]
    outcomes: tuple[Outcome, ...] = ()
    dry_run: bool = False
    published: bool = False
    skipped: Mapping[str, int] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    roots: tuple[str, ...] = ()

    @property
    def failures(self) -> list[Outcome]:
        return [outcome for outcome in self.outcomes if outcome.status == "failed"]

    @property
    def noted(self) -> list[Outcome]:
        """Documents that were read in part; their detail tells what was lost or left out."""
        return [outcome for outcome in self.outcomes if outcome.code == "partly_read"]

    def as_json(self) -> dict[str, object]:
        """The contract of `ragchat ingest --json`."""
        return {
            "collection": self.collection,
            "generation": self.generation,
            "published": self.published,
            "dry_run": self.dry_run,
            "documents": self.documents,
            "chunks": asdict(self.chunks),
            "bytes": self.bytes,
            "seconds": {stage: round(seconds, 3) for stage, seconds in self.seconds.items()},
            "failures": [{"uri": o.key, "code": o.code, "message": o.detail} for o in self.failures],
            "empty": [{"uri": o.key, "message": o.detail} for o in self.outcomes if o.status == "empty"],
            "notes": [{"uri": o.key, "message": o.detail, "digest": o.digest} for o in self.noted],
            "skipped": dict(self.skipped),
            "warnings": list(self.warnings),
            "roots": list(self.roots),
        }


def count(outcomes: Iterable[Outcome]) -> dict[Status, int]:
    """Documents by status; every status is present."""
    counts = Counter(outcome.status for outcome in outcomes)
    return {status: counts[status] for status in STATUSES}
