"""What a model said to a prompt is said again to the same prompt: whole answers only, of the same tenant, never where a
fresh one is wanted."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from ragchat.answering.answer import Answerer
from ragchat.answering.events import Event
from ragchat.models.scripted import Reply, ScriptedChatModel
from ragchat.retrieval.search import Retriever
from ragchat.runtime.kept import InMemory
from tests.answering.asking import BACKUPS, OPTIONS, ask, end

FIRST, SECOND = "They are kept for 35 days [1].", "For 35 days [1]."


def remembering(retriever: Retriever, *replies: Reply) -> Answerer:
    script = list(replies) or [Reply(chunks=[FIRST]), Reply(chunks=[SECOND])]
    return Answerer(
        retriever=retriever,
        model=ScriptedChatModel(script=script),
        model_name="scripted",
        deadline=5,
        prompts=InMemory(60),
    )


def said(events: Sequence[Event]) -> str:
    return end(events).response


async def test_it_is_said_again_with_its_citations_and_costs_nothing(retriever: Retriever) -> None:
    answerer = remembering(retriever)
    first, again = await ask(answerer), await ask(answerer)
    assert said(first) == said(again) == "They are kept for 35 days."
    assert end(first).citations == end(again).citations != ()
    assert end(first).usage.output_tokens > 0
    assert end(again).usage.output_tokens == 0
    assert (end(first).timings["model_calls"], end(again).timings.get("model_calls")) == (1, None)


@pytest.mark.parametrize(
    ("question", "options"),
    [
        (f"{BACKUPS} Please be exact.", OPTIONS),
        (BACKUPS, replace(OPTIONS, tenant="another")),
        (BACKUPS, replace(OPTIONS, parameters={"temperature": 0.5})),
        (BACKUPS, replace(OPTIONS, system_prompt="Be brief.")),
        (BACKUPS, replace(OPTIONS, fresh=True)),
    ],
    ids=["question", "tenant", "parameters", "instructions", "fresh"],
)
async def test_what_differs_is_asked(retriever: Retriever, question: str, options: object) -> None:
    answerer = remembering(retriever)
    assert said(await ask(answerer)) == "They are kept for 35 days."
    assert said(await ask(answerer, question, options=options)) == "For 35 days."  # type: ignore[arg-type]


async def test_a_fresh_one_is_kept_in_place_of_the_other(retriever: Retriever) -> None:
    answerer = remembering(retriever)
    await ask(answerer)
    fresh = await ask(answerer, options=replace(OPTIONS, fresh=True))
    assert said(await ask(answerer)) == said(fresh) == "For 35 days."


async def test_half_an_answer_is_not_kept(retriever: Retriever) -> None:
    answerer = remembering(retriever, Reply(chunks=["They are"], finish="length"), Reply(chunks=[SECOND]))
    assert end(await ask(answerer)).finish == "incomplete"
    assert said(await ask(answerer)) == "For 35 days."


async def test_without_a_store_each_is_asked(retriever: Retriever) -> None:
    answerer = replace(remembering(retriever), prompts=None)
    assert [said(await ask(answerer)) for _ in range(2)] == ["They are kept for 35 days.", "For 35 days."]
