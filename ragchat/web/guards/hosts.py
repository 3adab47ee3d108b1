"""Against DNS rebinding, as plain ASGI: a server that listens on loopback answers only to loopback's own names.

A page of another site can point its own name at 127.0.0.1 and then read what this server says; its browser still
sends that name as `Host`. RAGCHAT_ALLOWED_HOSTS adds the names of a proxy in front. Bound to any other address, the
server has names that it cannot know: without that setting nothing is checked.
"""

from ipaddress import ip_address

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from ragchat.web.problems import problem
from ragchat.web.service import Service

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class HostGuard:
    """Refuses requests for other hosts by 421, where hosts are checked; WebSockets by closing."""

    def __init__(self, app: ASGIApp, service: Service) -> None:
        self._app = app
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan" or self._meant_for_us(Headers(scope=scope).get("host", "")):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": "misdirected request"})
        else:
            refusal = problem(
                Request(scope),
                421,
                "misdirected_request",
                "This server does not answer to this host name; localhost, 127.0.0.1 and [::1] always do.",
                hint="Behind a proxy, let RAGCHAT_ALLOWED_HOSTS list the names that it passes on as Host.",
            )
            await refusal(scope, receive, send)

    def _meant_for_us(self, host: str) -> bool:
        settings = self._service.settings
        bound = settings.host.strip("[]").lower()
        if not is_loopback(bound) and not settings.allowed_hosts:
            return True
        return name_of(host) in LOOPBACK.union({bound}, settings.allowed_hosts)


def is_loopback(address: str) -> bool:
    """Whether only this machine can connect to it: localhost, 127.0.0.0/8, ::1 (also as an IPv4-mapped address)."""
    if address == "localhost":
        return True
    try:
        parsed = ip_address(address)
    except ValueError:  # a name: whatever it resolves to, others may know it too
        return False
    mapped = getattr(parsed, "ipv4_mapped", None)
    return parsed.is_loopback or (mapped is not None and mapped.is_loopback)


def name_of(host: str) -> str:
    """The name in a Host header, lower case, without its port: `[::1]:8000` is `::1`. Empty when it is malformed."""
    host = host.strip().lower()
    if host.startswith("["):
        name, closed, port = host[1:].partition("]")
        return name if closed and (not port or _is_port(port)) else ""
    name, colon, number = host.partition(":")
    return name if not colon or _is_port(colon + number) else ""


def _is_port(text: str) -> bool:
    return text[0] == ":" and (text[1:].isdecimal() or text == ":")
