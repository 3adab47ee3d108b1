"""Who leaves is gone, also in the very moment in which something comes."""

import asyncio

import pytest

from ragchat.answering.events import Token
from ragchat.web.live.answer import LiveAnswer


@pytest.mark.parametrize("turns", range(6))
async def test_a_reader_that_leaves_while_news_comes_is_gone(turns: int) -> None:
    answer = LiveAnswer("m1")

    async def read() -> None:
        with answer.followed():
            async for _ in answer.entries():
                pass

    reading = asyncio.create_task(read())
    while not answer._followers:
        await asyncio.sleep(0)
    for _ in range(3):
        await asyncio.sleep(0)
    answer._append(Token("Hold"))
    for _ in range(turns):  # of the loop: somewhere on the way from the news to its reader
        await asyncio.sleep(0)
    reading.cancel()
    done, _ = await asyncio.wait({reading}, timeout=5)
    assert done == {reading}
    assert reading.cancelled()
    assert not answer._followers
