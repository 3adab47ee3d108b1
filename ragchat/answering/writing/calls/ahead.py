"""A stream that is read ahead of who works on it: what came meanwhile is one piece.

With hundreds of streams a process falls behind tokens that come one by one, and every token costs the whole way to the
reader. Read ahead, the pieces grow as the process falls behind, and it catches up (bench/service).
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from typing import Final, Generic, TypeVar

from anyio import move_on_after

Piece = TypeVar("Piece")

MOST_WAITING: Final = 20_000
"""Characters from which on no more is read until they are taken. Then the stream has to wait, and with it the service
that sends it."""
CLOSING_SECONDS: Final = 1.0
"""That are waited for a stream to be closed."""


async def read_ahead(
    stream: AsyncGenerator[Piece, None],
    join: Callable[[Piece, Piece], Piece],
    size: Callable[[Piece], int],
    seconds: float | None = None,
) -> AsyncGenerator[Piece, None]:
    """All of `stream` in its order, neighbours joined where they were not taken in time; raises what it raises, after
    what came before, and TimeoutError where it is not over after `seconds`. `size` is a piece's in characters. The
    stream is read and closed in a task of its own, which ends before this generator does."""
    ahead = _Ahead(join, size)
    task = asyncio.create_task(ahead.fill(stream, seconds))
    try:
        while (piece := await ahead.take()) is not None:
            yield piece
        await task
    finally:
        if not task.done():
            task.cancel()
            with move_on_after(CLOSING_SECONDS, shield=True):
                await asyncio.wait({task})
        if task.done() and not task.cancelled():
            task.exception()  # heard, also where nobody waits for it any more


class _Ahead(Generic[Piece]):
    """What was read and not yet taken."""

    def __init__(self, join: Callable[[Piece, Piece], Piece], size: Callable[[Piece], int]) -> None:
        self._join, self._size = join, size
        self._waiting: Piece | None = None
        self._held = 0
        self._ended = False
        self._there, self._room = asyncio.Event(), asyncio.Event()
        self._room.set()

    async def fill(self, stream: AsyncGenerator[Piece, None], seconds: float | None) -> None:
        try:
            # Once, and not for each piece: it fires here, in no reader's hands.
            async with asyncio.timeout(seconds):
                async for piece in stream:
                    self._waiting = piece if self._waiting is None else self._join(self._waiting, piece)
                    self._held += 1 + self._size(piece)
                    self._there.set()
                    if self._held >= MOST_WAITING:
                        self._room.clear()
                        await self._room.wait()
        finally:
            self._ended = True
            self._there.set()
            await stream.aclose()

    async def take(self) -> Piece | None:
        """What waits, as one piece; None at the end."""
        await self._there.wait()
        piece, self._waiting, self._held = self._waiting, None, 0
        self._room.set()
        if not self._ended:
            self._there.clear()
        return piece
