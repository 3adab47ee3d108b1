"""WebSockets pass the same gate: before they are accepted, and for as long as they are open."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from ragchat.access.gate import Gate
from ragchat.access.store import KeyStore
from ragchat.settings import Settings
from ragchat.web.desk.desk import Desk
from ragchat.web.guards.access import AccessGuard, Visitors


@contextmanager
def echoing(store: KeyStore, settings: Settings) -> Iterator[str]:
    """A server that tells each socket who it is and repeats what it says, behind the guard."""
    visitors = Visitors(Gate(store, "always"))

    async def echo(opened: WebSocket) -> None:
        offered = opened.scope["subprotocols"]
        await opened.accept("ragchat" if "ragchat" in offered else None)
        await opened.send_text(opened.state.principal.tenant)
        try:
            while True:
                await opened.send_text(await opened.receive_text())
        except WebSocketDisconnect:
            pass

    @asynccontextmanager
    async def lifespan(_app: Any) -> Any:
        async with visitors.watched():
            yield

    app = Starlette(routes=[WebSocketRoute("/ws", echo)], lifespan=lifespan)
    app.add_middleware(AccessGuard, visitors=visitors, desk=Desk(settings))
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=2, lifespan="on"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield f"ws://127.0.0.1:{listener.getsockname()[1]}/ws"
    finally:
        server.should_exit = True
        thread.join(20)
        listener.close()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(_env_file=None, index_dir=tmp_path)


async def test_a_key_that_is_not_good_opens_no_socket(settings: Settings) -> None:
    with echoing(KeyStore(settings.keys_url), settings) as address, pytest.raises(InvalidStatus) as refused:
        async with connect(address, additional_headers={"X-API-Key": "rck_nonsense"}):
            pass
    assert refused.value.response.status_code == 403


async def test_browsers_offer_their_key_as_a_subprotocol(settings: Settings) -> None:
    store = KeyStore(settings.keys_url)
    key = store.create(name="shop", scopes=frozenset({"chat"}))[1]
    with echoing(store, settings) as address:
        async with connect(address, subprotocols=["ragchat", f"bearer.{key}"]) as client:
            assert client.subprotocol == "ragchat"
            assert await client.recv() == "shop"


async def test_a_socket_is_closed_within_five_seconds_of_its_key_and_others_stay(settings: Settings) -> None:
    store = KeyStore(settings.keys_url)
    gone = store.create(name="gone", scopes=frozenset({"chat"}))[1]
    kept = store.create(name="kept", scopes=frozenset({"chat"}))[1]
    with echoing(store, settings) as address:
        async with (
            connect(address, additional_headers={"X-API-Key": gone}) as leaving,
            connect(address, additional_headers={"Authorization": f"Bearer {kept}"}) as staying,
        ):
            assert [await leaving.recv(), await staying.recv()] == ["gone", "kept"]
            store.revoke("gone")
            revoked = time.monotonic()
            with pytest.raises(ConnectionClosed) as closed:
                await asyncio.wait_for(leaving.recv(), 8)
            assert time.monotonic() - revoked < 5
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 1008
            await staying.send("still here")
            assert await staying.recv() == "still here"
