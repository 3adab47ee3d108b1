"""A stream that is read ahead: nothing is lost or changes its order, and it ends with who reads it."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest

from ragchat.answering.writing.calls.ahead import MOST_WAITING, read_ahead


def joined(before: str, after: str) -> str:
    return before + after


class Letters:
    """A stream that says how it ended; `pause` turns of the loop before each letter."""

    def __init__(self, text: str, *, pause: int = 0, error: Exception | None = None) -> None:
        self.said, self.closed = 0, False
        self._text, self._pause, self._error = text, pause, error

    async def stream(self) -> AsyncGenerator[str, None]:
        try:
            for letter in self._text:
                for _ in range(self._pause):
                    await asyncio.sleep(0)
                self.said += 1
                yield letter
            if self._error:
                raise self._error
        finally:
            self.closed = True


async def test_what_came_together_is_one_piece_and_what_came_slowly_is_not() -> None:
    assert [piece async for piece in read_ahead(Letters("abcdef").stream(), joined, len)] == ["abcdef"]
    slow = [piece async for piece in read_ahead(Letters("abcdef", pause=9).stream(), joined, len)]
    assert slow == list("abcdef")
    assert [piece async for piece in read_ahead(Letters("").stream(), joined, len)] == []


async def test_a_reader_that_is_slow_gets_more_at_once_and_nothing_is_lost() -> None:
    pieces = []
    async for piece in read_ahead(Letters("x" * 2000, pause=1).stream(), joined, len):
        pieces.append(piece)
        for _ in range(40):
            await asyncio.sleep(0)
    assert sum(map(len, pieces)) == 2000
    assert len(pieces) < 200


async def test_a_failure_comes_after_what_was_said_before_it() -> None:
    letters = Letters("abc", error=ValueError("broken"))
    pieces = read_ahead(letters.stream(), joined, len)
    assert await anext(pieces) == "abc"
    with pytest.raises(ValueError, match="broken"):
        await anext(pieces)
    assert letters.closed


async def test_a_stream_waits_for_a_reader_that_is_far_behind() -> None:
    letters = Letters("x" * 3 * MOST_WAITING)
    async with aclosing(read_ahead(letters.stream(), joined, len)) as pieces:
        await anext(pieces)
        for _ in range(100):
            await asyncio.sleep(0)
        assert letters.said <= 2 * MOST_WAITING
    assert letters.closed


@pytest.mark.parametrize("turns", range(12))
async def test_who_leaves_at_any_moment_is_gone_and_the_stream_is_closed(turns: int) -> None:
    letters = Letters("x" * 50, pause=2)

    async def read() -> None:
        async with aclosing(read_ahead(letters.stream(), joined, len)) as pieces:
            async for _ in pieces:
                await asyncio.sleep(0)

    reading = asyncio.create_task(read())
    for _ in range(turns):
        await asyncio.sleep(0)
    reading.cancel()
    done, _ = await asyncio.wait({reading}, timeout=5)
    assert done == {reading}
    assert reading.cancelled()
    assert letters.closed or letters.said == 0
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_a_stream_that_takes_too_long_fails_after_what_it_said() -> None:
    closed = False

    async def hanging() -> AsyncGenerator[str, None]:
        nonlocal closed
        try:
            yield "They"
            await asyncio.Event().wait()
        finally:
            closed = True

    pieces = read_ahead(hanging(), joined, len, 0.05)
    assert await anext(pieces) == "They"
    with pytest.raises(TimeoutError):
        await anext(pieces)
    assert closed
