"""`ragchat ingest`: progress and the report for people, one JSON object a source and line for machines.

The work is in `ingest.run`.
"""

import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ragchat.cli.options import Collection, IndexDir, Json, home_for, settings_for, split_for
from ragchat.cli.terminal.output import out, print_json, print_table, size
from ragchat.errors import IndexDamaged, RagchatError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ingest.options import Check, IngestOptions
    from ingest.report import IngestReport
    from ragchat.cli.runs.sources import NamedSource
    from ragchat.corpus.contract import Store
    from ragchat.models.embedder import Embedder
    from ragchat.runtime.models import Models
    from ragchat.settings import Settings

Paths = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="PATH",
        help="Folders, files, web sites (https://…), git repositories (git+https://…); without any, the sources of"
        " ragchat.toml.",
    ),
]
Pages = Annotated[int | None, typer.Option("--pages", min=1, help="Most pages of a web site. [2000]")]
Depth = Annotated[
    int | None, typer.Option("--depth", min=0, help="Most links from the start of a site. [10]")
]
AllowPrivate = Annotated[
    bool, typer.Option("--allow-private", help="Also fetch from machines of your own network.")
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
Acl = Annotated[
    list[str] | None,
    typer.Option("--acl", help="Tag of those who may see these documents; may be repeated. None: everybody."),
]
Split = Annotated[
    str | None,
    typer.Option("--split", help='How to cut, as "auto, *.log=rows, faq/*=sentences". [RAGCHAT_SPLIT]'),
]
ReportPage = Annotated[
    Path | None, typer.Option("--report", metavar="FILE.html", help="Write the report as a page, too.")
]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="List every document, not only the failures.")]

SOME_FAILED = 1


def ingest(
    paths: Paths = None,
    collection: Collection = None,
    index_dir: IndexDir = None,
    dry_run: DryRun = False,
    allow_deletes: AllowDeletes = False,
    wait: Wait = False,
    rehash: Rehash = False,
    watch: Watch = False,
    include: Include = None,
    exclude: Exclude = None,
    acl: Acl = None,
    pages: Pages = None,
    depth: Depth = None,
    allow_private: AllowPrivate = False,
    split: Split = None,
    gate: Gate = None,
    require: Require = None,
    page: ReportPage = None,
    as_json: Json = False,
    verbose: Verbose = False,
) -> None:
    """Bring documents into the index.

    Run it again any time: only what changed is done, and what is gone from a path leaves the index. Without a PATH the
    sources that ragchat.toml lists are brought in line, each by its own rules.

    Exit codes: 0 done, 1 some documents failed (the rest is published), 2 usage, 3 not ready, 4 refused to publish.
    """
    from ragchat.cli.runs.sources import NamedSource, named_sources, place_of

    given = NamedSource("", tuple(map(place_of, paths or ())), tuple(include or ()), tuple(exclude or ()), split,
                        collection, tuple(acl or ()), pages, depth, allow_private)  # fmt: skip
    settings = settings_for(collection, index_dir, split=split)
    sources = [given] if paths else [one.under(given) for one in named_sources(settings.collection)]
    asked = partial(_options, dry_run=dry_run, allow_deletes=allow_deletes, wait=wait, rehash=rehash)
    reports: list[IngestReport] = []
    runs = [_run_of(one, settings_for(one.collection, index_dir, split=one.split), asked, gate, require or [],
                    reports.append, as_json=as_json, verbose=verbose) for one in sources]  # fmt: skip
    code = _run_all(sources, runs)
    if page is not None:
        _write_page(reports, page)
    if watch:
        _follow([path for one in sources for path in one.paths], settings.index_dir, runs)
    elif code:
        raise typer.Exit(code)


def _run_all(sources: "Sequence[NamedSource]", runs: "Sequence[Callable[..., bool]]") -> int:
    """Exit code of all runs. Of named sources one that is refused does not keep the others back."""
    code = 0
    for source, run in zip(sources, runs, strict=True):
        try:
            code = max(code, SOME_FAILED if run(following=False) else 0)
        except RagchatError as error:
            if not source.name:
                raise
            sys.stderr.write(f"error: {source.name}: {error}\n")
            sys.stderr.write(f"  {error.hint}\n" if error.hint else "")
            code = max(code, error.exit_code)
    return code


def _options(
    source: "NamedSource", settings: "Settings", checks: "tuple[Check, ...]", **how: bool
) -> "IngestOptions":
    from datetime import timedelta

    from ingest.options import IngestOptions
    from ingest.sources import ScanOptions
    from ragchat.runtime.administration.again import MIRRORS

    return IngestOptions(
        scan=ScanOptions(include=source.include, exclude=source.exclude),
        split=split_for(settings),
        language=settings.language,
        acl=source.acl,
        mirrors=settings.index_dir / MIRRORS,
        site=source.site,
        checks=checks,
        grace=timedelta(days=settings.unreadable_days),
        **how,
    )


def _run_of(
    source: "NamedSource",
    settings: "Settings",
    asked: "Callable[..., IngestOptions]",
    gate: Path | None,
    require: list[str],
    keep: "Callable[[IngestReport], None]",
    *,
    as_json: bool,
    verbose: bool,
) -> "Callable[..., bool]":
    """One source's run, which may be repeated: prints its report, and tells whether a document failed."""
    from ragchat.runtime.models import Models

    models = Models(settings)
    options = asked(source, settings, _checks(models, gate, require))
    home, embedder = home_for(settings), models.embedder()

    def run(*, following: bool) -> bool:
        report = _told_of_gate(_run(list(source.paths), home, embedder, options), gate)
        if source.name and not as_json and (report.published or not following):
            out().print(f"{source.name}:", markup=False)
        if not following:
            keep(report)
        return bool(_shown(report, as_json=as_json, verbose=verbose, only_news=following).failures)

    return run


def _write_page(reports: "Sequence[IngestReport]", page: Path) -> None:
    from ragchat.cli.runs.page import write_page

    write_page(reports, page)
    sys.stderr.write(f"The report is in {page}.\n")


def _follow(paths: "list[Path | str]", index: Path, runs: "Sequence[Callable[..., bool]]") -> None:
    from ragchat.cli.runs.watching import follow

    def again() -> None:
        for run in runs:
            run(following=True)

    folders = [path for path in paths if isinstance(path, Path)]
    if not folders:
        raise UsageError(
            "There is no folder to follow.", hint="--watch follows folders and files of this machine."
        )
    follow(folders, index, again)


def _checks(models: "Models", gate: Path | None, require: list[str]) -> "tuple[Check, ...]":
    """What looks at a generation before it is published: the refusal calibration, then the gate where one is asked."""
    from ragchat.runtime.checks import calibration, quality_gate

    if gate is not None:
        return calibration(), quality_gate(models, gate, require)
    if require:
        raise UsageError("--require needs the questions to ask.", hint="Add --gate QUESTIONS.jsonl.")
    return (calibration(),)


def _run(
    paths: "list[Path | str]", home: "Store", embedder: "Embedder", options: "IngestOptions"
) -> "IngestReport":
    """The ingest with its progress on stderr; ^C and SIGTERM end it with their own codes, and a line of what holds."""
    from ingest.run import ingest as run_ingest
    from ragchat.cli.terminal.progress import observed
    from ragchat.cli.terminal.stopping import exit_code_of

    before = _current(home)
    try:
        with observed() as observer:
            return run_ingest(paths, home, embedder, options, observer)
    except KeyboardInterrupt as stop:
        now = _current(home)
        holds = (
            "nothing was published; what was embedded is kept for the next run"
            if now == before
            else f"generation {now} was published before and holds"
        )
        sys.stderr.write(f"\nStopped: {holds}.\n")
        raise typer.Exit(exit_code_of(stop)) from None


def _current(home: "Store") -> int | None:
    """None also where the pointer is damaged: the run mends it, or says that it cannot."""
    try:
        return home.current() if home.exists() else None
    except IndexDamaged:
        return None


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
