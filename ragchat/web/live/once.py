"""Requests that are sent twice, as far as this worker sees them: one under each Idempotency-Key at a time.

The database makes the promise for all workers; this keeps a hundred duplicates from asking it a hundred times, and
holds for one worker while the database cannot be reached.
"""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeAlias
from weakref import WeakValueDictionary

from ragchat.conversations import AskedBefore

Key: TypeAlias = tuple[str, str | None, str]
"""Tenant, user, and the key that the client chose."""
REMEMBERED = 1024
"""Keys whose answers are known here."""


@dataclass(slots=True)
class Seen:
    """What is known of a key: `before` is the request that came first under it, if one did."""

    before: AskedBefore | None
    answer: tuple[str, str] | None = None

    def answered(self, message_id: str, fingerprint: str) -> None:
        """This request is the first; `fingerprint` is its own."""
        self.answer = (message_id, fingerprint)


class Once:
    """The keys that this worker has seen."""

    def __init__(self) -> None:
        self._turns: WeakValueDictionary[Key, asyncio.Lock] = WeakValueDictionary()
        self._answers: OrderedDict[Key, tuple[str, str]] = OrderedDict()

    @asynccontextmanager
    async def turn(self, key: Key, fingerprint: str) -> AsyncIterator[Seen]:
        """While it is entered, no other request under this key is begun here."""
        lock = self._turns.setdefault(key, asyncio.Lock())
        async with lock:
            known = self._answers.get(key)
            seen = Seen(AskedBefore(known[0], known[1] == fingerprint) if known else None)
            yield seen
            if seen.answer is not None:
                self._answers[key] = seen.answer
                while len(self._answers) > REMEMBERED:
                    self._answers.popitem(last=False)
