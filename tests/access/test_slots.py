"""Slots: never more than there are, and none is lost on any way that an answer may end, or not begin."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from ragchat.access.limiting.slots import Slots
from ragchat.answering.events import Event, Start
from ragchat.errors import Busy
from ragchat.settings import Settings
from ragchat.web.desk.desk import Desk

START = Start("m", "c", "extractive", 1)


def test_who_finds_none_is_told_when_to_come_again() -> None:
    slots = Slots(2)
    held = [slots.take(), slots.take()]
    with pytest.raises(Busy) as told:
        slots.take()
    assert told.value.retry_after > 0
    held[0].give_back()
    held[0].give_back()
    assert slots.taken == 1
    slots.take()


def test_a_slot_that_is_forgotten_is_given_back() -> None:
    slots = Slots(1)
    slot = slots.take()
    del slot
    assert slots.taken == 0


async def events(*, fails: bool = False) -> AsyncGenerator[Event, None]:
    yield START
    if fails:
        raise ValueError("broken")
    await asyncio.sleep(0)
    yield START


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(Settings(_env_file=None, index_dir=tmp_path, max_concurrent=1))


async def test_an_answer_gives_its_slot_back_however_it_ends(desk: Desk) -> None:
    whole = desk.within(desk.slots.take(), events())
    assert len([event async for event in whole]) == 2
    assert desk.slots.taken == 0

    cut = desk.within(desk.slots.take(), events())
    await anext(cut)
    await cut.aclose()
    assert desk.slots.taken == 0

    broken = desk.within(desk.slots.take(), events(fails=True))
    with pytest.raises(ValueError, match="broken"):
        [event async for event in broken]
    assert desk.slots.taken == 0


async def test_an_answer_that_never_begins_holds_none(desk: Desk) -> None:
    never = desk.within(desk.slots.take(), events())
    assert desk.slots.taken == 1
    await never.aclose()
    del never
    assert desk.slots.taken == 0
