"""CPU-bound work beside the event loop: searching, reading and checking are synchronous and run on worker threads."""

from collections.abc import Callable
from typing import TypeVar

import anyio.to_thread
from anyio import CapacityLimiter

T = TypeVar("T")


async def in_thread(work: Callable[[], T], limiter: CapacityLimiter | None) -> T:
    """Runs work of milliseconds on a thread that the caller was given.

    A cancelled caller waits for it: the generation that the work reads may be closed once the caller is gone.
    """
    return await anyio.to_thread.run_sync(work, limiter=limiter)
