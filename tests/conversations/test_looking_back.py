"""Use by day and what readers said, on both databases."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ragchat.answering.events import Refusal, Usage
from ragchat.conversations import AnswerRecord, Asked, Feedback
from ragchat.conversations.database.opening import engine_at
from ragchat.conversations.looking_back import used_by_day
from ragchat.conversations.store import SqlConversationStore
from ragchat.errors import UsageError

ANSWERED = AnswerRecord(
    status="complete",
    content="Ten seconds.",
    sources=(),
    citations=(),
    finish="answered",
    refusal=None,
    grounded=1.0,
    model="extractive",
    generation=1,
    usage=Usage(3, 5),
    timings={},
)


def refused(reason: str) -> AnswerRecord:
    refusal = Refusal(reason, "Not in the documents.", ())  # type: ignore[arg-type]
    return replace(ANSWERED, finish="refused", refusal=refusal, usage=Usage())


async def answer(
    store: SqlConversationStore, name: str, record: AnswerRecord, question: str = "How long?"
) -> None:
    await store.ask(Asked(conversation_id=f"c-{name}", question=question, answer_id=name))
    await store.finish(name, record)


async def test_days_tell_how_questions_ended_also_those_without_any(store: SqlConversationStore) -> None:
    await answer(store, "a", ANSWERED)
    await answer(store, "b", ANSWERED)
    await answer(store, "n", refused("nearest"))
    await answer(store, "r", refused("no_match"))
    await answer(store, "x", replace(ANSWERED, finish="stopped", status="partial"))
    await answer(store, "f", replace(ANSWERED, finish=None, status="failed", error_code="upstream_failed"))
    await store.rate("a", Feedback("up"))
    await store.rate("r", Feedback("down", "It is on page 3."))
    today = datetime.now(UTC).date()
    first = today - timedelta(days=6)
    days = await store.usage(first=first, last=today)
    assert [day.day for day in days] == [first + timedelta(days=number) for number in range(7)]
    assert all(day.questions == 0 for day in days[:-1])
    last = days[-1]
    assert (last.questions, last.answered, last.nearest, last.refused) == (6, 2, 1, 1)
    assert (last.cut, last.failed, last.up, last.down) == (1, 1, 1, 1)
    assert (last.conversations, last.input_tokens, last.output_tokens) == (6, 12, 20)


async def test_nobody_else_is_counted_in_a_view(store: SqlConversationStore) -> None:
    await answer(store.of("shop", "ann"), "a", ANSWERED)  # type: ignore[arg-type]
    await answer(store.of("shop", "bob"), "b", ANSWERED)  # type: ignore[arg-type]
    today = datetime.now(UTC).date()
    assert [day.questions for day in await store.usage(first=today, last=today)] == [2]
    assert [day.questions for day in await store.of("shop", "ann").usage(first=today, last=today)] == [1]
    await store.rate("a", Feedback("up"))
    assert (await store.of("shop", "bob").rated()).rated == ()


async def test_rated_answers_come_with_their_question_newest_first_page_by_page(
    store: SqlConversationStore,
) -> None:
    for number in range(5):
        await answer(store, f"m{number}", ANSWERED, f"Question {number}?")
        await store.rate(f"m{number}", Feedback("down" if number % 2 else "up", f"comment {number}"))
    await answer(store, "unrated", ANSWERED)
    page = await store.rated(limit=2)
    found = list(page.rated)
    while page.next_cursor:
        page = await store.rated(limit=2, cursor=page.next_cursor)
        found += page.rated
    assert [one.question for one in found] == [f"Question {number}?" for number in (4, 3, 2, 1, 0)]
    assert [one.comment for one in found] == [f"comment {number}" for number in (4, 3, 2, 1, 0)]
    assert {(one.answer, one.outcome) for one in found} == {("Ten seconds.", "answered")}
    disliked = (await store.rated(rating="down")).rated
    assert [one.message_id for one in disliked] == ["m3", "m1"]
    with pytest.raises(UsageError, match="cursor"):
        await store.rated(cursor="none of ours")


async def test_use_is_read_by_an_index_of_dates(store: SqlConversationStore, database_url: str) -> None:
    await answer(store, "a", ANSWERED)
    engine = engine_at(database_url)
    literal = {"literal_binds": True}
    query = used_by_day(None, datetime(2026, 1, 1, tzinfo=UTC)).compile(
        engine.sync_engine, compile_kwargs=literal
    )
    async with engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            explained = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}")
        else:  # so few rows are read quickest without any index
            await connection.exec_driver_sql("SET enable_seqscan = off")
            explained = await connection.exec_driver_sql(f"EXPLAIN {query}")
        plan = "\n".join(str(row) for row in explained)
    await engine.dispose()
    assert "messages_by_date" in plan
