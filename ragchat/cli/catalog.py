"""`ragchat status`, `verify` and `index …`: what is indexed, whether it is whole, and its generations."""

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Annotated

import typer

from ragchat.cli.options import Collection, IndexDir, Json, existing_home, settings_for, stores_for
from ragchat.cli.terminal.output import err, out, print_json, print_table, size

if TYPE_CHECKING:
    from ragchat.settings import Settings

app = typer.Typer(no_args_is_help=True, help="Generations: list, roll back, rebuild, prune.")

DAMAGED = 3
SOME_FAILED = 1


Failed = Annotated[
    bool,
    typer.Option(
        "--failed", help="List the files that failed or hold no text (exit code 1 if any), or have a note."
    ),
]


def status(
    collection: Collection = None,
    index_dir: IndexDir = None,
    failed: Failed = False,
    as_json: Json = False,
) -> None:
    """Show what is indexed.

    Collections, documents, the current generation and the paths that were ingested.
    """
    if failed:
        _print_failing(settings_for(collection, index_dir), collection, as_json=as_json)
        return
    from ragchat.runtime.administration.summary import summarize

    settings = settings_for(collection, index_dir)
    if collection is not None:
        existing_home(settings)
    summaries = summarize(settings, only=collection)
    if as_json:
        print_json({"index_dir": str(settings.index_dir), "collections": [s.as_json() for s in summaries]})
        return
    console = out()
    if not summaries:
        console.print(f"Nothing is indexed in {settings.index_dir} yet. Start with `ragchat ingest PATH`.")
        return
    print_table(
        ("collection", "generation", "documents", "chunks", "published", "embedder"),
        [
            (s.collection, s.generation or "-", s.documents, s.chunks, s.published, s.embedder)
            for s in summaries
        ],
    )
    for summary in summaries:
        for root, missing in summary.roots.items():
            gone = "  (no longer there; its documents still answer)" if missing else ""
            console.print(f"{summary.collection}: {root}{gone}", markup=False)


def _print_failing(settings: "Settings", only: str | None, *, as_json: bool) -> None:
    from ragchat.runtime.administration.failing import failing

    stores = stores_for(settings)
    names = [only] if only else stores.names()
    found = [one for name in names if stores.store(name).exists() for one in failing(stores.store(name))]
    if as_json:
        print_json({"failed": [one.as_json() for one in found]})
    elif not found:
        out().print("Every file that was given could be read and holds text.")
    else:
        for one in found:
            out().print(f"{one.state:>6}  {one.uri}  {one.why}", markup=False)
    if any(one.state != "noted" for one in found):
        raise typer.Exit(SOME_FAILED)


def verify(collection: Collection = None, index_dir: IndexDir = None, as_json: Json = False) -> None:
    """Prove that the index and the stored conversations are whole.

    Checks the sha256 of every file, that rows, vectors and words match, that every span lies inside its text and that
    nothing of a deleted document can be reached; and that conversations are what was stored. Exit code 3 when something
    is wrong.
    """
    import asyncio

    from ragchat.conversations.checking import damages
    from ragchat.corpus.verification import Problem

    settings = settings_for(collection, index_dir)
    report = existing_home(settings).verify()
    stored = asyncio.run(damages(settings.conversations_url))
    report = replace(
        report,
        problems=(*report.problems, *(Problem("conversations", one.thing, one.detail) for one in stored)),
    )
    if as_json:
        print_json(report.as_json())
    else:
        console = out()
        for problem in report.problems:
            console.print(f"{problem.code}: {problem.thing}: {problem.detail}", markup=False)
        for kept in report.on_disk:
            console.print(f"still on disk: {kept}", markup=False)
        console.print(report.summary, markup=False)
    if report.problems:
        raise typer.Exit(DAMAGED)


@app.command("list")
def list_generations(
    collection: Collection = None, index_dir: IndexDir = None, as_json: Json = False
) -> None:
    """The generations on disk; the current one answers, older ones are there to roll back to."""
    generations = existing_home(settings_for(collection, index_dir)).generations()
    if as_json:
        print_json({"generations": [asdict(generation) for generation in generations]})
        return
    print_table(
        ("generation", "created", "documents", "chunks", "size", ""),
        [
            (g.number, g.created, g.documents, g.chunks, size(g.size_bytes), "current" if g.current else "")
            for g in generations
        ],
    )


@app.command()
def rollback(
    collection: Collection = None,
    index_dir: IndexDir = None,
    to: Annotated[int | None, typer.Option("--to", help="Generation; default: the one before.")] = None,
) -> None:
    """Go back to an earlier generation at once; servers follow within a second."""
    info = existing_home(settings_for(collection, index_dir)).rollback(to)
    out().print(f"Generation {info.number} is current: {info.documents} documents, {info.chunks} chunks.")


@app.command()
def rebuild(collection: Collection = None, index_dir: IndexDir = None) -> None:
    """Make all that is derived of the current generation anew from the catalog; nothing is embedded again.

    The way out of a damaged index: documents that are damaged themselves are named and left out (exit code 1).
    """
    lost: list[str] = []
    info = existing_home(settings_for(collection, index_dir)).rebuild(lost=lost.append)
    out().print(f"Rebuilt as generation {info.number}: {info.documents} documents, {info.chunks} chunks.")
    if lost:
        for name in lost:
            err().print(f"Cannot be brought back: {name}")
        err().print(f"Run `ragchat ingest` for their folders again: {len(lost)} document(s) are missing.")
        raise typer.Exit(1)


@app.command()
def prune(
    collection: Collection = None,
    index_dir: IndexDir = None,
    keep: Annotated[
        int | None,
        typer.Option("--keep", min=1, help="Newest generations to keep. [RAGCHAT_KEEP_GENERATIONS]"),
    ] = None,
) -> None:
    """Remove old generations that no reader holds, and what only they used."""
    settings = settings_for(collection, index_dir)
    removed = existing_home(settings).prune(settings.keep_generations if keep is None else keep)
    out().print(
        f"Removed {len(removed)} generation(s){': ' if removed else ''}{', '.join(map(str, removed))}."
    )
