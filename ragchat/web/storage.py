"""Whether conversations can be stored: looked at when the server starts, and again for as long as they cannot.

Questions do not wait for this: each of them tries to write by itself. It keeps `/health/ready` true to the facts when
nobody asks, without a probe that touches the disk.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from ragchat.conversations import ConversationStore

RETRY_SECONDS = 5.0


@asynccontextmanager
async def watched(store: ConversationStore) -> AsyncIterator[None]:
    """While it is entered, `store.available` follows the storage within `RETRY_SECONDS`."""
    leaving = asyncio.Event()
    watching = asyncio.create_task(_watch(store, leaving), name="ragchat: can conversations be stored?")
    try:
        yield
    finally:
        leaving.set()  # a database driver that is cancelled in the middle leaves its thread behind
        await asyncio.wait([watching], timeout=RETRY_SECONDS)
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching


async def _watch(store: ConversationStore, leaving: asyncio.Event) -> None:
    await store.try_again()
    while not leaving.is_set():
        with suppress(TimeoutError):
            await asyncio.wait_for(leaving.wait(), RETRY_SECONDS)
        if not store.available and not leaving.is_set():
            await store.try_again()
