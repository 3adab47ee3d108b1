"""Recording while streaming: whatever happens to the stream, what was said is stored, exactly once."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from pathlib import Path

import pytest

from ragchat.answering.events import Done, Error, Event, Refusal, Start, Token, Usage
from ragchat.conversations import Asked, Begun, StoredMessage
from ragchat.conversations.recording import asked, recorded, turns
from ragchat.conversations.store import SqlConversationStore
from ragchat.errors import UpstreamFailed

START = Start("a1", "c1", "extractive", 4)


class Script:
    """An event stream that ends as told and knows whether it was closed."""

    def __init__(self, events: Sequence[Event | Exception], *, hangs: bool = False) -> None:
        self.events = events
        self.hangs = hangs
        self.closed = False

    async def stream(self) -> AsyncIterator[Event]:
        try:
            for event in self.events:
                if isinstance(event, Exception):
                    raise event
                yield event
            if self.hangs:
                await asyncio.Event().wait()
        finally:
            self.closed = True


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlConversationStore]:
    async with SqlConversationStore(f"sqlite+aiosqlite:///{tmp_path / 'conversations.sqlite'}") as opened:
        yield opened


async def answer_of(store: SqlConversationStore) -> StoredMessage:
    question, answer = await store.messages("c1")
    assert (question.role, question.content) == ("user", "How?")
    return answer


async def recording(store: SqlConversationStore, script: Script) -> AsyncIterator[Event]:
    assert await asked(store, Asked("c1", "How?", "a1")) == Begun()
    async with aclosing(recorded(store, script.stream(), message_id="a1")) as events:
        async for event in events:
            yield event


async def test_the_answer_is_stored_before_its_end_is_seen(store: SqlConversationStore) -> None:
    refusal = Refusal("no_match", "No.")
    done = Done("refused", "No.", refusal=refusal, usage=Usage(1, 2), timings={"total": 3.0})
    script = Script([START, Token("No."), done])
    async for event in recording(store, script):
        stored = await answer_of(store)
        assert stored.status == ("complete" if event == done else "streaming")
    assert (stored.content, stored.finish, stored.refusal) == ("No.", "refused", refusal)
    assert (stored.model, stored.generation, stored.usage.total_tokens) == ("extractive", 4, 3)
    assert script.closed


async def test_a_consumer_that_leaves_leaves_the_partial_answer(store: SqlConversationStore) -> None:
    script = Script([START, Token("Hold "), Token("it.")])
    async with aclosing(recording(store, script)) as events:  # type: ignore[type-var]
        async for event in events:
            if event == Token("Hold "):
                break
    stored = await answer_of(store)
    assert (stored.status, stored.finish, stored.content) == ("partial", "incomplete", "Hold ")
    assert script.closed


async def test_a_cancelled_task_leaves_the_partial_answer(store: SqlConversationStore) -> None:
    script = Script([START, Token("Hold ")], hangs=True)
    seen = asyncio.Event()

    async def consume() -> None:
        async for event in recording(store, script):
            if isinstance(event, Token):
                seen.set()

    task = asyncio.create_task(consume())
    await seen.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    stored = await answer_of(store)
    assert (stored.status, stored.content) == ("partial", "Hold ")
    assert script.closed


@pytest.mark.parametrize(
    ("end", "status", "code"),
    [
        (UpstreamFailed("gone", code="rate_limited"), "failed", "rate_limited"),
        (RuntimeError("bug"), "partial", ""),
    ],
)
async def test_a_stream_that_raises_keeps_what_was_said(
    store: SqlConversationStore, end: Exception, status: str, code: str
) -> None:
    with pytest.raises(type(end)):
        async for _ in recording(store, Script([START, Token("Hold "), end])):
            pass
    stored = await answer_of(store)
    assert (stored.status, stored.error_code, stored.content) == (status, code, "Hold ")


async def test_an_error_event_is_stored_with_its_code(store: SqlConversationStore) -> None:
    async for _ in recording(
        store, Script([START, Token("Hold "), Error("rate_limited", "Slow down.", True)])
    ):
        pass
    stored = await answer_of(store)
    assert (stored.status, stored.error_code, stored.content) == ("failed", "rate_limited", "Hold ")


async def test_history_tells_which_answers_were_refusals(store: SqlConversationStore) -> None:
    refused = Done("refused", "No.", refusal=Refusal("no_match", "No."))
    async for _ in recording(store, Script([START, Token("No."), refused])):
        pass
    told = turns(await store.history("c1"))
    assert [(turn.role, turn.content, turn.refused) for turn in told] == [
        ("user", "How?", False),
        ("assistant", "No.", True),
    ]
