"""The whole job of `ragchat ingest`: survey, prepare, embed, stage, publish.

Takes an embedder and an index home, never settings. Nothing is visible before the one publish at the end; a run
that is stopped leaves the old generation serving and its embeddings cached, so that the next run goes on from there.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import perf_counter
from typing import Protocol, assert_never

from ingest.embedding import EmbeddedDocument, embed
from ingest.extract.worker import ExtractionWorker
from ingest.prepare import Preparation, Prepared, Untouched, Vanished
from ingest.report import ChunkCounts, IngestReport, Outcome, Stage, Status, count
from ingest.sources import ScanOptions, SourceFile
from ingest.split import SplitOptions
from ingest.survey import Candidate, Survey, scopes, survey
from ragchat.errors import PublishRefused
from ragchat.index.generation import Generation
from ragchat.index.home import IndexHome
from ragchat.index.types import KnownDocument
from ragchat.index.writer import IndexWriter
from ragchat.models.embedder import Embedder

EXTRACTION_VERSION = 1
"""Raised when extraction or splitting changes what a document's text or chunks are: all files are read again."""
GUARD_SHARE, GUARD_COUNT = 0.30, 10
"""More removals than both ask for `--allow-deletes`."""


class Observer(Protocol):
    """Who watches a run: a progress bar, a log, a test. Called on the thread that runs `ingest`."""

    def stage(self, stage: Stage) -> None: ...

    def found(self, files: int) -> None: ...

    def read(self, files: int) -> None: ...

    def finished(self, outcome: Outcome) -> None: ...

    def embedded(self, chunks: int) -> None: ...


class Silent:
    """The observer that does nothing."""

    def stage(self, stage: Stage) -> None: ...

    def found(self, files: int) -> None: ...

    def read(self, files: int) -> None: ...

    def finished(self, outcome: Outcome) -> None: ...

    def embedded(self, chunks: int) -> None: ...


Check = Callable[[Generation], Mapping[str, float]]
"""Looks at the built but unpublished generation; returns settings to store with it, or raises PublishRefused."""


@dataclass(frozen=True, slots=True)
class IngestOptions:
    """How to ingest; `checks` run on the built generation before it is published (calibration, quality gate)."""

    scan: ScanOptions = field(default_factory=ScanOptions)
    split: SplitOptions = field(default_factory=SplitOptions)
    allow_deletes: bool = False
    dry_run: bool = False
    wait: bool = False
    keep_generations: int = 2
    checks: tuple[Check, ...] = ()

    @property
    def hash(self) -> str:
        """Changes when the same bytes would give other chunks."""
        return hashlib.sha256(f"{EXTRACTION_VERSION} {self.split!r}".encode()).hexdigest()[:16]


def ingest(
    paths: Sequence[Path | str],
    home: IndexHome,
    embedder: Embedder,
    options: IngestOptions | None = None,
    observer: Observer | None = None,
) -> IngestReport:
    """Bring the index in line with the paths and publish a new generation if anything changed.

    Raises UsageError (no such path), PublishRefused (guard, gate), WriterBusy, StorageFailed, UpstreamFailed; after
    any of them the generation that was current still is.
    """
    options = options or IngestOptions()
    with home.writer(wait=options.wait) as writer, ExtractionWorker() as worker:
        writer.begin(embedder.spec, options.hash)
        run = _Run(paths, home, writer, embedder, worker, options, observer or Silent())
        return run.report()


@dataclass(slots=True)
class _Run:
    """The state of one run."""

    paths: Sequence[Path | str]
    home: IndexHome
    writer: IndexWriter
    embedder: Embedder
    worker: ExtractionWorker
    options: IngestOptions
    observer: Observer
    outcomes: list[Outcome] = field(default_factory=list)
    unchanged: int = 0
    gone: list[KnownDocument] = field(default_factory=list)
    skipped: list[SourceFile] = field(default_factory=list)
    added: dict[str, list[int]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    bytes_read: int = 0
    new: int = 0
    embedded: int = 0
    cached: int = 0

    def report(self) -> IngestReport:
        """Do it all."""
        began = perf_counter()
        found = self._survey()
        self._guard(found.synced)
        preparation = Preparation(
            self.home.collection, self.worker, self.options.split, self.options.hash, self.observer.read
        )
        self._take_in(preparation, found.candidates)
        self._match_renames()
        self._guard(found.synced)
        info = None if self.options.dry_run else self._publish()
        self.seconds |= {
            "extract": preparation.extract_seconds,
            "split": preparation.split_seconds,
            "total": perf_counter() - began,
        }
        report = self._result(published=info is not None)
        if not self.options.dry_run:
            self.writer.record(report.as_json())
        return report

    @contextmanager
    def _timed(self, stage: Stage) -> Iterator[None]:
        self.observer.stage(stage)
        began = perf_counter()
        try:
            yield
        finally:
            self.seconds[stage] = self.seconds.get(stage, 0.0) + perf_counter() - began

    def _survey(self) -> Survey:
        whole = Survey()
        with self._timed("scan"):
            for scope in scopes(self.paths, self.writer.roots()):
                part = survey(scope, self.writer, self.options.scan, self.options.hash)
                whole.candidates += part.candidates
                whole.synced += part.synced
                self.unchanged += len(part.unchanged)
                self.gone += part.gone
                self.skipped += part.skipped
                self.outcomes += [
                    Outcome(file.key or str(scope.path), "failed", "unreadable", file.error)
                    for file in part.unreadable
                ]
        self.observer.found(len(whole.candidates))
        return whole

    def _guard(self, synced: int) -> None:
        """Stop before a run removes much of what was there: an unmounted folder looks like deletions."""
        removed = len(self.gone) - sum(outcome.status == "renamed" for outcome in self.outcomes)
        if self.options.allow_deletes or removed <= max(GUARD_COUNT, GUARD_SHARE * synced):
            return
        raise PublishRefused(
            f"This run would remove {removed} of {synced} documents"
            f" ({', '.join(document.key for document in self.gone[:3])}, …); nothing was changed.",
            hint="If they are meant to go, run it again with --allow-deletes.",
            code="too_many_deletes",
        )

    def _take_in(self, preparation: Preparation, candidates: Iterable[Candidate]) -> None:
        """Everything from reading to staging; embedding time is what the other stages leave."""
        with self._timed("embed"):
            prepared = self._prepared(preparation, candidates)
            if self.options.dry_run:
                for document in prepared:
                    self._note(document)
                return
            for embedded in embed(prepared, self.embedder, self.writer):
                self._stage(embedded)

    def _prepared(self, preparation: Preparation, candidates: Iterable[Candidate]) -> Iterator[Prepared]:
        """The documents to embed; what needs no embedding is settled on the way."""
        for item in preparation.items(candidates):
            match item:
                case Prepared():
                    self.bytes_read += item.source_bytes
                    yield item
                case Untouched():
                    self.unchanged += 1
                    if not self.options.dry_run:
                        self.writer.touch(item.known.document_id, item.stat)
                case Vanished():
                    self.gone.append(item.known)
                case Outcome():
                    self._finish(item)
                case _:
                    assert_never(item)

    def _stage(self, embedded: EmbeddedDocument) -> None:
        prepared = embedded.prepared
        began = perf_counter()
        self.writer.stage(
            prepared.root, prepared.document, prepared.chunks, embedded.chunk_vectors(), prepared.stat
        )
        self.seconds["index"] = self.seconds.get("index", 0.0) + perf_counter() - began
        computed = len(prepared.chunks) - embedded.cached
        self.embedded += computed
        self.cached += embedded.cached
        self.observer.embedded(computed)
        self._note(prepared)

    def _note(self, prepared: Prepared) -> None:
        self.new += len(prepared.chunks)
        status: Status = "empty" if not prepared.chunks else "updated" if prepared.previous else "added"
        if status == "added":
            self.added.setdefault(prepared.document.content_hash, []).append(len(self.outcomes))
        self._finish(
            Outcome(prepared.document.key, status, "empty" if prepared.reason else "", prepared.reason)
        )

    def _finish(self, outcome: Outcome) -> None:
        self.outcomes.append(outcome)
        self.observer.finished(outcome)

    def _match_renames(self) -> None:
        """A document that went while another came with the same bytes was renamed, not removed."""
        for known in self.gone:
            places = self.added.get(known.content_hash)
            if places:
                place = places.pop()
                self.outcomes[place] = replace(
                    self.outcomes[place], status="renamed", detail=f"was {known.key}"
                )
            else:
                self._finish(Outcome(known.key, "removed"))
            if not self.options.dry_run:
                self.writer.remove(known.document_id)

    def _publish(self) -> object | None:
        with self._timed("index"):
            if not self.writer.build():
                return None
            settings: dict[str, float] = {}
            for check in self.options.checks:
                with self.writer.open_candidate(settings) as candidate:
                    settings |= check(candidate)
        with self._timed("publish"):
            info = self.writer.publish(settings=settings)
            self.home.prune(self.options.keep_generations)
        return info

    def _result(self, *, published: bool) -> IngestReport:
        documents = count(self.outcomes)
        documents["unchanged"] += self.unchanged
        return IngestReport(
            collection=self.home.collection,
            generation=self.home.current() if self.home.exists() else None,
            documents=documents,
            chunks=ChunkCounts(self.writer.chunk_total(), self.new, self.embedded, self.cached),
            bytes=self.bytes_read,
            seconds={stage: self.seconds.get(stage, 0.0) for stage in (*_STAGES, "total")},
            outcomes=tuple(self.outcomes),
            dry_run=self.options.dry_run,
            published=published,
            skipped=Counter(file.skipped for file in self.skipped),
        )


_STAGES: tuple[Stage, ...] = ("scan", "extract", "split", "embed", "index", "publish")
