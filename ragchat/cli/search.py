"""`ragchat search`: the passages that an answer would rest on, with their scores explained."""

from typing import TYPE_CHECKING, Annotated

import typer

from ragchat.cli.options import Collection, IndexDir, Json, settings_for
from ragchat.cli.terminal.output import out, print_json
from ragchat.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ragchat.retrieval.search import RetrievedPassage
    from ragchat.settings import Settings

Query = Annotated[list[str], typer.Argument(metavar="QUERY", help="What to look for.")]
TopK = Annotated[int, typer.Option("--top-k", "-k", min=1, max=200, help="Passages to show.")]
Explain = Annotated[bool, typer.Option("--explain", help="Show how each score came about.")]

SHOWN_CHARACTERS = 400


def search(
    query: Query,
    collection: Collection = None,
    index_dir: IndexDir = None,
    top_k: TopK = 5,
    explain: Explain = False,
    as_json: Json = False,
) -> None:
    """Find passages; nothing is generated.

    By meaning and by words, best first.
    """
    import asyncio

    text = " ".join(query).strip()
    if not text:
        raise UsageError("There is nothing to search for.", hint='Try: ragchat search "refund"')
    settings = settings_for(collection, index_dir)
    passages = asyncio.run(_search(settings, text, top_k))
    if as_json:
        print_json({"query": text, "passages": [_as_json(p, explain=explain) for p in passages]})
    else:
        _print(passages, explain=explain)


async def _search(settings: "Settings", query: str, top_k: int) -> "Sequence[RetrievedPassage]":
    from ragchat.runtime.runtime import Runtime

    async with Runtime(settings) as runtime:
        return await runtime.search(query, top_k=top_k)


def _as_json(passage: "RetrievedPassage", *, explain: bool) -> dict[str, object]:
    return {
        "document_id": passage.document.id,
        "key": passage.document.key,
        "title": passage.document.title,
        "uri": passage.document.uri,
        "page": passage.page,
        "heading_path": list(passage.heading_path),
        "start": passage.start,
        "end": passage.end,
        "score": round(passage.score, 4),
        "text": passage.text,
    } | ({"explanation": dict(passage.explanation)} if explain else {})


def _print(passages: "Sequence[RetrievedPassage]", *, explain: bool) -> None:
    from rich.markup import escape

    console = out()
    if not passages:
        console.print("No passage matches. Try other words, or `ragchat status` to see what is indexed.")
    for number, passage in enumerate(passages, 1):
        place = [passage.document.uri, *([f"page {passage.page}"] if passage.page else [])]
        path = " › ".join(passage.heading_path)
        console.print(f"[bold]{number}. {escape(passage.document.title)}[/]  {passage.score:.3f}")
        console.print(f"   {escape(', '.join(place))}{'  ' + escape(path) if path else ''}", style="dim")
        if explain:
            parts = "  ".join(f"{name} {value:.3f}" for name, value in passage.explanation.items())
            console.print(f"   {parts}", style="cyan", markup=False)
        text = " ".join(passage.text.split())
        shown = text if len(text) <= SHOWN_CHARACTERS else text[:SHOWN_CHARACTERS].rsplit(" ", 1)[0] + " …"
        console.print(f"   {shown}\n", markup=False)
