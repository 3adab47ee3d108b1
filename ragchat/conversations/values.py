"""Conversations as values. No database here (see store.py).

A question and its answer are two messages that stand side by side: both places are taken when the question is
recorded, so that a killed process leaves a visible, unfinished answer.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, TypeAlias

from ragchat.answering.events import Citation, Finish, Refusal, Source, Usage
from ragchat.answering.request import Turn

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
    """A conversation without its messages; `title` is its first question, shortened, until it is renamed.

    `system_prompt` and `preferences` hold for every question in it that brings none of its own; `metadata` is the
    client's, kept as it came.
    """

    id: str
    title: str
    user_id: str | None
    created: datetime
    updated: datetime
    message_count: int
    metadata: Mapping[str, Any] = field(default_factory=dict)
    system_prompt: str = ""
    preferences: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ConversationDraft:
    """What may be given to a conversation; None leaves as it is (in a new one: empty)."""

    title: str | None = None
    metadata: Mapping[str, Any] | None = None
    system_prompt: str | None = None
    preferences: Mapping[str, str] | None = None


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
class Latest:
    """The newest answer of a conversation, and what it answers."""

    message_id: str
    question: str


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A question that was refused or disliked: `why` is the refusal reason or "disliked"."""

    message_id: str
    conversation_id: str
    question: str
    why: str
    comment: str
    asked: datetime


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that is about to be answered under the id `answer_id`.

    `once` is a client's Idempotency-Key and `fingerprint` tells whether two requests under it are the same;
    `history` and `history_tokens` bound what of the conversation is read for it; `running` are the other answers that
    `worker` is making.
    """

    conversation_id: str
    question: str
    answer_id: str
    worker: str = ""
    once: str | None = None
    fingerprint: str = ""
    history: int = 12
    history_tokens: int = 4_000
    running: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Begun:
    """The question is recorded: `history` is what was said before it, oldest first."""

    history: tuple[Turn, ...] = ()
    system_prompt: str = ""
    preferences: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Busy:
    """Another answer is being made in this conversation; nothing was recorded."""

    answer_id: str


@dataclass(frozen=True, slots=True)
class AskedBefore:
    """A request came under this Idempotency-Key before, the `same` or another one; nothing was recorded."""

    answer_id: str
    same: bool


def new_id() -> str:
    """128 random bits that nobody can guess."""
    return uuid.uuid4().hex
