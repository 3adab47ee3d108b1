"""`ragchat ingest`: progress and the report for people, one JSON object for machines. The work is in `ingest.run`."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ragchat.cli.options import Collection, IndexDir, Json, home_for, settings_for, split_for
from ragchat.cli.terminal.output import out, print_json, print_table, size
from ragchat.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from ingest.options import Check, IngestOptions
    from ingest.report import IngestReport
    from ragchat.corpus.contract import Store
    from ragchat.models.embedder import Embedder
    from ragchat.runtime.models import Models

Paths = Annotated[
    list[Path], typer.Argument(metavar="PATH", help="Folders and files to bring into the index.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would change; write nothing.")]
AllowDeletes = Annotated[
    bool, typer.Option("--allow-deletes", help="Let a run remove more than 30 % of the documents.")
]
Rehash = Annotated[
    bool,
    typer.Option("--rehash", help="Read every file again, also those whose size and times have not changed."),
]
Watch = Annotated[
    bool, typer.Option("--watch", help="Then follow the paths: every change is taken in, until Ctrl-C.")
]
Wait = Annotated[bool, typer.Option("--wait", help="Wait for another ingest to end instead of failing.")]
Include = Annotated[list[str] | None, typer.Option("--include", help="Only files that match this glob.")]
Exclude = Annotated[list[str] | None, typer.Option("--exclude", help="No files that match this glob.")]
Gate = Annotated[
    Path | None, typer.Option("--gate", help="Golden questions (JSONL): publish only if --require holds.")
]
Require = Annotated[
    list[str] | None, typer.Option("--require", help='What the gate asks for, as "recall_at_5>=0.9".')
]
Split = Annotated[
    str | None,
    typer.Option("--split", help='How to cut, as "auto, *.log=rows, faq/*=sentences". [RAGCHAT_SPLIT]'),
]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="List every document, not only the failures.")]

SOME_FAILED = 1
INTERRUPTED = 130


def ingest(
    paths: Paths,
    collection: Collection = None,
    index_dir: IndexDir = None,
    dry_run: DryRun = False,
    allow_deletes: AllowDeletes = False,
    wait: Wait = False,
    rehash: Rehash = False,
    watch: Watch = False,
    include: Include = None,
    exclude: Exclude = None,
    split: Split = None,
    gate: Gate = None,
    require: Require = None,
    as_json: Json = False,
    verbose: Verbose = False,
) -> None:
    """Bring documents into the index.

    Run it again any time: only what changed is done, and what is gone from a path leaves the index.

    Exit codes: 0 done, 1 some documents failed (the rest is published), 2 usage, 3 not ready, 4 refused to publish.
    """
    from ingest.options import IngestOptions
    from ingest.sources import ScanOptions
    from ragchat.runtime.models import Models

    settings = settings_for(collection, index_dir, split=split)
    models = Models(settings)
    options = IngestOptions(
        scan=ScanOptions(include=tuple(include or ()), exclude=tuple(exclude or ())),
        split=split_for(settings),
        language=settings.language,
        allow_deletes=allow_deletes,
        dry_run=dry_run,
        wait=wait,
        rehash=rehash,
        checks=_checks(models, gate, require or []),
    )
    home, embedder = home_for(settings), models.embedder()

    def run(*, following: bool = False) -> "IngestReport":
        report = _told_of_gate(_run(paths, home, embedder, options), gate)
        return _shown(report, as_json=as_json, verbose=verbose, only_news=following)

    failures = run().failures
    if watch:
        _follow(paths, settings.index_dir, lambda: run(following=True))
    elif failures:
        raise typer.Exit(SOME_FAILED)


def _follow(paths: list[Path], index: Path, run: "Callable[[], object]") -> None:
    from ragchat.cli.runs.watching import follow

    follow(paths, index, run)


def _checks(models: "Models", gate: Path | None, require: list[str]) -> "tuple[Check, ...]":
    """What looks at a generation before it is published: the refusal calibration, then the gate where one is asked."""
    from ragchat.runtime.checks import calibration, quality_gate

    if gate is not None:
        return calibration(), quality_gate(models, gate, require)
    if require:
        raise UsageError("--require needs the questions to ask.", hint="Add --gate QUESTIONS.jsonl.")
    return (calibration(),)


def _run(paths: list[Path], home: "Store", embedder: "Embedder", options: "IngestOptions") -> "IngestReport":
    """The ingest with its progress on stderr; ^C ends it with its own code."""
    from ingest.run import ingest as run_ingest
    from ragchat.cli.terminal.progress import observed

    try:
        with observed() as observer:
            return run_ingest(paths, home, embedder, options, observer)
    except KeyboardInterrupt:
        sys.stderr.write("\nStopped: nothing was published; what was embedded is kept for the next run.\n")
        raise typer.Exit(INTERRUPTED) from None


def _told_of_gate(report: "IngestReport", gate: Path | None) -> "IngestReport":
    """Says so where nothing was published that the gate could have held back: exit 0 is no pass then."""
    if gate is None or report.published:
        return report
    why = "a dry run builds nothing" if report.dry_run else "there is nothing new to publish"
    told = f"The gate was not asked: {why}. `ragchat eval {gate} --require …` asks what is served now."
    return replace(report, warnings=(*report.warnings, told))


def _shown(report: "IngestReport", *, as_json: bool, verbose: bool, only_news: bool) -> "IngestReport":
    """The report, printed; with `only_news` where something changed or failed."""
    if only_news and not report.published and not report.failures:
        return report
    for warning in report.warnings:
        sys.stderr.write(f"warning: {warning}\n")
    if as_json:
        print_json(report.as_json())
    else:
        _print_report(report, verbose=verbose)
    return report


def _print_report(report: "IngestReport", *, verbose: bool) -> None:
    console = out()
    shown = report.outcomes if verbose else (*report.failures, *report.noted)
    for outcome in shown:
        console.print(f"{outcome.status:>9}  {outcome.key}  {outcome.detail}".rstrip(), markup=False)
    print_table(report.documents, [list(report.documents.values())])
    chunks = report.chunks
    console.print(
        f"{chunks.total:,} chunks in the index; {chunks.new:,} new ({chunks.embedded:,} embedded, "
        f"{chunks.cached:,} known before) from {size(report.bytes)} in {report.seconds['total']:.1f} s"
    )
    for reason, files in report.skipped.items():
        console.print(f"{files} file{'s' * (files > 1)} skipped: {reason}", markup=False)
    console.print(_closing_line(report), markup=False)


def _closing_line(report: "IngestReport") -> str:
    if report.dry_run:
        return "Dry run: nothing was written."
    if report.published:
        return f"Published generation {report.generation} of collection {report.collection!r}."
    if report.generation is None:
        return "Nothing to publish: no document with text was found."
    return f"Nothing changed; generation {report.generation} is current."
