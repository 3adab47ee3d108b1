"""The whole job of `ragchat ingest`: survey, prepare, embed, stage, publish.

Takes an embedder and an index home, never settings. Nothing is visible before the one publish at the end; a run
that is stopped leaves the old generation serving and its embeddings cached, so that the next run goes on from there.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import assert_never, cast

from ingest.asked import asked_of
from ingest.embedding import EmbeddedDocument, embed
from ingest.extract.worker import ExtractionWorker, usual_children
from ingest.language import guessed_language
from ingest.naming import folder_labels
from ingest.options import IngestOptions, Observer
from ingest.prepare import Preparation, Prepared, Untouched, Vanished
from ingest.remote import Brought, is_address
from ingest.removals import matched, nothing_to_read, require_few
from ingest.report import ChunkCounts, IngestReport, Outcome, Stage, Status, count
from ingest.sources import SourceFile, is_loader
from ingest.survey import Candidate, Survey, scopes, source_of, survey
from ingest.unreadable import CODE, outlived, unreadable_since
from ragchat.corpus.contract import Run, Store
from ragchat.corpus.opening import open_stores
from ragchat.corpus.values import KnownDocument
from ragchat.errors import IndexDamaged, StorageFailed, UsageError
from ragchat.models.embedder import Embedder

RUNS_ASKED = 10_000
"""Reports of earlier runs that are asked since when a file cannot be read: a week of one a minute."""
RUNS_REMEMBERED = 50
"""Reports of earlier runs in which a file's failed lines make it read again, though it did not change."""


def ingest(
    paths: Sequence[Path | str],
    home: Store,
    embedder: Embedder,
    options: IngestOptions | None = None,
    observer: Observer | None = None,
) -> IngestReport:
    """Bring the index in line with the paths and publish a new generation if anything changed.

    Raises UsageError (no such path), PublishRefused (guard, gate), WriterBusy, StorageFailed, UpstreamFailed; after
    any of them the generation that was current still is.
    """
    options = options or IngestOptions()
    observer = observer or Observer()
    brought = [_brought(path, options, observer) for path in paths]
    if options.dry_run and not home.exists():
        home = open_stores("memory:").store(home.collection)
    return _ingest(brought, home, embedder, options, observer)


def _brought(path: Path | str, options: IngestOptions, observer: Observer) -> Path | str | Brought:
    """A source elsewhere is brought before the index is touched: a slow site keeps no other run waiting."""
    if not isinstance(path, str) or not is_address(path):
        return path
    if options.mirrors is None:
        raise UsageError(f"{path} is an address, and there is no folder to bring it into.", code="no_mirrors")
    from ingest.remote.bringing import bring  # late: an HTTP client, which folders do not need

    observer.stage("fetch")
    return bring(path, options.mirrors, options.site, observer.found)


def _ingest(
    paths: Sequence[Path | str | Brought],
    home: Store,
    embedder: Embedder,
    options: IngestOptions,
    observer: Observer,
) -> IngestReport:
    with home.run(wait=options.wait) as writer, ExtractionWorker(children=usual_children()) as worker:
        asked = options.language or (None if writer.base else guessed_language(_folders(paths), options.scan))
        writer.begin(embedder.spec, options.hash, language=asked)
        run = _Run(paths, home, writer, embedder, worker, options, observer)
        return run.report()


def _named(path: Path | str | Brought) -> Path | str:
    return path.root if isinstance(path, Brought) else path


def _folders(paths: Sequence[Path | str | Brought]) -> list[Path | str]:
    return [path.folder if isinstance(path, Brought) else path for path in paths]


@dataclass(slots=True)
class _Run:
    """The state of one run."""

    paths: Sequence[Path | str | Brought]
    home: Store
    writer: Run
    embedder: Embedder
    worker: ExtractionWorker
    options: IngestOptions
    observer: Observer
    outcomes: list[Outcome] = field(default_factory=list)
    unchanged: int = 0
    roots: list[str] = field(default_factory=list)
    emptied: list[str] = field(default_factory=list)
    labels: dict[str, str] = field(default_factory=dict)
    gone: list[KnownDocument] = field(default_factory=list)
    skipped: list[SourceFile] = field(default_factory=list)
    added: dict[str, list[str]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    bytes_read: int = 0
    new: int = 0
    embedded: int = 0
    cached: int = 0

    def report(self) -> IngestReport:
        """Do it all."""
        began = perf_counter()
        found = self._survey()
        if not found.candidates:
            self._remove(found)  # stop before any work where a folder has merely gone away
        preparation = Preparation(
            self.home.collection,
            self.worker,
            self.options.split,
            self.options.hash,
            self.observer.read,
            tuple(sorted(set(self.options.acl))),
            self.labels,
        )
        self._take_in(preparation, found.candidates)
        late = self._unreadable_too_long()
        self.gone += late
        if found.candidates or late:
            self._remove(found)
        info = None if self.options.dry_run else self._publish()
        self.seconds |= {
            "extract": preparation.extract_seconds,
            "split": preparation.split_seconds,
            # Reading, splitting and staging happen while the embedder works: what is left is its own time.
            "embed": max(
                0.0, self.seconds["embed"] - preparation.split_seconds - self.seconds.get("index", 0.0)
            ),
            "total": perf_counter() - began,
        }
        report = self._result(published=info is not None)
        return report if self.options.dry_run else self._recorded(report)

    def _recorded(self, report: IngestReport) -> IngestReport:
        """What is published holds, though its report could not be kept."""
        try:
            asked = asked_of(map(_named, self.paths), self.options)
            self.writer.record(report.as_json() | asked.as_json())
        except (StorageFailed, IndexDamaged) as error:
            if not report.published:
                raise
            told = f"Generation {report.generation} is published, but the report of this run could not be kept: {error}"
            return replace(report, warnings=(*report.warnings, told))
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
            suspects = self._suspects()
            for scope in scopes(self.paths, self.writer.roots()):
                self.roots.append(scope.root)
                self.outcomes += scope.brought.failed if scope.brought is not None else ()
                part = survey(
                    scope,
                    self.writer,
                    self.options.scan,
                    self.options.hash,
                    suspects,
                    rehash=self.options.rehash,
                )
                whole.candidates += part.candidates
                whole.synced += part.synced
                whole.files |= part.files
                if part.synced and not part.files and not part.unreadable:
                    self.emptied.append(scope.root)
                self.labels |= folder_labels(part.files)
                self.unchanged += len(part.unchanged)
                self.gone += part.gone
                self.skipped += part.skipped
                self.outcomes += [
                    Outcome(file.key or str(scope.path), "failed", "unreadable", file.error)
                    for file in part.unreadable
                ]
        self.observer.found(len(whole.candidates))
        if not (whole.files or whole.candidates or whole.synced or self.outcomes):
            raise nothing_to_read([_named(path) for path in self.paths], self.skipped)
        return whole

    def _suspects(self) -> frozenset[str]:
        """Files of which a part failed in the newest run over their root: they are read again, so that the failure is
        not forgotten."""
        failures: list[str] = []
        told: set[str] = set()
        for run in self.home.reports(RUNS_REMEMBERED):
            roots = set(cast("list[str]", run.get("roots", []))) or {""}
            if not roots <= told:
                told |= roots
                failures += [row["uri"] for row in cast("list[dict[str, str]]", run.get("failures", []))]
        return frozenset(source_of(re.sub(r":\d+$", "", uri)) for uri in failures)

    def _unreadable_too_long(self) -> list[KnownDocument]:
        """Documents whose file could not be read in any run for longer than the grace."""
        keys = {outcome.key for outcome in self.outcomes if outcome.code == CODE}
        if not keys:
            return []
        since = unreadable_since(keys, self.roots, self.home.reports(RUNS_ASKED))
        now = datetime.now(UTC)
        return [
            document
            for root in self.roots
            for document in outlived(self.writer.known(root), root, since, self.options.grace, now)
        ]

    def _take_in(self, preparation: Preparation, candidates: Iterable[Candidate]) -> None:
        """Everything from reading to staging."""
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
        document = prepared.document
        status: Status = "empty" if not prepared.chunks else "updated" if prepared.previous else "added"
        if status == "added":
            self.added.setdefault(document.content_hash, []).append(document.key)
        code = "empty" if prepared.reason else "partly_read" if prepared.notes else ""
        told = "; ".join(filter(None, (prepared.reason, *prepared.notes)))
        self._finish(Outcome(document.key, status, code, told, document.content_hash))

    def _finish(self, outcome: Outcome) -> None:
        self.outcomes.append(outcome)
        self.observer.finished(outcome)

    def _remove(self, found: Survey) -> None:
        """Settle what is gone: renamed, removed, or too much. Raises PublishRefused."""
        removals = matched(self.gone, self.added)
        if not self.options.allow_deletes:
            require_few(removals.removed, found.synced, emptied=self.emptied)
        for place, outcome in enumerate(self.outcomes):
            if outcome.status == "added" and (old := removals.renamed.get(outcome.key)):
                self.outcomes[place] = replace(outcome, status="renamed", detail=f"was {old.key}")
        for known in removals.removed:
            self._finish(Outcome(known.key, "removed"))
        if not self.options.dry_run:
            for known in self.gone:
                self.writer.remove(known.document_id)

    def _publish(self) -> object | None:
        with self._timed("index"):
            if not self.writer.build():
                return None
            settings: dict[str, float] = {}
            for check in self.options.checks:
                with self.writer.open_candidate(settings) as candidate:
                    settings |= check(candidate, self.observer.asked)
        with self._timed("publish"):
            return self.writer.publish(settings=settings)

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
            warnings=tuple(self._warnings()),
            roots=tuple(dict.fromkeys(self.roots)),
        )

    def _warnings(self) -> Iterator[str]:
        for root in self.writer.roots():
            if not is_loader(root) and not is_address(root) and not Path(root).exists():
                yield (
                    f"{root} is no longer there, but its documents still answer."
                    f" If it was moved or is not wanted: ragchat documents remove --root {root}"
                )


_STAGES: tuple[Stage, ...] = ("scan", "extract", "split", "embed", "index", "publish")
