"""Conversations in a database: SQLAlchemy 2, async; SQLite by default, the same schema on PostgreSQL.

A call that returned has been committed with fsync (see database.py). Every call is one transaction (see access.py).
What people write is stored without the keys and card numbers in it (ragchat.answering.moderation).
"""

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from ragchat.answering.moderation import redacted
from ragchat.conversations import (
    AnswerRecord,
    Conversation,
    ConversationPage,
    Feedback,
    StoredMessage,
    Unanswered,
    new_id,
)
from ragchat.conversations.access import Database
from ragchat.conversations.rows import (
    answer_columns,
    conversation_of,
    cursor_after,
    message_of,
    unanswered_of,
)
from ragchat.conversations.statements import (
    listed,
    no_conversation,
    no_message,
    read_conversation,
    refused_or_disliked,
    take_places,
    through,
)
from ragchat.conversations.tables import conversations, messages
from ragchat.errors import StorageFailed, UsageError


class SqlConversationStore:
    """A `ConversationStore` at a SQLAlchemy URL ("sqlite+aiosqlite:///path"); opened and created on first use."""

    def __init__(self, url: str) -> None:
        self._database = Database(url)

    @property
    def available(self) -> bool:
        return self._database.available

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
        title = redacted(title)
        now = datetime.now(UTC)
        async with self._database.transaction(writes=True) as connection:
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
        async with self._database.transaction() as connection:
            return await read_conversation(connection, conversation_id)

    async def list(
        self, *, user_id: str | None = None, limit: int = 50, cursor: str | None = None
    ) -> ConversationPage:
        query = listed(user_id, limit + 1, cursor)
        async with self._database.transaction() as connection:
            rows = (await connection.execute(query)).mappings().all()
        found = tuple(conversation_of(row) for row in rows[:limit])
        return ConversationPage(found, cursor_after(found[-1]) if len(rows) > limit else None)

    async def rename(self, conversation_id: str, title: str) -> Conversation:
        async with self._database.transaction(writes=True) as connection:
            await connection.execute(
                update(conversations)
                .where(conversations.c.id == conversation_id)
                .values(title=redacted(title))
            )
            return await read_conversation(connection, conversation_id)

    async def delete(self, conversation_id: str) -> None:
        async with self._database.transaction(writes=True) as connection:
            gone = await connection.execute(
                delete(conversations).where(conversations.c.id == conversation_id)
            )
            if not gone.rowcount:
                raise no_conversation(conversation_id)

    async def clear(self, conversation_id: str) -> None:
        async with self._database.transaction(writes=True) as connection:
            await read_conversation(connection, conversation_id)
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
        async with self._database.transaction() as connection:
            await read_conversation(connection, conversation_id)
            return [message_of(row) for row in (await connection.execute(query)).mappings()]

    async def message(self, message_id: str) -> StoredMessage:
        async with self._database.transaction() as connection:
            found = await connection.execute(select(messages).where(messages.c.id == message_id))
            row = found.mappings().one_or_none()
            if row is None:
                raise no_message(message_id)
            return message_of(row)

    async def count_through(self, message_id: str) -> int:
        async with self._database.transaction() as connection:
            return (await connection.execute(through(message_id))).scalar_one()

    async def history(self, conversation_id: str, limit: int = 10) -> Sequence[StoredMessage]:
        query = (
            select(messages)
            .where(messages.c.conversation_id == conversation_id, messages.c.content != "")
            .order_by(messages.c.position.desc())
            .limit(limit)
        )
        async with self._database.transaction() as connection:
            rows = (await connection.execute(query)).mappings().all()
            return [message_of(row) for row in reversed(rows)]

    async def ask(
        self, conversation_id: str, question: str, *, answer_id: str, user_id: str | None = None
    ) -> StoredMessage:
        now = datetime.now(UTC)
        question = redacted(question)
        asked = {
            "id": new_id(),
            "role": "user",
            "status": "complete",
            "content": question,
            "conversation_id": conversation_id,
            "created": now,
        }
        place = {**asked, "id": answer_id, "role": "assistant", "status": "streaming", "content": ""}
        async with self._database.transaction(writes=True) as connection:
            position = await take_places(connection, conversation_id, question, user_id, now)
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
        async with self._database.transaction(writes=True) as connection:
            await connection.execute(
                update(messages).where(messages.c.id == answer_id).values(**answer_columns(record))
            )

    async def rate(self, message_id: str, feedback: Feedback | None) -> None:
        columns = {
            "rating": feedback.rating if feedback else None,
            "comment": redacted(feedback.comment) if feedback else "",
        }
        async with self._database.transaction(writes=True) as connection:
            rated = await connection.execute(
                update(messages)
                .where(messages.c.id == message_id, messages.c.role == "assistant")
                .values(**columns)
            )
            if not rated.rowcount:
                raise no_message(message_id)

    async def unanswered(self, *, limit: int = 100) -> Sequence[Unanswered]:
        async with self._database.transaction() as connection:
            return [
                unanswered_of(row)
                for row in (await connection.execute(refused_or_disliked(limit))).mappings()
            ]

    async def try_again(self) -> None:
        probe = new_id()
        with suppress(StorageFailed):
            async with self._database.transaction(writes=True) as connection:
                now = datetime.now(UTC)
                await connection.execute(insert(conversations).values(id=probe, created=now, updated=now))
                await connection.execute(delete(conversations).where(conversations.c.id == probe))

    async def close(self) -> None:
        """Give the database back; a later call opens it again."""
        await self._database.close()
