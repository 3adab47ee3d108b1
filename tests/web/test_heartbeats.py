"""Who reads an answer that says nothing hears that it is still there, and nothing of the kind while it speaks."""

import asyncio
import re
from collections.abc import AsyncGenerator

import pytest
import uvloop

from ragchat.answering.events import Done, Event, Token
from ragchat.web.live import answer as live
from ragchat.web.live.answer import LiveAnswer

LOOPS = {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}


async def heard(silences: int) -> str:
    """What one reader hears of an answer that says a word, waits until the reader has heard so many signs of life, and
    goes on: a dot for a word, a heart for a sign of life."""
    told: list[str] = []

    async def words() -> AsyncGenerator[Event, None]:
        for _ in range(5):
            yield Token("word")
            await asyncio.sleep(0.01)
        while told.count("♥") < silences:
            await asyncio.sleep(0.01)
        yield Done(finish="answered", response="word" * 5)

    answer = LiveAnswer("m1")
    answer.run(words())
    with answer.followed():
        async for entry in answer.entries():
            sign = "♥" if entry is None else "." if isinstance(entry.event, Token) else "|"
            told.append(sign)  # one by one: the answer waits for them
    return "".join(told)


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize(
    ("seconds", "silences", "expected"),
    [(60, 0, r"\.{5}\|"), (0.3, 1, r"\.{5}♥+\|"), (0.05, 12, r"[.♥]+♥\|")],
)
def test_silence_is_told_again_and_again_and_speech_is_not(
    loop: str, seconds: float, silences: int, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "HEARTBEAT_SECONDS", seconds)
    with asyncio.Runner(loop_factory=LOOPS[loop]) as runner:
        assert re.fullmatch(expected, runner.run(asyncio.wait_for(heard(silences), 60)))
