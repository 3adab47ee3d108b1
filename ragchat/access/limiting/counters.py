"""Where counts are kept: in this process, or in a Redis that several share (library `limits`).

A Redis that cannot be reached lets everyone through, and the log says so: the limits protect a service that would
otherwise be stopped by its own protection.
"""

from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Final, TypeVar

import structlog
from limits.aio.storage import MemoryStorage, RedisStorage, Storage
from limits.errors import ConfigurationError, StorageError

from ragchat.errors import NotReady, UsageError

QUIET_SECONDS: Final = 60.0
REDIS_SECONDS: Final = 1.0
"""How long a question waits for Redis at most."""

log = structlog.get_logger("ragchat.limits")
T = TypeVar("T")


def storage_at(redis_url: str) -> Storage:
    """The counters at a Redis URL, for "" in memory. UsageError for another URL, NotReady without the package."""
    if not redis_url:
        return MemoryStorage()
    if not redis_url.startswith(("redis://", "rediss://", "redis+unix://")):
        raise UsageError(
            f"RAGCHAT_REDIS_URL ({redis_url.partition(':')[0]}:…) is no Redis URL.",
            hint="Write redis://host:6379/0, or rediss:// for TLS.",
            code="bad_redis_url",
        )
    try:
        return RedisStorage(
            f"async+{redis_url}",
            wrap_exceptions=True,
            implementation="redispy",
            key_prefix="ragchat",
            socket_timeout=REDIS_SECONDS,
            socket_connect_timeout=REDIS_SECONDS,
        )
    except ConfigurationError as missing:
        raise NotReady(
            "RAGCHAT_REDIS_URL needs the package redis.",
            hint="Run: pip install 'ragchat[redis]'",
            code="redis_missing",
        ) from missing


async def closed(storage: Storage) -> None:
    """Give back the connections of a storage."""
    client = getattr(storage.bridge, "storage", None) if isinstance(storage, RedisStorage) else None
    if client is not None:
        await client.aclose()


class Tolerant:
    """Asks the counters; what they cannot tell is given up for `otherwise`."""

    def __init__(self) -> None:
        self._told_at = -QUIET_SECONDS

    async def ask(self, question: Callable[[], Awaitable[T]], otherwise: T) -> T:
        """The answer, or `otherwise` when the storage is out of reach."""
        try:
            return await question()
        except StorageError as refused:
            if monotonic() - self._told_at >= QUIET_SECONDS:
                self._told_at = monotonic()
                log.error(
                    "limits are not counted", reason=str(refused.storage_error), setting="RAGCHAT_REDIS_URL"
                )
            return otherwise
