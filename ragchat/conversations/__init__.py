"""Conversations as values, and what a store of them promises. No database here (see store.py).

A question and its answer are two messages that stand side by side: both places are taken when the question is
recorded, so that concurrent questions never interleave and a killed process leaves a visible, unfinished answer.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol, TypeAlias

from ragchat.answering.events import Citation, Finish, Refusal, Source, Usage

Role: TypeAlias = Literal["user", "assistant"]
Status: TypeAlias = Literal["complete", "streaming", "partial", "failed"]
"""streaming: no end recorded (running, or its process was killed); partial: stopped or cut; failed: by an error."""
Rating: TypeAlias = Literal["up", "down"]


@dataclass(frozen=True, slots=True)
class Feedback:
    """What a reader thought of an answer."""

    rating: Rating
    comment: str = ""


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """One message of a conversation; from `sources` on, only answers have more than the defaults.

    `created` is UTC; `position` counts from 0 in the conversation; `generation` is that of the index it was answered
    from; `error_code` is set when `status` is "failed"; `timings` are milliseconds by stage.
    """

    id: str
    conversation_id: str
    position: int
    role: Role
    status: Status
    content: str
    created: datetime
    sources: tuple[Source, ...] = ()
    citations: tuple[Citation, ...] = ()
    finish: Finish | None = None
    refusal: Refusal | None = None
    grounded: float | None = None
    model: str = ""
    generation: int | None = None
    usage: Usage = field(default_factory=Usage)
    timings: Mapping[str, float] = field(default_factory=dict)
    error_code: str = ""
    feedback: Feedback | None = None


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation without its messages; `title` is its first question, shortened, until it is renamed."""

    id: str
    title: str
    user_id: str | None
    created: datetime
    updated: datetime
    message_count: int


@dataclass(frozen=True, slots=True)
class ConversationPage:
    """Newest first; `next_cursor` is opaque, None on the last page."""

    conversations: tuple[Conversation, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class AnswerRecord:
    """How an answer ended: what is written into its place.

    `narrowed`: the request looked only at some of the documents, so that its refusal tells nothing about the others
    and is not counted as unanswered.
    """

    status: Status
    content: str
    sources: tuple[Source, ...]
    citations: tuple[Citation, ...]
    finish: Finish | None
    refusal: Refusal | None
    grounded: float | None
    model: str
    generation: int | None
    usage: Usage
    timings: Mapping[str, float]
    error_code: str = ""
    narrowed: bool = False


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A question that was refused or disliked: `why` is the refusal reason or "disliked"."""

    message_id: str
    conversation_id: str
    question: str
    why: str
    comment: str
    asked: datetime


class ConversationStore(Protocol):
    """Where conversations live. What a call has returned from survives a kill. Raises NotFound, StorageFailed."""

    @property
    def available(self) -> bool:
        """False from a refusal of the storage until something has been written again; cheap."""
        ...

    async def try_again(self) -> None:
        """Write and delete a row, to learn whether the storage works (see `available`). Never raises StorageFailed."""
        ...

    async def create(
        self, *, conversation_id: str | None = None, user_id: str | None = None, title: str = ""
    ) -> Conversation:
        """A new, empty conversation; an id that exists already is a UsageError (code "conversation_exists")."""
        ...

    async def get(self, conversation_id: str) -> Conversation: ...

    async def list(
        self, *, user_id: str | None = None, limit: int = 50, cursor: str | None = None
    ) -> ConversationPage:
        """Most recently used first. A cursor that is none of ours is a UsageError (code "bad_cursor")."""
        ...

    async def rename(self, conversation_id: str, title: str) -> Conversation: ...

    async def delete(self, conversation_id: str) -> None:
        """The conversation and every message of it; an answer still running for it is dropped at its end."""
        ...

    async def clear(self, conversation_id: str) -> None:
        """Every message goes, the conversation stays."""
        ...

    async def messages(
        self, conversation_id: str, *, after: int = -1, limit: int = 200
    ) -> Sequence[StoredMessage]:
        """In order, those with a position above `after`."""
        ...

    async def message(self, message_id: str) -> StoredMessage: ...

    async def count_through(self, message_id: str) -> int:
        """Messages of its conversation up to and including this one, however many came after; 0 when it is gone."""
        ...

    async def history(self, conversation_id: str, limit: int = 10) -> Sequence[StoredMessage]:
        """The last `limit` messages that have words in them, oldest first; empty for an unknown conversation."""
        ...

    async def ask(
        self, conversation_id: str, question: str, *, answer_id: str, user_id: str | None = None
    ) -> StoredMessage:
        """Record a question and take the place of its answer; creates the conversation if there is none."""
        ...

    async def finish(self, answer_id: str, record: AnswerRecord) -> None:
        """Write how the answer ended into its place; nothing when the conversation was deleted meanwhile."""
        ...

    async def rate(self, message_id: str, feedback: Feedback | None) -> None: ...

    async def unanswered(self, *, limit: int = 100) -> Sequence[Unanswered]:
        """Refused and disliked answers with their questions, newest first."""
        ...

    async def close(self) -> None: ...


def new_id() -> str:
    """An id nobody can guess: knowing a conversation's id is what lets a client continue it."""
    return uuid.uuid4().hex
