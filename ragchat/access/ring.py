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
PAUSE_SECONDS: Final = 0.05
"""Between two looks into the store, however many unknown keys are tried."""

log = structlog.get_logger("ragchat.access")


class KeyRing:
    """Keys by id."""

    def __init__(self, store: KeyStore) -> None:
        self._store = store
        self._keys: Mapping[str, Key] = {}
        self._origins: frozenset[str] = frozenset()
        self._read_at = -STALE_SECONDS
        self._begun_at = -STALE_SECONDS
        self._reading = asyncio.Lock()

    async def keys(self) -> Mapping[str, Key]:
        """Every key that was ever made. StorageFailed when they have been out of reach for too long."""
        await self._read_since(monotonic() - FRESH_SECONDS)
        return self._keys

    async def find(self, key_id: str) -> Key | None:
        """The key of this id; one that is not known is looked for, so that a new key works at once."""
        arrived = monotonic()
        known = (await self.keys()).get(key_id)
        if known is None and key_id:
            await self._read_since(arrived)
            known = self._keys.get(key_id)
        return known

    @property
    def origins(self) -> frozenset[str]:
        """Pages that keys are bound to, as last read: browsers may call from them."""
        return self._origins

    async def _read_since(self, moment: float) -> None:
        """Read them, unless that was begun after `moment`; never more often than every `PAUSE_SECONDS`."""
        if self._begun_at >= moment:
            return
        async with self._reading:
            if self._begun_at < moment:
                await asyncio.sleep(max(0.0, self._begun_at + PAUSE_SECONDS - monotonic()))
                await self._read()

    async def _read(self) -> None:
        begun = monotonic()
        try:
            found = await run_sync(self._store.every)
        except StorageFailed as refused:
            if begun - self._read_at >= STALE_SECONDS:
                raise
            log.warning("the keys cannot be read, the last known ones hold", reason=refused.message)
        else:
            self._keys = {key.id: key for key in found}
            self._origins = frozenset().union(*(key.origins for key in found))
            self._read_at = begun
        self._begun_at = begun
