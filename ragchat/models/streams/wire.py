"""The network below OpenAI's client, straight on the event loop: a network backend of httpcore.

httpcore's own goes through anyio, which opens a time-out, looks up the running library and stops and starts the socket
for each piece that is read: a seventh of what 400 streams cost (bench/service). HTTP, TLS settings, pools and errors
stay httpcore's; proxies keep its own backend.
"""
# ruff: noqa: ASYNC109 - the parameters of httpcore's interface

import asyncio
import socket
import ssl
from asyncio.staggered import staggered_race
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from functools import partial
from importlib import import_module
from itertools import chain, zip_longest
from typing import Any, Final, cast

MOST_UNREAD: Final = 262_144
"""Bytes that wait to be read before the peer has to."""
STAGGER_SECONDS: Final = 0.25
"""Between tries of a host's addresses (RFC 8305)."""

Options = Iterable[tuple[Any, ...]]


def read_on_the_loop(client: object) -> bool:
    """Let an `AsyncOpenAI` client's connections run so; False where it is made in another way than is known here."""
    pool: Any = getattr(getattr(getattr(client, "_client", None), "_transport", None), "_pool", None)
    if not hasattr(pool, "_network_backend"):
        return False
    if isinstance(pool._network_backend, _Backend):  # LangChain's models share a client
        return True
    core = import_module(type(pool).__module__.partition(".")[0])  # httpcore or httpcore2
    if type(pool) is not core.AsyncConnectionPool or not isinstance(
        pool._network_backend, core.AsyncNetworkBackend
    ):
        return False
    pool._network_backend = _Backend(core, pool._network_backend)
    return True


class _Backend:
    """See httpcore's AsyncNetworkBackend; `core` is that package, `other` its backend for what is not TCP."""

    def __init__(self, core: Any, other: Any) -> None:
        self._core, self._other = core, other

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Options | None = None,
    ) -> "_Stream":
        core = self._core
        async with _told(timeout, core.ConnectTimeout, core.ConnectError):
            connected = await _connected(host, port, local_address)
            try:
                for option in socket_options or ():
                    connected.setsockopt(*option)
                loop = asyncio.get_running_loop()
                transport, wire = await loop.create_connection(_Wire, sock=connected)
            except BaseException:
                connected.close()
                raise
        return _Stream(core, transport, wire)

    async def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Options | None = None
    ) -> Any:
        return await self._other.connect_unix_socket(path, timeout=timeout, socket_options=socket_options)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


@asynccontextmanager
async def _told(seconds: float | None, late: type[Exception], broken: type[Exception]) -> AsyncIterator[None]:
    """What goes wrong within as httpcore's exceptions."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError as error:
        raise late(str(error)) from error
    except (OSError, ssl.SSLError) as error:
        raise broken(str(error)) from error


async def _connected(host: str, port: int, local_address: str | None) -> socket.socket:
    """The first of the host's addresses that answers, tried one after the other and side by side."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    families = [
        [info for info in found if info[0] == family] for family in dict.fromkeys(info[0] for info in found)
    ]
    addresses = [info for info in chain.from_iterable(zip_longest(*families)) if info is not None]
    tries = [partial(_tried, info[0], info[4], local_address) for info in addresses]
    if len(tries) == 1:
        return await tries[0]()
    connected: socket.socket | None
    connected, _, failures = await staggered_race(tries, STAGGER_SECONDS)
    if connected is None:
        raise next(failure for failure in failures if failure is not None)
    return connected


async def _tried(family: int, address: tuple[Any, ...], local_address: str | None) -> socket.socket:
    tried = socket.socket(family, socket.SOCK_STREAM)
    try:
        tried.setblocking(False)
        if local_address is not None:
            tried.bind((local_address, 0))
        await asyncio.get_running_loop().sock_connect(tried, address)
    except BaseException:
        tried.close()
        raise
    return tried


class _Wire(asyncio.Protocol):
    """One connection: what came and was not read yet."""

    def __init__(self) -> None:
        self._unread = bytearray()
        self._news: asyncio.Future[None] | None = None
        self._transport: asyncio.Transport | None = None
        self._paused = False
        self._room = asyncio.Event()
        self._room.set()
        self.over = False
        self._broken: Exception | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is none by its class

    def data_received(self, data: bytes) -> None:
        self._unread += data
        if not self._paused and len(self._unread) > MOST_UNREAD and self._transport is not None:
            self._paused = True
            self._transport.pause_reading()
        self._wake()

    def eof_received(self) -> bool:
        self._end(None)
        return False

    def connection_lost(self, error: Exception | None) -> None:
        self._end(error)
        self._room.set()

    def pause_writing(self) -> None:
        self._room.clear()

    def resume_writing(self) -> None:
        self._room.set()

    def _end(self, error: Exception | None) -> None:
        self.over, self._broken = True, self._broken or error
        self._wake()

    def fail(self, error: Exception) -> None:
        """Raise `error` in whoever reads now."""
        if self._news is not None and not self._news.done():
            self._news.set_exception(error)

    def _wake(self) -> None:
        if self._news is not None and not self._news.done():
            self._news.set_result(None)

    @property
    def readable(self) -> bool:
        """Whether there is something to read, the end included."""
        return self.over or bool(self._unread)

    async def read(self, most: int) -> bytes:
        """What came, at most `most` bytes of it; none at the end. OSError where the connection broke."""
        if not self.readable:
            self._news = asyncio.get_running_loop().create_future()
            try:
                await self._news
            finally:
                self._news = None
        if not self._unread and self._broken is not None:
            raise self._broken
        taken = bytes(self._unread[:most])
        del self._unread[:most]
        if len(self._unread) <= MOST_UNREAD and self._transport is not None and not self.over:
            self._resume()
        return taken

    def _resume(self) -> None:
        if (
            self._transport is not None
            and not self._transport.is_closing()
            and not self._transport.is_reading()
        ):
            self._transport.resume_reading()

    async def drained(self) -> None:
        """Wait until there is room to write. OSError where the connection broke."""
        await self._room.wait()
        if self._broken is not None:
            raise self._broken


class _Stream:
    """See httpcore's AsyncNetworkStream."""

    def __init__(self, core: Any, transport: Any, wire: _Wire) -> None:
        self._core, self._transport, self._wire = core, transport, wire
        self._until = float("inf")
        self._timer: asyncio.TimerHandle | None = None

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """One timer serves many reads: it is set anew when it fires, not for each of them."""
        if not self._wire.readable and timeout is not None:
            loop = asyncio.get_running_loop()
            self._until = loop.time() + timeout
            if self._timer is None or self._timer.when() > self._until:
                self._look_at(loop, self._until)
        try:
            return await self._wire.read(max_bytes)
        except TimeoutError as error:
            raise self._core.ReadTimeout(str(error)) from error
        except OSError as error:
            raise self._core.ReadError(str(error)) from error
        finally:
            self._until = float("inf")

    def _look_at(self, loop: asyncio.AbstractEventLoop, when: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = loop.call_at(when, self._look, loop)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        self._timer = None
        if self._until <= loop.time():
            self._wire.fail(TimeoutError("nothing came in time"))
        elif self._until < float("inf"):
            self._look_at(loop, self._until)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        if not buffer:
            return
        async with _told(timeout, self._core.WriteTimeout, self._core.WriteError):
            if self._transport.is_closing():
                raise ConnectionResetError("the connection is closed")
            self._transport.write(buffer)
            await self._wire.drained()

    async def aclose(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._transport.close()

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> "_Stream":
        core = self._core
        try:
            async with _told(timeout, core.ConnectTimeout, core.ConnectError):
                secured = await asyncio.get_running_loop().start_tls(
                    self._transport, self._wire, ssl_context, server_hostname=server_hostname
                )
        except BaseException:
            self._transport.abort()
            raise
        if secured is None:  # closed meanwhile
            raise core.ConnectError("the connection was closed")
        self._wire.connection_made(secured)
        return _Stream(core, secured, self._wire)

    def get_extra_info(self, info: str) -> Any:
        match info:
            case "is_readable":
                return self._wire.readable or self._transport.is_closing()
            case "ssl_object":
                return self._transport.get_extra_info("ssl_object")
            case "client_addr":
                return self._transport.get_extra_info("sockname")
            case "server_addr":
                return self._transport.get_extra_info("peername")
            case "socket":
                return self._transport.get_extra_info("socket")
        return None
