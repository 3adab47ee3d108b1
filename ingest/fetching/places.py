"""Which network addresses a fetch may connect to: the public ones, unless private ones were allowed.

A name is resolved once and the connection goes to the very address that was looked at, so that a name server that
answers otherwise the second time (DNS rebinding) gains nothing.
"""

import socket
from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import TypeAlias

Address: TypeAlias = IPv4Address | IPv6Address
Resolve: TypeAlias = Callable[[str, int], Sequence[str]]


class Forbidden(Exception):
    """A place that may not be connected to."""


def resolved(host: str, port: int) -> list[str]:
    """The addresses of a name, in the system's order. Raises OSError."""
    return [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def place_of(host: str, port: int, resolve: Resolve, *, allow_private: bool) -> str:
    """The address to connect to. Raises Forbidden where any of the name's addresses is private, OSError."""
    found = [ip_address(one.partition("%")[0]) for one in resolve(host, port)]
    if not found:
        raise OSError(f"{host} has no address")
    if not allow_private and (bad := next((one for one in found if not is_public(one)), None)):
        named = host if host == str(bad) else f"{host} ({bad})"
        raise Forbidden(f"{named} is in a private or local network")
    return str(found[0])


def is_public(address: Address) -> bool:
    """Whether anybody's machine on the internet may have it: no private, local, shared (100.64/10), reserved, mapped or
    translated one that leads to such a place."""
    inner = _inside(address)
    if inner is not None:
        return is_public(inner)
    return address.is_global and not address.is_multicast and not address.is_reserved


def _inside(address: Address) -> IPv4Address | None:
    """The IPv4 address inside an IPv6 one: mapped, 6to4, Teredo's client, NAT64 (RFC 6052)."""
    if isinstance(address, IPv4Address):
        return None
    if address.ipv4_mapped or address.sixtofour:
        return address.ipv4_mapped or address.sixtofour
    if address.teredo:
        return address.teredo[1]
    translated = int(address) >> 32 == 0x0064FF9B << 64
    return IPv4Address(int(address) & 0xFFFFFFFF) if translated else None
