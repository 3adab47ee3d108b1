"""How often: questions by key, by user and by address, over a window that moves with the clock.

What a caller is counted as: a key as a whole and, where it names them, each of its users; a visitor of the widget by
session and by address; a signed-in person as such; on an open server the address. An open server's own machine is not
counted: that is its developer.
"""

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final

from limits import RateLimitItem, parse
from limits.aio.storage import Storage
from limits.aio.strategies import MovingWindowRateLimiter
from limits.util import WindowStats

from ragchat.access import Principal
from ragchat.access.limiting.counters import Tolerant
from ragchat.errors import TooMany

_ADDRESS_SHARE: Final = 4
"""Visitors of a widget behind one address (an office) may ask this many times what one of them may."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a caller stands with the limit that is nearest: of `quota` questions in `window` seconds `remaining` are
    left, and after `reset` seconds the next one is."""

    name: str
    quota: int
    window: int
    remaining: int
    reset: int

    @property
    def headers(self) -> dict[str, str]:
        """As draft-ietf-httpapi-ratelimit-headers writes it."""
        return {
            "RateLimit-Policy": f'"{self.name}";q={self.quota};w={self.window}',
            "RateLimit": f'"{self.name}";r={self.remaining};t={self.reset}',
        }


@dataclass(frozen=True, slots=True)
class _Counted:
    name: str
    limit: RateLimitItem
    who: str


class Rates:
    """The limits of one server; `user` and `key` are written as `30/minute`, or `off`."""

    def __init__(self, storage: Storage, *, user: str, key: str) -> None:
        self._limiter = MovingWindowRateLimiter(storage)
        self._user = _limit(user)
        self._key = _limit(key)
        self._tolerant = Tolerant()

    async def count(self, principal: Principal, address: str, user: str | None) -> Standing | None:
        """Count a question; `user` is whom the request names. TooMany when it is one too many; None: no limits."""
        nearest: Standing | None = None
        for counted in self._of(principal, address, user):
            allowed = await self._hit(counted)
            standing = await self._standing(counted)
            if not allowed:
                raise RateLimited(standing)
            if nearest is None or standing.remaining < nearest.remaining:
                nearest = standing
        return nearest

    async def _hit(self, counted: _Counted) -> bool:
        hit = self._limiter.hit
        return await self._tolerant.ask(lambda: hit(counted.limit, counted.name, counted.who), True)

    def _of(self, principal: Principal, address: str, user: str | None) -> Iterator[_Counted]:
        kind = principal.id.partition(":")[0]
        if kind == "anyone":
            if self._user and not _is_loopback(address):
                yield _Counted("address", self._user, address)
            return
        if self._key and kind in ("key", "widget"):
            yield _Counted("key", self._key, principal.tenant)
        named = principal.user or user
        if self._user and named:
            yield _Counted("user", self._user, f"{principal.tenant}/{named}")
        if self._user and kind == "widget":
            shared = type(self._user)(self._user.amount * _ADDRESS_SHARE, self._user.multiples)
            yield _Counted("address", shared, f"{principal.tenant}/{address}")

    async def _standing(self, counted: _Counted) -> Standing:
        limit = counted.limit
        unknown = WindowStats(time.time(), limit.amount)
        stats = await self._tolerant.ask(
            lambda: self._limiter.get_window_stats(limit, counted.name, counted.who), unknown
        )
        reset = max(0, math.ceil(stats.reset_time - time.time()))
        return Standing(counted.name, limit.amount, limit.get_expiry(), max(0, stats.remaining), reset)


class RateLimited(TooMany):
    """One question too many."""

    def __init__(self, standing: Standing) -> None:
        super().__init__(
            f"Too many questions: {standing.quota} in {standing.window} seconds are allowed.",
            hint=f"Try again in {max(1, standing.reset)} seconds.",
            retry_after=standing.reset,
        )
        self.standing = standing


def _limit(written: str) -> RateLimitItem | None:
    return parse(written) if written not in ("", "off") else None


def _is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return not address
