"""Conversations in a database: SQLAlchemy 2, async; SQLite by default, the same schema on PostgreSQL.

Every call is one transaction (see database/access.py). What a reader is told is done (an answer's end, a deletion, a
new title) is committed durably; a question and the journal survive a kill, and a power cut with the next such commit.
What people write is stored without the keys and card numbers in it (ragchat.answering.moderating).
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from types import TracebackType
from typing import Any, Self

from sqlalchemy import Select, and_, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from ragchat.answering.moderating.secrets import redacted
from ragchat.conversations.contract import Stream
from ragchat.conversations.database.access import Database
from ragchat.conversations.database.seals import sealed
from ragchat.conversations.database.tables import conversations, messages, streams
from ragchat.conversations.looking_back import (
    DayOfUse,
    RatedPage,
    days_of,
    rated_answers,
    rated_of,
    start_of,
    used_by_day,
)
from ragchat.conversations.rows import (
    answer_columns,
    conversation_of,
    cursor_after,
    draft_columns,
    message_of,
    question_of,
    unanswered_of,
    whole,
)
from ragchat.conversations.statements import (
    Owner,
    belongs,
    forget_title,
    listed,
    newest,
    no_message,
    place_of,
    read_conversation,
    refused_or_disliked,
    rewrite,
    through,
    told,
)
from ragchat.conversations.streaming.asking import TakenBack, recorded_question
from ragchat.conversations.streaming.journal import SqlJournal
from ragchat.conversations.values import (
    AnswerRecord,
    Asked,
    AskedBefore,
    Begun,
    Busy,
    Conversation,
    ConversationDraft,
    ConversationPage,
    Feedback,
    Latest,
    Rating,
    StoredMessage,
    Unanswered,
    new_id,
)
from ragchat.errors import StorageFailed, UsageError

KEPT = timedelta(minutes=5)
"""How long the events of an answer can be read again after its end."""
EMPTYING = 20
"""Times that SQLite's log is tried to be emptied after a deletion, a twentieth of a second apart."""

TRIES = 3
"""Times that a question is recorded when another process takes the same place at the same moment."""


class SqlConversationStore:
    """A `ConversationStore` at a SQLAlchemy URL ("sqlite+aiosqlite:///path"); opened and created on first use."""

    def __init__(self, url: str) -> None:
        self._database = Database(url)
        self._quick = Database(url, durable=False, beside=self._database)
        self._owner: Owner | None = None
        self.journal = SqlJournal(self._quick)

    def of(self, tenant: str, user: str | None) -> Self:
        view = type(self).__new__(type(self))
        view._database, view._quick, view.journal = self._database, self._quick, self.journal
        view._owner = Owner(tenant, user)
        return view

    def owns(self, tenant: str, user: str | None) -> bool:
        return self._owner is None or self._owner == Owner(tenant, user)

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
        self, *, conversation_id: str | None = None, draft: ConversationDraft | None = None
    ) -> Conversation:
        name, owner, now = conversation_id or new_id(), self._owner or Owner(), datetime.now(UTC)
        columns = {"title": "", **draft_columns(draft or ConversationDraft())}
        row = {
            "id": new_id(),
            "name": name,
            "tenant": owner.tenant,
            "user_id": owner.user,
            "created": now,
            "updated": now,
            **columns,
        }
        async with self._database.transaction(writes=True) as connection:
            try:
                await connection.execute(insert(conversations).values(**sealed(conversations, row)))
            except IntegrityError as taken:
                raise UsageError(
                    f"There is a conversation {name!r} already.",
                    hint="Leave the id out to get a new one.",
                    code="conversation_exists",
                ) from taken
        return Conversation(name, user_id=owner.user, created=now, updated=now, message_count=0, **columns)

    async def get(self, conversation_id: str) -> Conversation:
        async with self._database.transaction() as connection:
            return await read_conversation(connection, self._owner, conversation_id)

    async def list(
        self, *, user_id: str | None = None, limit: int = 50, cursor: str | None = None
    ) -> ConversationPage:
        query = listed(self._owner, user_id, limit + 1, cursor)
        async with self._database.transaction() as connection:
            rows = (await connection.execute(query)).mappings().all()
        found = whole(rows[:limit], conversation_of)
        return ConversationPage(tuple(found), cursor_after(rows[limit - 1]) if len(rows) > limit else None)

    async def change(self, conversation_id: str, draft: ConversationDraft) -> Conversation:
        columns = draft_columns(draft)
        async with self._database.transaction(writes=True) as connection:
            place = await place_of(connection, self._owner, conversation_id)
            if columns:
                await connection.run_sync(
                    rewrite, conversations, conversations.c.id == place, lambda _: columns
                )
            return await read_conversation(connection, self._owner, conversation_id)

    async def delete(self, conversation_id: str) -> None:
        async with self._database.transaction(writes=True) as connection:
            place = await place_of(connection, self._owner, conversation_id)
            await connection.execute(delete(conversations).where(conversations.c.id == place))
        await self._forget()

    async def clear(self, conversation_id: str) -> None:
        async with self._database.transaction(writes=True) as connection:
            place = await place_of(connection, self._owner, conversation_id)
            await forget_title(connection, place)
            await connection.execute(delete(messages).where(messages.c.conversation_id == place))
        await self._forget()

    async def _forget(self) -> None:
        """What was deleted leaves SQLite's log as well; whoever still reads it is waited for, not for ever."""
        for _ in range(EMPTYING):
            if await self._database.forget_deleted():
                return
            await asyncio.sleep(0.05)

    async def messages(
        self, conversation_id: str, *, after: int = -1, limit: int = 200
    ) -> Sequence[StoredMessage]:
        async with self._database.transaction() as connection:
            place = await place_of(connection, self._owner, conversation_id)
            query = told(self._owner).where(messages.c.conversation_id == place, messages.c.position > after)
            rows = (await connection.execute(query.order_by(messages.c.position).limit(limit))).mappings()
            return [message_of(row) for row in rows]

    async def message(self, message_id: str) -> StoredMessage:
        async with self._database.transaction() as connection:
            found = await connection.execute(told(self._owner).where(messages.c.id == message_id))
            row = found.mappings().one_or_none()
            if row is None:
                raise no_message(message_id)
            return message_of(row)

    async def count_through(self, message_id: str) -> int:
        async with self._database.transaction() as connection:
            return int((await connection.execute(through(self._owner, message_id))).scalar_one())

    async def history(self, conversation_id: str, limit: int = 10) -> Sequence[StoredMessage]:
        query = (
            told(self._owner)
            .where(conversations.c.name == conversation_id, messages.c.content != "")
            .order_by(messages.c.position.desc())
            .limit(limit)
        )
        async with self._database.transaction() as connection:
            rows = (await connection.execute(query)).mappings().all()
            return [message_of(row) for row in reversed(rows)]

    async def latest(self, conversation_id: str) -> Latest | None:
        query = newest(self._owner, conversation_id)
        async with self._database.transaction() as connection:
            row = (await connection.execute(query)).mappings().one_or_none()
        return None if row is None else Latest(row["id"], question_of(row), row["status"] == "streaming")

    async def ask(self, asked: Asked) -> Begun | Busy | AskedBefore:
        owner = self._owner or Owner()
        once = f"{owner.tenant}\0{owner.user or ''}\0{asked.once}"
        key = sha256(once.encode()).hexdigest() if asked.once is not None else None
        for _ in range(TRIES):
            with suppress(IntegrityError):
                try:
                    return await self._quick.at_once(
                        lambda connection: recorded_question(connection, self._owner, asked, key)
                    )
                except TakenBack as instead:
                    return instead.result
        raise StorageFailed("This question could not be stored.", code="conversations_unavailable")

    async def finish(self, answer_id: str, record: AnswerRecord) -> None:
        now = datetime.now(UTC)
        async with self._database.transaction(writes=True) as connection:
            await connection.run_sync(
                rewrite, messages, messages.c.id == answer_id, lambda _: answer_columns(record)
            )
            await connection.execute(
                update(streams).where(streams.c.message_id == answer_id).values(stored=now)
            )

    async def withdraw(self, answer_id: str) -> None:
        here = messages.alias("here")
        pair = (
            select(messages.c.id)
            .join(here, here.c.conversation_id == messages.c.conversation_id)
            .where(here.c.id == answer_id, messages.c.position.in_([here.c.position, here.c.position - 1]))
        )
        async with self._database.transaction(writes=True) as connection:
            await connection.execute(delete(messages).where(messages.c.id.in_(pair)))

    async def stream(self, message_id: str) -> Stream | None:
        query: Select[Any] = (
            select(messages.c.id, streams.c.worker, streams.c.ended)
            .join(conversations, conversations.c.id == messages.c.conversation_id)
            .outerjoin(streams, streams.c.message_id == messages.c.id)
            .where(belongs(self._owner), messages.c.id == message_id)
        )
        async with self._database.transaction() as connection:
            row = (await connection.execute(query)).mappings().one_or_none()
        if row is None:
            raise no_message(message_id)
        if row["worker"] is None:
            return None
        return Stream(message_id, row["worker"], row["ended"] is not None)

    async def rate(self, message_id: str, feedback: Feedback | None) -> None:
        columns = {
            "rating": feedback.rating if feedback else None,
            "comment": redacted(feedback.comment) if feedback else "",
        }
        mine = select(conversations.c.id).where(belongs(self._owner))
        which = and_(
            messages.c.id == message_id,
            messages.c.role == "assistant",
            messages.c.conversation_id.in_(mine),
        )
        async with self._database.transaction(writes=True) as connection:
            if not await connection.run_sync(rewrite, messages, which, lambda _: columns):
                raise no_message(message_id)

    async def unanswered(self, *, limit: int = 100) -> Sequence[Unanswered]:
        query = refused_or_disliked(self._owner, limit)
        async with self._database.transaction() as connection:
            return whole((await connection.execute(query)).mappings(), unanswered_of)

    async def usage(self, *, first: date, last: date) -> Sequence[DayOfUse]:
        query = used_by_day(self._owner, start_of(first))
        async with self._database.transaction() as connection:
            return days_of((await connection.execute(query)).mappings().all(), first, last)

    async def rated(
        self, *, rating: Rating | None = None, limit: int = 50, cursor: str | None = None
    ) -> RatedPage:
        query = rated_answers(self._owner, rating, limit + 1, cursor)
        async with self._database.transaction() as connection:
            rows = (await connection.execute(query)).mappings().all()
        more = cursor_after(rows[limit - 1], "created") if len(rows) > limit else None
        return RatedPage(tuple(rated_of(row) for row in rows[:limit]), more)

    async def sweep(self, *, unused: timedelta | None = None) -> int:
        now = datetime.now(UTC)
        running = (
            select(messages.c.conversation_id)
            .join(streams, streams.c.message_id == messages.c.id)
            .where(streams.c.ended.is_(None))
        )
        gone = 0
        async with self._database.transaction(writes=True) as connection:
            swept = await connection.execute(delete(streams).where(streams.c.ended < now - KEPT))
            if unused is not None:
                old = delete(conversations).where(conversations.c.updated < now - unused)
                gone = (await connection.execute(old.where(conversations.c.id.not_in(running)))).rowcount
        if gone or swept.rowcount:
            await self._forget()
        return gone

    async def try_again(self) -> None:
        probe = new_id()
        with suppress(StorageFailed):
            async with self._database.transaction(writes=True) as connection:
                now = datetime.now(UTC)
                row = sealed(conversations, {"id": probe, "name": probe, "created": now, "updated": now})
                await connection.execute(insert(conversations).values(**row))
                await connection.execute(delete(conversations).where(conversations.c.id == probe))

    async def close(self) -> None:
        """Give the database back; a later call opens it again."""
        await self._quick.close()
        await self._database.close()
