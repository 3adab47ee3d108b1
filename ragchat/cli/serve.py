"""`ragchat serve` and `ragchat demo`: the API, the chat page, and both over the sample corpus."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ragchat.cli.options import Collection, IndexDir, home_for, settings_for
from ragchat.cli.terminal.output import err
from ragchat.errors import UsageError

if TYPE_CHECKING:
    from ragchat.settings import Settings

Host = Annotated[str | None, typer.Option("--host", help="Address to listen on. [RAGCHAT_HOST]")]
Port = Annotated[
    int | None, typer.Option("--port", min=0, max=65535, help="Port to listen on. [RAGCHAT_PORT]")
]
Model = Annotated[
    str | None, typer.Option("--model", help="extractive, or provider:model. [RAGCHAT_CHAT_MODEL]")
]

GRACE_SECONDS = 10
"""How long an open stream may go on after SIGTERM; without a limit it would block the shutdown."""


def serve(
    collection: Collection = None,
    index_dir: IndexDir = None,
    host: Host = None,
    port: Port = None,
    model: Model = None,
) -> None:
    """Serve the API and the chat page.

    A newer index is picked up while it runs, without a dropped request.
    """
    settings = settings_for(collection, index_dir, host=host, port=port, chat_model=model)
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
    """Run the server in this process until it is told to stop."""
    import socket
    from contextlib import suppress

    import uvicorn

    from ragchat.cli.terminal.stopping import Terminated
    from ragchat.runtime.logs import configure_logging
    from ragchat.runtime.runtime import Runtime
    from ragchat.settings import is_loopback
    from ragchat.web.app import create_app

    configure_logging(settings.log_level, settings.log_format)
    listener = socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as error:
        raise UsageError(
            f"Cannot listen on {settings.host}:{settings.port}: {error.strerror}.",
            hint="Another program may use the port; choose one with --port (0: any free one).",
            code="cannot_listen",
        ) from error
    if not is_loopback(settings.host):
        err().print(
            f"warning: {settings.host} can be reached from other machines, and everyone who reaches it can read"
            " every document: put a proxy with authentication in front.",
            markup=False,
        )

    class Server(uvicorn.Server):
        """Says where it listens once it does."""

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            _announce(settings, listener.getsockname()[1], show_tour=show_tour)

    server = Server(
        uvicorn.Config(
            create_app(Runtime(settings)),
            log_config=None,
            timeout_graceful_shutdown=GRACE_SECONDS,
            access_log=False,
        )
    )
    with suppress(Terminated):  # uvicorn raises it again once the answers under way are out: a clean stop
        server.run(sockets=[listener])


def _announce(settings: "Settings", port: int, *, show_tour: bool) -> None:
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host
    address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    console = err()
    console.print(
        f"ragchat is on {address} (chat page), {address}/docs (API); Ctrl-C stops it.", markup=False
    )
    if show_tour:
        console.print(
            f"Try: curl -N {address}/v1/chat/stream -H 'content-type: application/json' "
            """-d '{"message": "How long is the warranty?", "stream_format": "text"}'""",
            markup=False,
            soft_wrap=True,
        )
