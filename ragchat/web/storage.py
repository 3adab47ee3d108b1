"""Looking after stored conversations while the server runs: whether they can be stored, and sweeping what is over.

Questions do not wait for this: each of them tries to write by itself. It keeps `/health/ready` true to the facts when
nobody asks, without a probe that touches the disk.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

from ragchat.conversations import ConversationStore
from ragchat.errors import StorageFailed

RETRY_SECONDS = 5.0
SWEEP_ROUNDS = 6
"""Of RETRY_SECONDS each, between two sweeps."""


@asynccontextmanager
async def watched(store: ConversationStore, *, unused: float = 0) -> AsyncIterator[None]:
    """While it is entered, `store.available` follows the storage within `RETRY_SECONDS`.

    Journals that are over are swept, and conversations that nobody used for `unused` seconds (0: none).
    """
    leaving = asyncio.Event()
    watching = asyncio.create_task(
        _watch(store, leaving, unused), name="ragchat: can conversations be stored?"
    )
    try:
        yield
    finally:
        leaving.set()  # a database driver that is cancelled in the middle leaves its thread behind
        await asyncio.wait([watching], timeout=RETRY_SECONDS)
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching


async def _watch(store: ConversationStore, leaving: asyncio.Event, unused: float) -> None:
    await store.try_again()
    rounds = 0
    while not leaving.is_set():
        with suppress(TimeoutError):
            async with asyncio.timeout(RETRY_SECONDS):
                await leaving.wait()
        if leaving.is_set():
            return
        if not store.available:
            await store.try_again()
        elif rounds % SWEEP_ROUNDS == 0:
            with suppress(StorageFailed):  # the store has logged it
                await store.sweep(unused=timedelta(seconds=unused) if unused else None)
        rounds += 1
