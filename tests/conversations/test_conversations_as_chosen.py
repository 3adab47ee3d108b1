"""What a conversation is given holds for its questions; how much of it a question sees; one question at a time."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from ragchat.answering.request import Turn
from ragchat.conversations import Asked, AskedBefore, Begun, Busy, ConversationDraft
from ragchat.conversations.exporting import everything, exported
from ragchat.conversations.store import SqlConversationStore
from ragchat.errors import NotFound
from tests.conversations.test_store import ANSWERED

GIVEN = ConversationDraft(
    title="Routers",
    metadata={"ticket": 4711, "tags": ["a", None]},
    system_prompt="Be brief.",
    preferences={"style": "plain"},
)


async def test_what_it_is_given_is_kept_and_told_to_every_question(store: SqlConversationStore) -> None:
    made = await store.create(conversation_id="c1", draft=GIVEN)
    assert made == replace(await store.get("c1"), created=made.created, updated=made.updated)
    assert (made.metadata, made.system_prompt) == (GIVEN.metadata, GIVEN.system_prompt)

    begun = await store.ask(Asked("c1", "How?", "a1"))
    assert begun == Begun((), "Be brief.", {"style": "plain"})

    changed = await store.change("c1", ConversationDraft(metadata={}, preferences={"style": "long"}))
    assert (changed.title, changed.metadata, changed.system_prompt) == ("Routers", {}, "Be brief.")
    assert changed.preferences == {"style": "long"}


async def test_a_question_sees_the_latest_turns_within_its_bounds(store: SqlConversationStore) -> None:
    for number in range(3):
        begun = await store.ask(Asked("c1", f"question {number}", f"a{number}"))
        await store.finish(f"a{number}", ANSWERED)
    assert isinstance(begun, Begun)
    said = [Turn("user", "question 0"), Turn("assistant", ANSWERED.content)]
    assert list(begun.history) == [*said, Turn("user", "question 1"), said[1]]

    few = await store.ask(Asked("c1", "next", "a3", history=3))
    assert isinstance(few, Begun)
    assert [turn.content for turn in few.history] == [ANSWERED.content, "question 2", ANSWERED.content]
    short = await store.ask(Asked("c1", "next", "a4", history_tokens=2))
    assert isinstance(short, Begun)
    assert [turn.content for turn in short.history] == ["next"]


async def test_a_conversation_in_which_an_answer_is_made_is_busy(
    store: SqlConversationStore, database_url: str
) -> None:
    await store.journal.beat("w1")
    assert await store.ask(Asked("c1", "How?", "a1", worker="w1")) == Begun()
    async with SqlConversationStore(database_url) as other:
        await other.journal.beat("w2")
        assert await other.ask(Asked("c1", "And?", "a2", worker="w2")) == Busy("a1")
        mine = Asked("c1", "And?", "a2", worker="w1", running=frozenset({"a1"}))
        assert await store.ask(mine) == Busy("a1")
        assert isinstance(await other.ask(Asked("c2", "And?", "a3", worker="w2")), Begun)
        assert len(await store.messages("c1")) == 2
        await store.finish("a1", ANSWERED)
        assert isinstance(await other.ask(Asked("c1", "And?", "a2", worker="w2")), Begun)
        assert [one.position for one in await other.messages("c1")] == [0, 1, 2, 3]


async def test_a_hundred_requests_under_one_key_are_one_message(
    store: SqlConversationStore, database_url: str
) -> None:
    async with SqlConversationStore(database_url) as other:
        stores = (store.of("", "ann"), other.of("", "ann"))

        async def send(number: int) -> Begun | Busy | AskedBefore:
            asked = Asked(f"c{number}", "How?", f"a{number}", once="key", fingerprint="same")
            return await stores[number % 2].ask(asked)

        results = await asyncio.gather(*(send(number) for number in range(100)))
    assert sum(isinstance(result, Begun) for result in results) == 1
    first = next(index for index, result in enumerate(results) if isinstance(result, Begun))
    assert {result for result in results if isinstance(result, AskedBefore)} == {
        AskedBefore(f"a{first}", True)
    }
    assert [one.message_count for one in (await store.list()).conversations] == [2]

    another = await store.of("", "ann").ask(Asked("c", "Why?", "b", once="key", fingerprint="other"))
    assert another == AskedBefore(f"a{first}", False)
    assert isinstance(await store.of("", "bob").ask(Asked("c", "How?", "b1", once="key")), Begun)


async def test_a_question_that_came_too_late_is_withdrawn(store: SqlConversationStore) -> None:
    await store.ask(Asked("c1", "How?", "a1"))
    await store.ask(Asked("c1", "And?", "a2"))
    await store.withdraw("a2")
    await store.withdraw("unknown")
    assert [one.content for one in await store.messages("c1")] == ["How?", ""]


async def test_conversations_that_nobody_uses_are_swept_but_not_while_they_answer(
    store: SqlConversationStore,
) -> None:
    await store.create(conversation_id="old")
    await store.ask(Asked("running", "How?", "a1"))
    assert await store.sweep() == 0
    assert await store.sweep(unused=timedelta(hours=1)) == 0
    assert await store.sweep(unused=timedelta(0)) == 1
    assert [one.id for one in (await store.list()).conversations] == ["running"]
    with pytest.raises(NotFound):
        await store.get("old")


async def test_a_whole_conversation_is_exported(store: SqlConversationStore) -> None:
    for number in range(3):
        await store.ask(Asked("c1", f"Question {number}?", f"a{number}"))
        await store.finish(f"a{number}", ANSWERED)
    whole = await everything(store, "c1")
    assert [one.position for one in whole[1]] == list(range(6))
    text = exported(*whole, "markdown")
    assert text.startswith("# Question 0?\n\n## Question (")
    assert text.count("- [1] Manual: “0123”") == 3
    kept = exported(*whole, "json")
    assert '"quote": "0123"' in kept
    with pytest.raises(NotFound):
        await everything(store.of("", "ann"), "c1")
