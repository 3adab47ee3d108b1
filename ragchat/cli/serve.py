"""`ragchat serve` and `ragchat demo`: the API, the chat page, and both over the sample corpus."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ragchat.cli.options import Collection, IndexDir, home_for, settings_for
from ragchat.cli.terminal.output import err
from ragchat.errors import RagchatError

if TYPE_CHECKING:
    from ragchat.runtime.runtime import Runtime
    from ragchat.settings import Settings

Host = Annotated[str | None, typer.Option("--host", help="Address to listen on. [RAGCHAT_HOST]")]
Port = Annotated[
    int | None, typer.Option("--port", min=0, max=65535, help="Port to listen on. [RAGCHAT_PORT]")
]
Model = Annotated[
    str | None, typer.Option("--model", help="extractive, or provider:model. [RAGCHAT_CHAT_MODEL]")
]

Workers = Annotated[
    int | None, typer.Option("--workers", min=1, max=64, help="Processes that serve. [RAGCHAT_WORKERS]")
]
Open = Annotated[
    bool,
    typer.Option("--open", help="Let in whoever reaches the server, without a key. [RAGCHAT_API_KEYS=open]"),
]


def serve(
    collection: Collection = None,
    index_dir: IndexDir = None,
    host: Host = None,
    port: Port = None,
    model: Model = None,
    workers: Workers = None,
    open_to_all: Open = False,
) -> None:
    """Serve the API and the chat page.

    A newer index is picked up while it runs, without a dropped request. Beyond this machine it serves those who have a
    key (`ragchat keys create`).
    """
    settings = settings_for(
        collection,
        index_dir,
        host=host,
        port=port,
        chat_model=model,
        workers=workers,
        api_keys="open" if open_to_all else None,
    )
    _serve(settings)


def demo(
    host: Host = None,
    port: Port = None,
    corpus: Annotated[Path, typer.Option("--corpus", help="The documents to show.")] = Path("corpus"),
    index_dir: Annotated[Path, typer.Option("--index-dir", help="Where its index lives.")] = Path(".demo"),
) -> None:
    """Ingest and serve the sample corpus."""
    from ingest.options import IngestOptions
    from ingest.run import ingest as run_ingest
    from ragchat.cli.terminal.progress import observed
    from ragchat.runtime.checks import calibration
    from ragchat.runtime.models import Models

    settings = settings_for("sample", index_dir, host=host, port=port)
    embedder = Models(settings).embedder()
    options = IngestOptions(checks=(calibration(),), allow_deletes=True)
    with observed() as observer:
        report = run_ingest([corpus], home_for(settings), embedder, options, observer)
    documents = sum(report.documents[status] for status in ("added", "updated", "renamed", "unchanged"))
    err().print(f"{documents} documents, {report.chunks.total} chunks in {report.seconds['total']:.1f} s")
    _serve(settings, show_tour=True)


def _serve(settings: "Settings", *, show_tour: bool = False) -> None:
    """Run the server until it is told to stop."""
    from contextlib import suppress

    from ragchat.cli.operating.opening import listening, require_keys, run_one, run_several
    from ragchat.cli.terminal.stopping import Terminated
    from ragchat.runtime.runtime import Runtime

    require_keys(settings)
    _warn(Runtime(settings))
    listener = listening(settings)

    def announce() -> None:
        _announce(settings, listener.getsockname()[1], show_tour=show_tour)

    run = run_one if settings.workers == 1 else run_several
    with suppress(Terminated):  # uvicorn raises it again once the answers under way are out: a clean stop
        run(settings, listener, announce)


def _warn(runtime: "Runtime") -> None:
    """Says so where the chat model cannot answer."""
    if problem := model_problem(runtime):
        err().print(f"warning: {problem} Until then no question can be answered.", markup=False)


def model_problem(runtime: "Runtime") -> str:
    """Why the chat model of the settings cannot answer, and what to set; "" when it can, as far as that is known
    without calling it."""
    try:
        runtime.models.chat_model()
    except RagchatError as problem:
        return str(problem)
    return ""


def _announce(settings: "Settings", port: int, *, show_tour: bool) -> None:
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host
    address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    console = err()
    console.print(
        f"ragchat is on {address} (chat page), {address}/docs (API); Ctrl-C stops it.", markup=False
    )
    if show_tour:
        console.print(f"{address}/demo is a shop that embeds the support widget.", markup=False)
        console.print(
            f"Try: curl -N {address}/v1/chat/stream -H 'content-type: application/json' "
            """-d '{"message": "How long is the warranty?", "stream_format": "text"}'""",
            markup=False,
            soft_wrap=True,
        )
