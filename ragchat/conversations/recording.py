"""Recording an answer while it streams: one function that every face puts around the events.

The question is recorded before the first event is asked for; the answer before its terminal event is passed on, so
that whoever has seen the end finds it stored. A consumer that goes away or is cancelled leaves the partial answer.
Where the storage refuses, or is slow, the answer goes on unrecorded, and one `step` event says so.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import aclosing, suppress
from typing import TYPE_CHECKING, Any, TypeVar, cast

from anyio import CancelScope

from ragchat.answering.events import Event, Finish, Start, Step
from ragchat.answering.request import Turn
from ragchat.conversations.contract import ConversationStore
from ragchat.conversations.drafting import Draft
from ragchat.conversations.values import AnswerRecord, Asked, AskedBefore, Begun, Busy, StoredMessage
from ragchat.errors import RagchatError, StorageFailed

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

T = TypeVar("T")

UNSAVED = Step("store", "finished", "This conversation cannot be saved right now.")
"""What the reader is told, once, when the question or its answer could not be stored."""
PATIENCE = 1.5
"""Seconds that an answer waits for the storage: once for its question, and once for its end."""
GLANCE = 0.1
"""Seconds between two looks: a process that is itself busy (it loads a model) looks less often, and gives up later."""

_late: set[asyncio.Task[Any]] = set()
"""Calls that nobody waits for any more; they are let go on, since a driver must not be cancelled in the middle."""


async def in_time(call: Coroutine[Any, Any, T]) -> T:
    """What `call` returns, or StorageFailed when it takes longer than `PATIENCE`; it goes on then all the same."""
    task = asyncio.ensure_future(call)
    for _ in range(round(PATIENCE / GLANCE)):
        done, _ = await asyncio.wait({task}, timeout=GLANCE)
        if done:
            return task.result()
    _late.add(task)
    task.add_done_callback(_seen)
    raise StorageFailed("The conversation database is slow.", code="conversations_unavailable")


def _seen(task: asyncio.Task[Any]) -> None:
    _late.discard(task)
    if not task.cancelled():
        task.exception()


async def asked(store: ConversationStore, question: Asked) -> Begun | Busy | AskedBefore | None:
    """The question, recorded; None when the storage refuses or is slow: then it is not, and will not be."""

    async def recording() -> Begun | Busy | AskedBefore:
        begun = await store.ask(question)
        if given_up and isinstance(begun, Begun):
            with suppress(StorageFailed):
                await store.withdraw(question.answer_id)
        return begun

    given_up = False
    try:
        return await in_time(recording())
    except StorageFailed:
        given_up = True
        return None


async def recorded(
    store: ConversationStore,
    events: AsyncIterator[Event],
    *,
    message_id: str,
    saved: bool = True,
    narrowed: bool = False,
    cut: Callable[[], Finish] = lambda: "incomplete",
) -> "AsyncGenerator[Event, None]":
    """`events` with the answer written to `store` into its place `message_id` (see `asked`).

    `saved` tells whether the place could be taken; `narrowed` that the request had filters of its own; `cut` names the
    finish of an answer that is cancelled or closed before its end ("stopped" when a person asked for it). Closes
    `events` in every case. Where nothing is saved, `UNSAVED` is added once: after `start`, or before the end when only
    the answer could not be written.
    """
    draft = Draft(narrowed)
    saving = _Saving(store, message_id, failed=not saved)
    told = False
    try:
        async with aclosing(cast("AsyncGenerator[Event, None]", events)):
            async for event in events:
                draft.add(event)
                if draft.ended is not None:
                    await saving.finish(draft.ended)
                if saving.failed and not told and draft.ended is not None:
                    told = True
                    yield UNSAVED
                yield event
                if saving.failed and not told and isinstance(event, Start):
                    told = True
                    yield UNSAVED
    except RagchatError as failure:
        if draft.ended is None:
            draft.ended = draft.partial("incomplete", error_code=failure.code)
            await saving.finish(draft.ended)
        raise
    finally:
        # Cancellation arrives here with every await failing at once: only a shielded scope can still write.
        if draft.ended is None:
            await saving.finish(draft.partial(cut()))


class _Saving:
    """The end of one answer. A refusal of the storage is remembered, not raised (the store has logged it)."""

    def __init__(self, store: ConversationStore, message_id: str, *, failed: bool) -> None:
        self._store = store
        self._message_id = message_id
        self.failed = failed

    async def finish(self, record: AnswerRecord) -> None:
        """Write the end, unless its place could not be taken."""
        if self.failed:
            return
        with CancelScope(shield=True):
            try:
                await in_time(self._store.finish(self._message_id, record))
            except StorageFailed:
                self.failed = True


def turns(messages: Sequence[StoredMessage]) -> list[Turn]:
    """Stored messages as the answerer's history, in the same order."""
    return [Turn(message.role, message.content, refused=message.refusal is not None) for message in messages]
