"""Who leaves is gone, also in the very moment in which something comes."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from scripted_service import Gate, ScriptedService

from ragchat.answering.events import Done, Event, Token
from ragchat.web.asking import Asking, ask
from ragchat.web.live import LiveAnswers
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


@pytest.mark.parametrize("turns", range(6))
async def test_who_leaves_before_the_first_event_leaves_the_answer(turns: int) -> None:
    answer = LiveAnswer("m1", grace=0.05)
    stopped = asyncio.Event()

    async def events() -> AsyncGenerator[Event, None]:
        try:
            await asyncio.sleep(0)
            yield Token("Hold")
            await asyncio.Event().wait()
        finally:
            stopped.set()

    answer.run(events())
    asking = asyncio.create_task(answer.begun())
    for _ in range(turns):
        await asyncio.sleep(0)
    asking.cancel()
    await asyncio.wait({asking})
    async with asyncio.timeout(20):
        await stopped.wait()
        await answer.settled()


async def test_an_answer_is_not_left_while_it_is_handed_over(tmp_path: Path) -> None:
    service = ScriptedService(
        tmp_path, [Token("Hold "), gate := Gate(), Token("it."), Done("answered", "Hold it.")]
    )
    live = LiveAnswers(service.conversations, grace=0)
    async with service, live.kept():
        answer = await ask(service, live, Asking("How?"))
        await asyncio.sleep(0.1)
        with answer.followed():
            await gate.waiting()
            gate.opened.set()
            events = [item[1] async for item in answer.follow() if item is not None]
    assert isinstance(events[-1], Done)
    assert events[-1].finish == "answered"
