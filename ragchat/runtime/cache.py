"""Answers that were given before, to be given again: in memory (bounded) or in Redis.

What makes two questions equal is the caller's to say (see ragchat.web.asking): everything that the answer depends on,
the tenant and the generation of the index among it. So nothing has to be thrown away when documents change, and no
answer crosses from one tenant to another.
"""

import json
from collections import OrderedDict
from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace
from hashlib import sha256
from time import monotonic
from typing import TYPE_CHECKING, Final, Protocol

import structlog

from ragchat.answering.events import Done, Event, Start, Usage, event_adapter
from ragchat.errors import NotReady

if TYPE_CHECKING:
    from redis.asyncio import Redis

MOST_BYTES: Final = 64 * 2**20
"""What the memory of one process holds; an answer with its sources is about 20 kB."""
REDIS_SECONDS: Final = 1.0

log = structlog.get_logger("ragchat.cache")


class AnswerCache(Protocol):
    """Whole answers by key, as the events that they were made of. Never raises: a cache that fails has nothing."""

    async def get(self, key: str) -> Sequence[Event] | None: ...

    async def put(self, key: str, events: Sequence[Event]) -> None: ...

    async def close(self) -> None: ...


class MemoryCache:
    """The answers used last, of one process."""

    def __init__(self, seconds: float, most_bytes: int = MOST_BYTES) -> None:
        self._seconds = seconds
        self._most_bytes = most_bytes
        self._kept: OrderedDict[str, tuple[float, bytes]] = OrderedDict()
        self._bytes = 0

    async def get(self, key: str) -> Sequence[Event] | None:
        found = self._kept.get(key)
        if found is None:
            return None
        until, written = found
        if until < monotonic():
            self._drop(key)
            return None
        self._kept.move_to_end(key)
        return _read(written)

    async def put(self, key: str, events: Sequence[Event]) -> None:
        written = _written(events)
        if len(written) > self._most_bytes // 8:
            return
        if key in self._kept:
            self._drop(key)
        self._kept[key] = (monotonic() + self._seconds, written)
        self._bytes += len(written)
        while self._bytes > self._most_bytes:
            self._drop(next(iter(self._kept)))

    async def close(self) -> None:
        self._kept.clear()

    def _drop(self, key: str) -> None:
        self._bytes -= len(self._kept.pop(key)[1])


class RedisCache:
    """Answers that several processes share."""

    def __init__(self, url: str, seconds: int) -> None:
        self._redis = _redis_at(url)
        self._seconds = seconds

    async def get(self, key: str) -> Sequence[Event] | None:
        from redis.exceptions import RedisError  # an extra

        try:
            written = await self._redis.get(f"ragchat/answer/{key}")
        except (RedisError, OSError) as refused:
            log.warning("no cached answers", reason=str(refused), setting="RAGCHAT_REDIS_URL")
            return None
        return _read(written) if isinstance(written, bytes) else None

    async def put(self, key: str, events: Sequence[Event]) -> None:
        from redis.exceptions import RedisError  # an extra

        try:
            await self._redis.set(f"ragchat/answer/{key}", _written(events), ex=self._seconds)
        except (RedisError, OSError) as refused:
            log.warning("an answer was not cached", reason=str(refused), setting="RAGCHAT_REDIS_URL")

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


def answer_cache(*, on: bool, redis_url: str, seconds: int) -> AnswerCache | None:
    """The cache of the settings; None where none is wanted."""
    if not on:
        return None
    return RedisCache(redis_url, seconds) if redis_url else MemoryCache(seconds)


def cache_key(**parts: object) -> str:
    """One key for all that an answer depends on; `parts` are JSON values and dataclasses of them, in any order."""
    written = json.dumps(parts, sort_keys=True, ensure_ascii=False, default=_plain)
    return sha256(written.encode("utf-8", "surrogatepass")).hexdigest()


def _plain(value: object) -> object:
    if isinstance(value, frozenset | set):
        return sorted(value)
    if hasattr(value, "__dataclass_fields__"):
        return {name: getattr(value, name) for name in value.__dataclass_fields__}
    return dict(value)  # type: ignore[call-overload]


def worth_keeping(events: Sequence[Event], generation: int) -> bool:
    """Whether an answer was given whole, from that generation, and would be given so again."""
    if not events or not isinstance(events[0], Start) or events[0].generation != generation:
        return False
    return isinstance(events[-1], Done) and events[-1].finish in ("answered", "refused")


async def replayed(
    events: Sequence[Event], *, message_id: str, conversation_id: str
) -> AsyncGenerator[Event, None]:
    """A cached answer as a new message: its own ids, no tokens spent."""
    for event in events:
        match event:
            case Start():
                yield replace(event, message_id=message_id, conversation_id=conversation_id)
            case Done():
                yield replace(event, usage=Usage(), timings={})
            case _:
                yield event


def _written(events: Sequence[Event]) -> bytes:
    return b"\n".join(event_adapter().dump_json(event) for event in events)


def _read(written: bytes) -> Sequence[Event]:
    return [event_adapter().validate_json(line) for line in written.split(b"\n")]
