"""Conversations in a database: SQLAlchemy 2, async; SQLite by default, the same schema on PostgreSQL.

A call that returned has been committed with fsync (see database.py). Every call is one transaction.
"""

import asyncio
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from sqlalchemy import (
    Select,
    delete,
    func,
    insert,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from ragchat.conversations import (
    AnswerRecord,
    Conversation,
    ConversationPage,
    Feedback,
    StoredMessage,
    Unanswered,
)
from ragchat.conversations.database import WRITES, opened
from ragchat.conversations.rows import (
    answer_columns,
    conversation_of,
    cursor_after,
    message_of,
    read_cursor,
    unanswered_of,
)
from ragchat.conversations.tables import conversations, messages
from ragchat.errors import NotFound, StorageFailed, UsageError

TITLE_LENGTH = 80


class SqlConversationStore:
    """A `ConversationStore` at a SQLAlchemy URL ("sqlite+aiosqlite:///path"); opened and created on first use."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._engine: AsyncEngine | None = None
        self._opening = asyncio.Lock()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def create(
        self, *, conversation_id: str | None = None, user_id: str | None = None, title: str = ""
    ) -> Conversation:
        conversation_id = conversation_id or new_id()
        now = datetime.now(UTC)
        async with self._transaction(writes=True) as connection:
            try:
                await connection.execute(
                    insert(conversations).values(
                        id=conversation_id, user_id=user_id, title=title, created=now, updated=now
                    )
                )
            except IntegrityError as taken:
                raise UsageError(
                    f"There is a conversation {conversation_id!r} already.",
                    hint="Leave the id out to get a new one.",
                    code="conversation_exists",
                ) from taken
        return Conversation(conversation_id, title, user_id, now, now, 0)

    async def get(self, conversation_id: str) -> Conversation:
        async with self._transaction() as connection:
            return await _conversation(connection, conversation_id)

    async def list(
        self, *, user_id: str | None = None, limit: int = 50, cursor: str | None = None
    ) -> ConversationPage:
        query = _counted().order_by(conversations.c.updated.desc(), conversations.c.id.desc())
        if user_id is not None:
            query = query.where(conversations.c.user_id == user_id)
        if cursor:
            before = tuple_(
                *read_cursor(cursor), types=[conversations.c.updated.type, conversations.c.id.type]
            )
            query = query.where(tuple_(conversations.c.updated, conversations.c.id) < before)
        async with self._transaction() as connection:
            rows = (await connection.execute(query.limit(limit + 1))).mappings().all()
        found = tuple(conversation_of(row) for row in rows[:limit])
        return ConversationPage(found, cursor_after(found[-1]) if len(rows) > limit else None)

    async def rename(self, conversation_id: str, title: str) -> Conversation:
        async with self._transaction(writes=True) as connection:
            await connection.execute(
                update(conversations).where(conversations.c.id == conversation_id).values(title=title)
            )
            return await _conversation(connection, conversation_id)

    async def delete(self, conversation_id: str) -> None:
        async with self._transaction(writes=True) as connection:
            gone = await connection.execute(
                delete(conversations).where(conversations.c.id == conversation_id)
            )
            if not gone.rowcount:
                raise _no_conversation(conversation_id)

    async def clear(self, conversation_id: str) -> None:
        async with self._transaction(writes=True) as connection:
            await _conversation(connection, conversation_id)
            await connection.execute(delete(messages).where(messages.c.conversation_id == conversation_id))

    async def messages(
        self, conversation_id: str, *, after: int = -1, limit: int = 200
    ) -> Sequence[StoredMessage]:
        query = (
            select(messages)
            .where(messages.c.conversation_id == conversation_id, messages.c.position > after)
            .order_by(messages.c.position)
            .limit(limit)
        )
        async with self._transaction() as connection:
            await _conversation(connection, conversation_id)
            return [message_of(row) for row in (await connection.execute(query)).mappings()]

    async def message(self, message_id: str) -> StoredMessage:
        async with self._transaction() as connection:
            found = await connection.execute(select(messages).where(messages.c.id == message_id))
            row = found.mappings().one_or_none()
        if row is None:
            raise _no_message(message_id)
        return message_of(row)

    async def history(self, conversation_id: str, limit: int = 10) -> Sequence[StoredMessage]:
        query = (
            select(messages)
            .where(messages.c.conversation_id == conversation_id, messages.c.content != "")
            .order_by(messages.c.position.desc())
            .limit(limit)
        )
        async with self._transaction() as connection:
            rows = (await connection.execute(query)).mappings().all()
        return [message_of(row) for row in reversed(rows)]

    async def ask(
        self, conversation_id: str, question: str, *, answer_id: str, user_id: str | None = None
    ) -> StoredMessage:
        now = datetime.now(UTC)
        asked = {
            "id": new_id(),
            "role": "user",
            "status": "complete",
            "content": question,
            "conversation_id": conversation_id,
            "created": now,
        }
        place = {**asked, "id": answer_id, "role": "assistant", "status": "streaming", "content": ""}
        async with self._transaction(writes=True) as connection:
            position = await _take_places(connection, conversation_id, question, user_id, now)
            rows = [{**asked, "position": position}, {**place, "position": position + 1}]
            await connection.execute(insert(messages), rows)
        return StoredMessage(
            id=str(asked["id"]),
            conversation_id=conversation_id,
            position=position,
            role="user",
            status="complete",
            content=question,
            created=now,
        )

    async def finish(self, answer_id: str, record: AnswerRecord) -> None:
        async with self._transaction(writes=True) as connection:
            await connection.execute(
                update(messages).where(messages.c.id == answer_id).values(**answer_columns(record))
            )

    async def rate(self, message_id: str, feedback: Feedback | None) -> None:
        columns = {
            "rating": feedback.rating if feedback else None,
            "comment": feedback.comment if feedback else "",
        }
        async with self._transaction(writes=True) as connection:
            rated = await connection.execute(
                update(messages)
                .where(messages.c.id == message_id, messages.c.role == "assistant")
                .values(**columns)
            )
            if not rated.rowcount:
                raise _no_message(message_id)

    async def unanswered(self, *, limit: int = 100) -> Sequence[Unanswered]:
        asked = messages.alias("asked")
        query = (
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
        async with self._transaction() as connection:
            return [unanswered_of(row) for row in (await connection.execute(query)).mappings()]

    async def close(self) -> None:
        """Give the database back; a later call opens it again."""
        async with self._opening:
            engine, self._engine = self._engine, None
        if engine is not None:
            await engine.dispose()

    @asynccontextmanager
    async def _transaction(self, *, writes: bool = False) -> AsyncIterator[AsyncConnection]:
        """One transaction; the database's refusals become StorageFailed here and nowhere else."""
        try:
            engine = await self._open()
            async with engine.connect() as connection:
                await connection.execution_options(**{WRITES: writes})
                async with connection.begin():
                    yield connection
        except (DBAPIError, OSError) as refused:
            reason = getattr(refused, "orig", None) or refused
            raise StorageFailed(
                f"The conversation database refused: {reason}.",
                hint="Check that its disk has room and can be written (RAGCHAT_DATABASE_URL names it).",
                code="conversations_unavailable",
            ) from refused

    async def _open(self) -> AsyncEngine:
        async with self._opening:
            if self._engine is None:
                self._engine = await opened(self._url)
            return self._engine


def new_id() -> str:
    """An id nobody can guess: knowing a conversation's id is what lets a client continue it."""
    return uuid.uuid4().hex


def _counted() -> Select[tuple[object, ...]]:
    count = (
        select(func.count())
        .select_from(messages)
        .where(messages.c.conversation_id == conversations.c.id)
        .scalar_subquery()
    )
    return select(conversations, count.label("message_count"))


async def _conversation(connection: AsyncConnection, conversation_id: str) -> Conversation:
    found = await connection.execute(_counted().where(conversations.c.id == conversation_id))
    row = found.mappings().one_or_none()
    if row is None:
        raise _no_conversation(conversation_id)
    return conversation_of(row)


async def _take_places(
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


def _no_conversation(conversation_id: str) -> NotFound:
    return NotFound(
        f"There is no conversation {conversation_id!r}.",
        hint="It may have been deleted; leave conversation_id out to start a new one.",
        code="conversation_not_found",
    )


def _no_message(message_id: str) -> NotFound:
    return NotFound(f"There is no answer {message_id!r}.", code="message_not_found")
