"""CPU-bound work beside the event loop: searching, reading and checking are synchronous and run on worker threads."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import anyio.to_thread
from anyio import CapacityLimiter

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Workers:
    """How many threads may work at once: on what answers begin with (understanding, searching, choosing), and apart
    from them on the sentences of answers that are being read, which wait for no beginning. None: as many as anyio
    gives."""

    beginning: CapacityLimiter | None = None
    checking: CapacityLimiter | None = None


async def in_thread(work: Callable[[], T], limiter: CapacityLimiter | None) -> T:
    """Runs work of milliseconds on a thread that the caller was given.

    A cancelled caller waits for it: the generation that the work reads may be closed once the caller is gone.
    """
    return await anyio.to_thread.run_sync(work, limiter=limiter)
