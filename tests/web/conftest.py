"""An application over a scripted service: in process for replies, over a real socket for streams."""

import shutil
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from browsing import chromium, watched_page
from playwright.sync_api import Browser, Page
from scripted_service import ScriptedService

from ingest.options import IngestOptions
from ingest.run import ingest
from ragchat.corpus.local.store import LocalStore
from ragchat.models.loading import load_embedder
from ragchat.runtime.checks import calibration
from ragchat.runtime.runtime import Runtime
from ragchat.settings import Settings
from ragchat.web.app import create_app
from tests.support.postgres import Postgres
from tests.support.serving import JSONL, OFFICE, PAGE, ROUTER, Serve, served


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


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Redis of its own, empty at first."""
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("no redis-server on this machine")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    folder = tmp_path_factory.mktemp("redis")
    server = subprocess.Popen(
        [program, "--port", str(port), "--save", "", "--dir", str(folder)], stdout=subprocess.DEVNULL
    )
    until = time.monotonic() + 10
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            break
        except OSError:
            time.sleep(0.05)
    yield f"redis://127.0.0.1:{port}/0"
    server.terminate()
    server.wait(10)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with watched_page(browser) as opened:
        yield opened


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where conversations are kept: a file, or a PostgreSQL of its own."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'conversations.sqlite'}"
    running: Postgres = request.getfixturevalue("postgresql")
    return running.database()
