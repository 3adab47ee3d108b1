"""The statements of the conversation store that are more than one line, and how a question takes its place.

They run inside a transaction that their caller has opened; committing and failing is the caller's business. Whatever
reads or changes something of a conversation is narrowed to its owner here, in the statement itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    func,
    insert,
    or_,
    select,
    true,
    tuple_,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from ragchat.answering.request import Turn
from ragchat.conversations.database.tables import conversations, messages, streams, workers
from ragchat.conversations.rows import conversation_of, read_cursor
from ragchat.conversations.values import Asked, Conversation, new_id
from ragchat.errors import NotFound

TITLE_LENGTH = 80
CHARACTERS_OF_A_TOKEN = 4
"""As a rule of thumb: which of the earlier turns a model is sent is no exact business."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose conversations are meant; a `user` of None owns those that were begun without one."""

    tenant: str = ""
    user: str | None = None


@dataclass(frozen=True, slots=True)
class Places:
    """Where a question stands: in `conversation` (our own id) at `position`, its answer right behind it."""

    conversation: str
    position: int
    system_prompt: str = ""
    preferences: Mapping[str, str] = field(default_factory=dict)
    new: bool = False


def belongs(owner: Owner | None) -> ColumnElement[bool]:
    """Of conversations: that they are this owner's; of None's is everything."""
    if owner is None:
        return true()
    return and_(
        conversations.c.tenant == owner.tenant, conversations.c.user_id.is_not_distinct_from(owner.user)
    )


def counted() -> Select[Any]:
    """Conversations with their `message_count`."""
    count = (
        select(func.count())
        .select_from(messages)
        .where(messages.c.conversation_id == conversations.c.id)
        .scalar_subquery()
    )
    return select(conversations, count.label("message_count"))


def listed(owner: Owner | None, user_id: str | None, limit: int, cursor: str | None) -> Select[Any]:
    """A page of conversations, most recently used first. UsageError for a cursor that is none of ours."""
    query = counted().where(belongs(owner))
    query = query.order_by(conversations.c.updated.desc(), conversations.c.id.desc()).limit(limit)
    if user_id is not None:
        query = query.where(conversations.c.user_id == user_id)
    if cursor:
        before = tuple_(*read_cursor(cursor), types=[conversations.c.updated.type, conversations.c.id.type])
        query = query.where(tuple_(conversations.c.updated, conversations.c.id) < before)
    return query


def told(owner: Owner | None) -> Select[Any]:
    """Messages with the name of their conversation."""
    return (
        select(messages, conversations.c.name.label("conversation_name"))
        .join(conversations, conversations.c.id == messages.c.conversation_id)
        .where(belongs(owner))
    )


def newest(owner: Owner | None, conversation_id: str) -> Select[Any]:
    """The last answer of the conversation, with the question in front of it."""
    asked = messages.alias("asked")
    return (
        select(messages.c.id, asked.c.content.label("question"))
        .join(conversations, conversations.c.id == messages.c.conversation_id)
        .outerjoin(
            asked,
            and_(
                asked.c.conversation_id == messages.c.conversation_id,
                asked.c.position == messages.c.position - 1,
            ),
        )
        .where(belongs(owner), conversations.c.name == conversation_id, messages.c.role == "assistant")
        .order_by(messages.c.position.desc())
        .limit(1)
    )


def through(owner: Owner | None, message_id: str) -> Select[Any]:
    """How many messages stand in the conversation up to and including this one."""
    here = messages.alias("here")
    return (
        select(func.count())
        .select_from(messages)
        .join(here, here.c.conversation_id == messages.c.conversation_id)
        .join(conversations, conversations.c.id == messages.c.conversation_id)
        .where(belongs(owner), here.c.id == message_id, messages.c.position <= here.c.position)
    )


def refused_or_disliked(owner: Owner | None, limit: int) -> Select[Any]:
    """Answers that left a question open, with that question, newest first."""
    asked = messages.alias("asked")
    return (
        told(owner)
        .add_columns(asked.c.content.label("question"))
        .join(
            asked,
            (asked.c.conversation_id == messages.c.conversation_id)
            & (asked.c.position == messages.c.position - 1),
        )
        .where(or_(messages.c.refusal_reason.is_not(None), messages.c.rating == "down"))
        .order_by(messages.c.created.desc(), messages.c.position.desc())
        .limit(limit)
    )


def being_made(place: str) -> Select[Any]:
    """The answers of a conversation that have no end yet, with who makes them."""
    return (
        select(streams.c.message_id, streams.c.worker, workers.c.host, workers.c.process, workers.c.beat)
        .join(messages, messages.c.id == streams.c.message_id)
        .outerjoin(workers, workers.c.id == streams.c.worker)
        .where(messages.c.conversation_id == place, messages.c.status == "streaming")
    )


async def read_conversation(
    connection: AsyncConnection, owner: Owner | None, conversation_id: str
) -> Conversation:
    """One conversation. NotFound."""
    place = await place_of(connection, owner, conversation_id)
    found = await connection.execute(counted().where(conversations.c.id == place))
    return conversation_of(found.mappings().one())


def find_place(connection: Connection, owner: Owner | None, conversation_id: str) -> str | None:
    """Our own id of a conversation; the one used last, where no owner is named and several have one of this name."""
    query = (
        select(conversations.c.id)
        .where(belongs(owner), conversations.c.name == conversation_id)
        .order_by(conversations.c.updated.desc())
        .limit(1)
    )
    return connection.execute(query).scalar_one_or_none()


async def place_of(connection: AsyncConnection, owner: Owner | None, conversation_id: str) -> str:
    """As `find_place`. NotFound."""
    place = await connection.run_sync(find_place, owner, conversation_id)
    if place is None:
        raise no_conversation(conversation_id)
    return place


def take_places(
    connection: Connection, owner: Owner | None, asked: Asked, question: str, now: datetime
) -> Places:
    """The places of a question and its answer; creates a missing conversation.

    From here to the end of the transaction no other question gets a place in this conversation. IntegrityError when
    another process creates it at this moment.
    """
    place = find_place(connection, owner, asked.conversation_id)
    taking = (
        update(conversations)
        .where(conversations.c.id == place)
        .values(
            next_position=conversations.c.next_position + 2,
            updated=now,
            title=func.coalesce(func.nullif(conversations.c.title, ""), title_of(question)),
        )
        .returning(conversations.c.next_position, conversations.c.system_prompt, conversations.c.preferences)
    )
    row = None if place is None else connection.execute(taking).one_or_none()
    if place is not None and row is not None:
        return Places(place, row.next_position - 2, row.system_prompt, row.preferences or {})
    owned = owner or Owner()
    place = new_id()
    connection.execute(
        insert(conversations).values(
            id=place,
            name=asked.conversation_id,
            tenant=owned.tenant,
            user_id=owned.user,
            title=title_of(question),
            created=now,
            updated=now,
            next_position=2,
        )
    )
    return Places(place, 0, new=True)


def earlier_turns(connection: Connection, places: Places, asked: Asked) -> tuple[Turn, ...]:
    """What was said before the question, oldest first, within its bounds."""
    query = (
        select(messages.c.role, messages.c.content, messages.c.refusal.is_not(None).label("refused"))
        .where(
            messages.c.conversation_id == places.conversation,
            messages.c.position < places.position,
            messages.c.content != "",
        )
        .order_by(messages.c.position.desc())
        .limit(asked.history)
    )
    turns: list[Turn] = []
    room = asked.history_tokens * CHARACTERS_OF_A_TOKEN
    for row in connection.execute(query).mappings():
        room -= len(row["content"])
        if room < 0:
            break
        turns.append(Turn(row["role"], row["content"], refused=row["refused"]))
    return tuple(reversed(turns))


async def forget_title(connection: AsyncConnection, place: str) -> None:
    """Take the title off again where it is the words of the first question."""
    query = (
        select(messages.c.content, conversations.c.title)
        .join(conversations, conversations.c.id == messages.c.conversation_id)
        .where(messages.c.conversation_id == place)
        .order_by(messages.c.position)
        .limit(1)
    )
    first = (await connection.execute(query)).one_or_none()
    if first is not None and first.title == title_of(first.content):
        await connection.execute(update(conversations).where(conversations.c.id == place).values(title=""))


def title_of(question: str) -> str:
    """The question on one line, cut at a word."""
    line = " ".join(question.split())
    if len(line) <= TITLE_LENGTH:
        return line
    return line[: TITLE_LENGTH - 1].rsplit(" ", 1)[0] + "…"


def no_conversation(conversation_id: str) -> NotFound:
    return NotFound(
        f"There is no conversation {conversation_id!r}.",
        hint="It may have been deleted; leave conversation_id out to start a new one.",
        code="conversation_not_found",
    )


def no_message(message_id: str) -> NotFound:
    return NotFound(f"There is no answer {message_id!r}.", code="message_not_found")
