"""A model as judge of messages, and an answer that is asked for once more."""

from dataclasses import replace

import pytest

from ragchat.answering.answer import Answerer
from ragchat.answering.events import Error, Token
from ragchat.answering.moderating.words import Moderation
from ragchat.answering.writing.calls.judging import Judge
from ragchat.models.scripted import Reply, ScriptedChatModel
from ragchat.retrieval.search import Retriever
from tests.answering.asking import BACKUPS, ask, end

SWORD = Moderation(blocked=["swordfish"])


def judged(retriever: Retriever, *said: str) -> tuple[Answerer, ScriptedChatModel]:
    model = ScriptedChatModel(script=[Reply(chunks=[one]) for one in said])
    return Answerer(retriever=retriever, judge=Judge(model, "judge", "No talk about salaries.")), model


async def test_a_message_that_the_judge_blocks_is_neither_searched_nor_answered(retriever: Retriever) -> None:
    answerer, model = judged(retriever, "BLOCK")
    events = await ask(answerer, BACKUPS)
    assert (end(events).finish, end(events).timings["model_calls"]) == ("blocked", 1)
    assert {event.type for event in events} == {"start", "token", "done"}
    told = str(model.requests[0].messages[0].content)
    assert "No talk about salaries." in told
    assert model.requests[0].messages[1].content == BACKUPS


@pytest.mark.parametrize("verdict", ["ALLOW", "allow.", "**ALLOW**"])
async def test_one_that_it_allows_is_answered(retriever: Retriever, verdict: str) -> None:
    answerer, _ = judged(retriever, verdict)
    assert end(await ask(answerer, BACKUPS)).finish == "answered"


@pytest.mark.parametrize("verdict", ["I cannot say.", ""])
async def test_without_a_verdict_there_is_no_answer(retriever: Retriever, verdict: str) -> None:
    answerer, _ = judged(retriever, verdict)
    events = await ask(answerer, BACKUPS)
    assert isinstance(events[-1], Error)
    assert events[-1].code in ("no_verdict", "empty_answer")


async def test_small_talk_is_not_judged(retriever: Retriever) -> None:
    answerer, model = judged(retriever, "BLOCK")
    assert end(await ask(answerer, "Hello!")).finish == "answered"
    assert model.requests == []


def twice(retriever: Retriever, *said: str) -> tuple[Answerer, ScriptedChatModel]:
    model = ScriptedChatModel(script=[Reply(chunks=[one[:5], one[5:]]) for one in said])
    answerer = Answerer(retriever=retriever, model=model, model_name="scripted", moderation=SWORD, again=True)
    return answerer, model


async def test_an_answer_with_a_blocked_word_is_asked_for_once_more(retriever: Retriever) -> None:
    answerer, model = twice(retriever, "Fine, Swordfish.", "Backups are kept.")
    events = await ask(answerer, BACKUPS)
    assert (end(events).finish, end(events).response) == ("answered", "Backups are kept.")
    assert end(events).timings["model_calls"] == 2
    assert "Swordfish" in str(model.requests[1].messages[-2].content)


async def test_the_second_one_is_blocked_like_any_other(retriever: Retriever) -> None:
    answerer, model = twice(retriever, "Swordfish.", "Again swordfish.")
    events = await ask(answerer, BACKUPS)
    assert end(events).finish == "blocked"
    assert len(model.requests) == 2
    said = "".join(event.token for event in events if isinstance(event, Token)).lower()
    assert "swordfish" not in said


async def test_it_streams_where_nothing_is_to_be_asked_again(retriever: Retriever) -> None:
    answerer, model = twice(retriever, "Backups are kept.")
    events = await ask(replace(answerer, again=False), BACKUPS)
    assert end(events).response == "Backups are kept."
    assert len(model.requests) == 1
