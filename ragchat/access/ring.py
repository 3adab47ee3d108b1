"""The keys as a server holds them: in memory, at most a second old, so that a request costs no database.

A key that is revoked stops working within that second. When the store cannot be reached the last known keys hold for
a minute; then nobody is let in, because nobody could be shut out.
"""

import asyncio
from collections.abc import Mapping
from time import monotonic
from typing import Final

import structlog
from anyio.to_thread import run_sync

from ragchat.access.keys import Key
from ragchat.access.store import KeyStore
from ragchat.errors import StorageFailed

FRESH_SECONDS: Final = 1.0
STALE_SECONDS: Final = 60.0

log = structlog.get_logger("ragchat.access")


class KeyRing:
    """Keys by id."""

    def __init__(self, store: KeyStore) -> None:
        self._store = store
        self._keys: Mapping[str, Key] = {}
        self._origins: frozenset[str] = frozenset()
        self._read_at = -STALE_SECONDS
        self._tried_at = -STALE_SECONDS
        self._reading = asyncio.Lock()

    async def keys(self) -> Mapping[str, Key]:
        """Every key that was ever made. StorageFailed when they have been out of reach for too long."""
        if monotonic() - self._tried_at >= FRESH_SECONDS:
            async with self._reading:
                if monotonic() - self._tried_at >= FRESH_SECONDS:
                    await self._read()
        return self._keys

    @property
    def origins(self) -> frozenset[str]:
        """Pages that keys are bound to, as last read: browsers may call from them."""
        return self._origins

    async def _read(self) -> None:
        try:
            found = await run_sync(self._store.every)
        except StorageFailed as refused:
            if monotonic() - self._read_at >= STALE_SECONDS:
                raise
            log.warning("the keys cannot be read, the last known ones hold", reason=refused.message)
        else:
            self._keys = {key.id: key for key in found}
            self._origins = frozenset().union(*(key.origins for key in found))
            self._read_at = monotonic()
        self._tried_at = monotonic()
