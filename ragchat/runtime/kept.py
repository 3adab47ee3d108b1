"""What may be given again for a while, by key: in the memory of one process (bounded), or in Redis for several.

Nothing here raises: what fails has nothing.
"""

from collections import OrderedDict
from time import monotonic
from typing import TYPE_CHECKING, Final, Protocol

import structlog

from ragchat.errors import NotReady

if TYPE_CHECKING:
    from redis.asyncio import Redis

MOST_BYTES: Final = 64 * 2**20
"""What the memory of one process holds; an answer with its sources is about 20 kB."""
REDIS_SECONDS: Final = 1.0

log = structlog.get_logger("ragchat.cache")


class Kept(Protocol):
    """Bytes by key."""

    async def get(self, key: str) -> bytes | None: ...

    async def put(self, key: str, value: bytes) -> None: ...

    async def close(self) -> None: ...


class InMemory:
    """What was used last, of one process."""

    def __init__(self, seconds: float, most_bytes: int = MOST_BYTES) -> None:
        self._seconds = seconds
        self._most_bytes = most_bytes
        self._kept: OrderedDict[str, tuple[float, bytes]] = OrderedDict()
        self._bytes = 0

    async def get(self, key: str) -> bytes | None:
        found = self._kept.get(key)
        if found is None:
            return None
        until, value = found
        if until < monotonic():
            self._drop(key)
            return None
        self._kept.move_to_end(key)
        return value

    async def put(self, key: str, value: bytes) -> None:
        if len(value) > self._most_bytes // 8:
            return
        if key in self._kept:
            self._drop(key)
        self._kept[key] = (monotonic() + self._seconds, value)
        self._bytes += len(value)
        while self._bytes > self._most_bytes:
            self._drop(next(iter(self._kept)))

    async def close(self) -> None:
        self._kept.clear()

    def _drop(self, key: str) -> None:
        self._bytes -= len(self._kept.pop(key)[1])


class InRedis:
    """What several processes share; `what` names it in keys and in the log."""

    def __init__(self, url: str, seconds: int, what: str) -> None:
        self._redis = _redis_at(url)
        self._seconds = seconds
        self._what = what

    async def get(self, key: str) -> bytes | None:
        from redis.exceptions import RedisError  # an extra

        try:
            found = await self._redis.get(f"ragchat/{self._what}/{key}")
        except (RedisError, OSError) as refused:
            log.warning("nothing cached", what=self._what, reason=str(refused), setting="RAGCHAT_REDIS_URL")
            return None
        return found if isinstance(found, bytes) else None

    async def put(self, key: str, value: bytes) -> None:
        from redis.exceptions import RedisError  # an extra

        try:
            await self._redis.set(f"ragchat/{self._what}/{key}", value, ex=self._seconds)
        except (RedisError, OSError) as refused:
            log.warning("not cached", what=self._what, reason=str(refused), setting="RAGCHAT_REDIS_URL")

    async def close(self) -> None:
        await self._redis.aclose()


def _redis_at(url: str) -> "Redis":
    try:
        from redis.asyncio import Redis  # an extra
    except ModuleNotFoundError as missing:
        raise NotReady(
            "RAGCHAT_REDIS_URL needs the package redis.",
            hint="Run: pip install 'ragchat[redis]'",
            code="redis_missing",
        ) from missing
    return Redis.from_url(url, socket_timeout=REDIS_SECONDS, socket_connect_timeout=REDIS_SECONDS)


def kept_at(redis_url: str, seconds: int, what: str) -> Kept:
    """In Redis where there is one, else in memory."""
    return InRedis(redis_url, seconds, what) if redis_url else InMemory(seconds)
