"""Whose word about the client counts, as plain ASGI: proxies in trusted networks, and nobody else's.

`X-Forwarded-For` is read from its right end: each trusted proxy appended the address that it saw, and what stands left
of the first address that is not ours was written by the client itself. uvicorn's own handling is turned off.
"""

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

_SCHEMES = {"http": {"http": "http", "https": "https"}, "websocket": {"http": "ws", "https": "wss"}}


class TrustedProxies:
    """Sets `scope["client"]` and `scope["scheme"]` to what trusted proxies say."""

    def __init__(self, app: ASGIApp, networks: Sequence[str]) -> None:
        self._app = app
        self._networks = [ip_network(network, strict=False) for network in networks]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        client = scope.get("client")
        if self._networks and scope["type"] in _SCHEMES and client and self._ours(client[0]):
            headers = Headers(scope=scope)
            address = self._first_foreign(headers.getlist("x-forwarded-for"))
            scheme = _SCHEMES[scope["type"]].get(headers.get("x-forwarded-proto", "").strip().lower())
            scope = {
                **scope,
                "client": (address, 0) if address else client,
                "scheme": scheme or scope["scheme"],
            }
        await self._app(scope, receive, send)

    def _first_foreign(self, lines: Sequence[str]) -> str:
        """The address nearest to us that no trusted proxy has; empty when none is told."""
        told = [part.strip() for line in lines for part in line.split(",")]
        for address in reversed(told):
            if not self._ours(address):
                return address if _is_address(address) else ""
        return told[0] if told and _is_address(told[0]) else ""

    def _ours(self, address: str) -> bool:
        try:
            parsed = ip_address(address)
        except ValueError:
            return False
        return any(_holds(network, parsed.version) and parsed in network for network in self._networks)


def _holds(network: IPv4Network | IPv6Network, version: int) -> bool:
    return network.version == version


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
