"""The statements of the conversation store that are more than one line, and how a question takes its place.

They run inside a transaction that their caller has opened; committing and failing is the caller's business.
"""

from datetime import datetime

from sqlalchemy import Select, func, insert, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ragchat.conversations import Conversation
from ragchat.conversations.rows import conversation_of, read_cursor
from ragchat.conversations.tables import conversations, messages
from ragchat.errors import NotFound

TITLE_LENGTH = 80


def counted() -> Select[tuple[object, ...]]:
    """Conversations with their `message_count`."""
    count = (
        select(func.count())
        .select_from(messages)
        .where(messages.c.conversation_id == conversations.c.id)
        .scalar_subquery()
    )
    return select(conversations, count.label("message_count"))


def listed(user_id: str | None, limit: int, cursor: str | None) -> Select[tuple[object, ...]]:
    """A page of conversations, most recently used first. UsageError for a cursor that is none of ours."""
    query = counted().order_by(conversations.c.updated.desc(), conversations.c.id.desc()).limit(limit)
    if user_id is not None:
        query = query.where(conversations.c.user_id == user_id)
    if cursor:
        before = tuple_(*read_cursor(cursor), types=[conversations.c.updated.type, conversations.c.id.type])
        query = query.where(tuple_(conversations.c.updated, conversations.c.id) < before)
    return query


def through(message_id: str) -> Select[int]:
    """How many messages stand in the conversation up to and including this one."""
    here = messages.alias("here")
    return (
        select(func.count())
        .select_from(messages)
        .join(here, here.c.conversation_id == messages.c.conversation_id)
        .where(here.c.id == message_id, messages.c.position <= here.c.position)
    )


def refused_or_disliked(limit: int) -> Select[tuple[object, ...]]:
    """Answers that left a question open, with that question, newest first."""
    asked = messages.alias("asked")
    return (
        select(messages, asked.c.content.label("question"))
        .join(
            asked,
            (asked.c.conversation_id == messages.c.conversation_id)
            & (asked.c.position == messages.c.position - 1),
        )
        .where(or_(messages.c.refusal_reason.is_not(None), messages.c.rating == "down"))
        .order_by(messages.c.created.desc(), messages.c.position.desc())
        .limit(limit)
    )


async def read_conversation(connection: AsyncConnection, conversation_id: str) -> Conversation:
    """One conversation. NotFound."""
    found = await connection.execute(counted().where(conversations.c.id == conversation_id))
    row = found.mappings().one_or_none()
    if row is None:
        raise no_conversation(conversation_id)
    return conversation_of(row)


async def take_places(
    connection: AsyncConnection, conversation_id: str, question: str, user_id: str | None, now: datetime
) -> int:
    """The position of the question; its answer's is the next. Creates the conversation if there is none."""
    taken = await connection.execute(
        update(conversations)
        .where(conversations.c.id == conversation_id)
        .values(
            next_position=conversations.c.next_position + 2,
            updated=now,
            title=func.coalesce(func.nullif(conversations.c.title, ""), title_of(question)),
        )
        .returning(conversations.c.next_position)
    )
    position = taken.scalar_one_or_none()
    if position is not None:
        return int(position) - 2
    await connection.execute(
        insert(conversations).values(
            id=conversation_id,
            user_id=user_id,
            title=title_of(question),
            created=now,
            updated=now,
            next_position=2,
        )
    )
    return 0


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
