"""Who may come in, as plain ASGI, for HTTP and WebSockets alike, and who has to leave again.

It finds the principal before a route is looked for and before a WebSocket is accepted; what a route asks of it stands
in app.py. Calls that last (streams, sockets) are looked at again every `AGAIN_SECONDS`: when their key was revoked or
has expired they are cut, without an end, so that no client takes the rest for an answer.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from typing import Final

import anyio
from starlette.datastructures import Headers, MutableHeaders, QueryParams
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ragchat.access import tokens
from ragchat.access.gate import Gate
from ragchat.errors import Forbidden, RagchatError, StorageFailed, Unauthorized
from ragchat.web.desk.caller import Caller, call
from ragchat.web.desk.desk import Desk
from ragchat.web.problems import problem_of

AGAIN_SECONDS: Final = 2.0
NO_KEY: Final = frozenset({"none", "not-needed"})
"""What clients send that cannot go without a key (OpenAI's) where they have none."""
_PROTOCOL: Final = "bearer."
"""Browsers cannot set headers of a WebSocket: they offer the key as a subprotocol of this name, beside `ragchat`."""


@dataclass(eq=False, slots=True)
class _Stay:
    """A call that is being answered, and by what it came in."""

    shown: str | None
    origin: str | None
    scope: anyio.CancelScope = field(default_factory=anyio.CancelScope)


class Visitors:
    """The calls of this process that came in by a key or token."""

    def __init__(self, gate: Gate) -> None:
        self.gate = gate
        self._stays: set[_Stay] = set()

    @contextmanager
    def staying(self, shown: str | None, origin: str | None) -> Iterator[_Stay]:
        """While it is entered, the call is cut as soon as `shown` is not good any more."""
        stay = _Stay(shown, origin)
        if shown is not None:
            self._stays.add(stay)
        try:
            with stay.scope:
                yield stay
        finally:
            self._stays.discard(stay)

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        """While it is entered, somebody looks after those who stay."""
        watching = asyncio.create_task(self._watch(), name="ragchat: whose key is still good?")
        try:
            yield
        finally:
            watching.cancel()
            with suppress(asyncio.CancelledError):
                await watching

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(AGAIN_SECONDS)
            with suppress(StorageFailed):
                await self.gate.ring.keys()  # also for the origins, which preflight requests ask for
            for stay in tuple(self._stays):
                try:
                    await self.gate.principal(stay.shown, stay.origin)
                except (Unauthorized, Forbidden, StorageFailed):
                    stay.scope.cancel()


class AccessGuard:
    """Sets `scope["state"]["principal"]`, or refuses: 401 for a key that is not good, 403 from a foreign page."""

    def __init__(self, app: ASGIApp, visitors: Visitors, desk: Desk) -> None:
        self._app = app
        self._visitors = visitors
        self._desk = desk

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        shown, origin = shown_by(scope, headers), headers.get("origin")
        try:
            principal = await self._visitors.gate.principal(shown, origin)
        except RagchatError as refused:
            await refuse(scope, receive, send, refused)
            return
        scope.setdefault("state", {})["principal"] = principal
        address = scope["client"][0] if scope.get("client") else ""
        fresh = "no-cache" in headers.get("cache-control", "").lower()
        caller = Caller(principal, address, fresh, desk=self._desk)
        call(caller)
        sending = _Sending(send, caller)
        with self._visitors.staying(shown, origin) as stay:
            await self._app(scope, receive, sending)
        if stay.scope.cancelled_caught:
            await self._turned_out(scope, receive, sending)

    async def _turned_out(self, scope: Scope, receive: Receive, sending: "_Sending") -> None:
        """After the key was revoked. A response that has begun is broken off by saying nothing more."""
        if scope["type"] == "websocket":
            if not sending.ended:
                await sending(
                    {"type": "websocket.close", "code": 1008, "reason": "the key is not good any more"}
                )
        elif not sending.begun:
            await refuse(scope, receive, sending, Unauthorized("The key is not good any more."))


class _Sending:
    """`send`, with the caller's headers on the response, and how far the response is."""

    def __init__(self, send: Send, caller: Caller) -> None:
        self._send = send
        self._caller = caller
        self.begun = False
        self.ended = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.begun = True
            headers = MutableHeaders(scope=message)
            for name, value in self._caller.headers.items():
                headers.setdefault(name, value)
        elif message["type"] == "websocket.close":
            self.ended = True
        await self._send(message)


async def refuse(scope: Scope, receive: Receive, send: Send, refused: RagchatError) -> None:
    """A problem; WebSockets are closed before they are accepted, which browsers see as a failed handshake (403)."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008, "reason": refused.code})
    else:
        await problem_of(Request(scope), refused)(scope, receive, send)


def shown_by(scope: Scope, headers: Headers) -> str | None:
    """The key or token that a call carries; None without one.

    `Authorization: Bearer`, `X-API-Key`; of a WebSocket also a subprotocol. In an address only a widget's token is
    taken (`?token=`), for EventSource: it is over soon, and addresses end up in the logs of others.
    """
    kind, _, credential = headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer" and (shown := credential.strip()):
        return None if shown in NO_KEY else shown
    if key := headers.get("x-api-key", "").strip():
        return key
    if scope["type"] == "websocket":
        for protocol in scope.get("subprotocols", ()):
            if protocol.startswith(_PROTOCOL):
                return str(protocol.removeprefix(_PROTOCOL))
    token = QueryParams(scope.get("query_string", b"")).get("token", "")
    return token if token.startswith(tokens.PREFIX) else None
