"""`ragchat documents …`: list, show and remove what is indexed. `remove --purge` takes the bytes from the disk too."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ragchat.cli.options import Collection, IndexDir, Json, existing_home, settings_for
from ragchat.cli.stored.named import all_documents, doomed_by, go_on_with_purge, named
from ragchat.cli.terminal.output import out, print_json, print_table
from ragchat.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ragchat.documents import Block

app = typer.Typer(no_args_is_help=True, help="The indexed documents: list, show, remove.")

Name = Annotated[
    str, typer.Argument(metavar="DOCUMENT", help="Its id, or its path as `documents list` shows it.")
]
SHOWN = 72
"""Characters of a block that `show --blocks` prints."""


@app.command("list")
def list_documents(collection: Collection = None, index_dir: IndexDir = None, as_json: Json = False) -> None:
    """Every document of the current generation, by path."""
    with existing_home(settings_for(collection, index_dir)).open() as generation:
        found = list(all_documents(generation))
    if as_json:
        print_json({"documents": [asdict(document) for document in found]})
        return
    print_table(("id", "path", "title", "chunks"), [(d.id, d.key, d.title, d.chunk_count) for d in found])


@app.command()
def show(
    document: Name,
    collection: Collection = None,
    index_dir: IndexDir = None,
    blocks: Annotated[
        bool, typer.Option("--blocks", help="Its blocks instead of its text: what answers are quoted from.")
    ] = False,
    as_json: Json = False,
) -> None:
    """A document's facts and its canonical text: what citations point into."""
    from ragchat.corpus.values import Place

    with existing_home(settings_for(collection, index_dir)).open() as generation:
        stored = named(generation, document)
        text = generation.read([Place(stored.id, 0, stored.length)])[0]
        built = generation.structures([stored.id])[stored.id].blocks if blocks else ()
    if as_json:
        content = {"blocks": [asdict(block) for block in built]} if blocks else {"text": text}
        print_json(asdict(stored) | content)
        return
    console = out()
    for name, value in asdict(stored).items():
        console.print(f"{name:>16}  {value}", markup=False)
    console.print()
    for line in _outline(built, text) if blocks else [text]:
        console.print(line, markup=False)


@app.command()
def remove(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="DOCUMENT", help="Ids, or paths as `documents list` shows.")
    ] = None,
    collection: Collection = None,
    index_dir: IndexDir = None,
    root: Annotated[
        Path | None, typer.Option("--root", help="Remove everything that was ingested from this path.")
    ] = None,
    purge: Annotated[
        bool,
        typer.Option("--purge", help="Also take the bytes from the disk now (gives up rollback past it)."),
    ] = False,
) -> None:
    """Remove documents from every search and answer at once; a file takes along what lies inside it.

    A file that is still in its folder comes back with the next ingest: delete it there, too.
    """
    home = existing_home(settings_for(collection, index_dir))
    if not names and root is None:
        raise UsageError("Nothing to remove was named.", hint="Name documents, or give --root PATH.")
    finished = [name for name in names or () if purge and go_on_with_purge(home, name)]
    for name in finished:
        out().print(f"The purge of {name}, which was interrupted, is finished now.", markup=False)
    names = [name for name in names or () if name not in finished]
    if finished and not names and root is None:
        return
    with home.open() as generation:
        doomed = [one for name in names for one in doomed_by(home, generation, name, purge=purge)]
        if root is not None:
            identity = str(root.resolve())
            doomed += [document for document in all_documents(generation) if document.root == identity]
    if root is not None and not doomed:
        raise UsageError(f"Nothing was ingested from {root}.", hint="`ragchat status` lists the roots.")
    identifiers = list(dict.fromkeys(document.id for document in doomed))
    info = home.purge(identifiers) if purge else home.remove(identifiers)
    fate = "purged from the disk" if purge else "removed"
    out().print(f"{len(identifiers)} document(s) {fate}; generation {info.number} is current.")


def _outline(blocks: "Sequence[Block]", text: str) -> "Iterator[str]":
    """A line for each block, set in below what it is part of: place, kind, its first words."""
    depths: list[int] = []
    for block in blocks:
        depths.append(0 if block.parent < 0 else depths[block.parent] + 1)
        place = f"{block.span.start}-{block.span.end}"
        words = " ".join(block.span.of(text)[: 2 * SHOWN].split())
        shown = words if len(words) <= SHOWN else words[: SHOWN - 1] + "…"
        yield f"{place:>16}  {'  ' * depths[-1]}{block.kind}: {shown}"
    if not blocks:
        yield "No blocks are stored of it: it was indexed before there were any, or all in one piece."
