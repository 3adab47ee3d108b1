"""An application over a scripted service: in process for replies, over a real socket for streams."""

import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import httpx
import pytest
import uvicorn
from scripted_service import ScriptedService

from ingest.options import IngestOptions
from ingest.run import ingest
from ragchat.corpus.local.store import LocalStore
from ragchat.models.loading import load_embedder
from ragchat.runtime.checks import calibration
from ragchat.runtime.runtime import Runtime
from ragchat.settings import Settings
from ragchat.web.app import create_app
from ragchat.web.service import Service

ROUTER = """# Router manual

## Resetting the router

Hold the power button for ten seconds to reset the router. All settings are lost; the password is printed below.

## Warranty

The warranty of the router is 36 months from delivery.
"""
OFFICE = """# Office handbook 🦊

The office opens at seven in the morning and closes at eight in the evening.

Visitors sign in at the desk on the ground floor and wear a badge.
"""
PAGE = (
    "<html><head><title>Shop</title></head><body><h1>Shop</h1>"
    "<p>The shop in Ostend sells spare fuses.</p><script>alert(1)</script></body></html>"
)
JSONL = '{"id": "../../secret", "title": "Ticket", "text": "The gateway in the cellar lost its radio link.", "url": "https://desk.example/1"}\n'

Serve = Callable[[Service], AbstractContextManager[str]]


@pytest.fixture
def service(tmp_path: Path) -> ScriptedService:
    return ScriptedService(tmp_path)


@pytest.fixture
async def client(service: ScriptedService) -> AsyncIterator[httpx.AsyncClient]:
    """Talks to the application without a socket; whole replies only."""
    app = create_app(service)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as opened,
    ):
        yield opened


@contextmanager
def served(service: Service) -> Iterator[str]:
    """uvicorn in a thread on a free port; gives the base URL."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(create_app(service), log_config=None, timeout_graceful_shutdown=2, lifespan="on")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(20)
        listener.close()


@pytest.fixture
def serve() -> Serve:
    return served


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ingested folder, with a secret beside it."""
    folder = tmp_path_factory.mktemp("kb") / "docs"
    folder.mkdir()
    (folder / "router.md").write_text(ROUTER, encoding="utf-8")
    (folder / "office.md").write_text(OFFICE, encoding="utf-8")
    (folder / "shop.html").write_text(PAGE, encoding="utf-8")
    (folder / "tickets.jsonl").write_text(JSONL, encoding="utf-8")
    (folder.parent / "secret").write_text("never served", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def base(files: Path) -> Iterator[str]:
    """A server over an index of `files`."""
    settings = Settings(_env_file=None, index_dir=files.parent / "indexes")
    embedder = load_embedder("local:minilm", threads=1)
    home = LocalStore(settings.index_dir / settings.collection)
    ingest([files], home, embedder, IngestOptions(checks=(calibration(),)))
    with served(Runtime(settings)) as address:
        yield address
