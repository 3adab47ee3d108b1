"""Recording an answer while it streams: one function that every face puts around the events.

The question is committed before the first event is asked for; the answer before its terminal event is passed on, so
that whoever has seen the end finds it stored. A consumer that goes away or is cancelled leaves the partial answer.
Where the storage refuses, the answer goes on unrecorded, and one `step` event says so.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, assert_never, cast

from anyio import CancelScope

from ragchat.answering.events import (
    Citation,
    Cited,
    Done,
    Error,
    Event,
    Finish,
    Source,
    Sources,
    Start,
    Step,
    Token,
    Usage,
)
from ragchat.answering.request import Turn
from ragchat.conversations import AnswerRecord, ConversationStore, StoredMessage
from ragchat.errors import RagchatError, StorageFailed

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

UNSAVED = Step("store", "finished", "This conversation cannot be saved right now.")
"""What the reader is told, once, when the question or its answer could not be stored."""


@dataclass(slots=True)
class Draft:
    """What has been said so far; `narrowed` as in AnswerRecord."""

    narrowed: bool = False
    model: str = ""
    generation: int | None = None
    sources: list[Source] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    citations: list[Citation] = field(default_factory=list)
    ended: AnswerRecord | None = None

    def add(self, event: Event) -> None:
        """Take in the next event of the stream."""
        match event:
            case Start():
                self.model, self.generation = event.model, event.generation
            case Step():
                pass
            case Sources():
                self.sources.extend(event.sources)
            case Token():
                self.tokens.append(event.token)
            case Cited():
                self.citations.append(event.citation)
            case Done():
                self.ended = self._done(event)
            case Error():
                self.ended = self.partial("incomplete", error_code=event.code)
            case _:
                assert_never(event)

    def partial(self, finish: Finish, error_code: str = "") -> AnswerRecord:
        """The record of an answer that did not come to its own end."""
        return AnswerRecord(
            status="failed" if error_code else "partial",
            content="".join(self.tokens),
            sources=tuple(self.sources),
            citations=tuple(self.citations),
            finish=finish,
            refusal=None,
            grounded=None,
            model=self.model,
            generation=self.generation,
            usage=Usage(),
            timings={},
            error_code=error_code,
            narrowed=self.narrowed,
        )

    def _done(self, done: Done) -> AnswerRecord:
        return AnswerRecord(
            status="partial" if done.finish in ("stopped", "incomplete") else "complete",
            content=done.response,
            sources=tuple(self.sources),
            citations=done.citations,
            finish=done.finish,
            refusal=done.refusal,
            grounded=done.grounded,
            model=self.model,
            generation=self.generation,
            usage=done.usage,
            timings=done.timings,
            narrowed=self.narrowed,
        )


async def recorded(
    store: ConversationStore,
    question: str,
    events: AsyncIterator[Event],
    *,
    conversation_id: str,
    message_id: str,
    user_id: str | None = None,
    narrowed: bool = False,
    cut: Callable[[], Finish] = lambda: "incomplete",
) -> "AsyncGenerator[Event, None]":
    """`events` with the question and the answer written to `store` under `message_id`.

    `narrowed` tells that the request had filters of its own; `cut` names the finish of an answer that is cancelled or
    closed before its end ("stopped" when a person asked for it). Closes `events` in every case. Where the store
    refuses, `UNSAVED` is added once: after `start`, or before the end when only the answer could not be written.
    """
    draft = Draft(narrowed)
    saving = _Saving(store, message_id)
    await saving.ask(conversation_id, question, user_id)
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
    """The writes of one answer. A refusal of the storage is remembered, not raised (the store has logged it)."""

    def __init__(self, store: ConversationStore, message_id: str) -> None:
        self._store = store
        self._message_id = message_id
        self.failed = False

    async def ask(self, conversation_id: str, question: str, user_id: str | None) -> None:
        try:
            await self._store.ask(conversation_id, question, answer_id=self._message_id, user_id=user_id)
        except StorageFailed:
            self.failed = True

    async def finish(self, record: AnswerRecord) -> None:
        """Write the end, unless its place could not be taken."""
        if self.failed:
            return
        with CancelScope(shield=True):
            try:
                await self._store.finish(self._message_id, record)
            except StorageFailed:
                self.failed = True


def turns(messages: Sequence[StoredMessage]) -> list[Turn]:
    """Stored messages as the answerer's history, in the same order."""
    return [Turn(message.role, message.content, refused=message.refusal is not None) for message in messages]
