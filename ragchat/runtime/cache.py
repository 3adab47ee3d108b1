"""Answers that were given before, to be given again.

What makes two questions equal is the caller's to say (see ragchat.web.asking): everything that the answer depends on,
the tenant and the generation of the index among it. So nothing has to be thrown away when documents change, and no
answer crosses from one tenant to another.
"""

import json
from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace
from hashlib import sha256

from ragchat.answering.events import Done, Event, Start, Usage, event_adapter
from ragchat.runtime.kept import Kept, kept_at


class AnswerCache:
    """Whole answers by key, as the events that they were made of."""

    def __init__(self, kept: Kept) -> None:
        self._kept = kept

    async def get(self, key: str) -> Sequence[Event] | None:
        written = await self._kept.get(key)
        return _read(written) if written is not None else None

    async def put(self, key: str, events: Sequence[Event]) -> None:
        await self._kept.put(key, _written(events))

    async def close(self) -> None:
        await self._kept.close()


def answer_cache(*, on: bool, redis_url: str, seconds: int) -> AnswerCache | None:
    """The cache of the settings; None where none is wanted."""
    return AnswerCache(kept_at(redis_url, seconds, "answer")) if on else None


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
