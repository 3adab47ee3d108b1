"""The journal in SQL: events of many answers appended in one commit, read again from anywhere.

A row holds what one commit brought of one answer. Rows hang on their answer's stream, that on its message: deleting a
conversation takes every word of it along.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from ragchat.conversations.contract import Wish
from ragchat.conversations.database.access import Database
from ragchat.conversations.database.seals import intact, sealed
from ragchat.conversations.database.tables import journal, streams, workers
from ragchat.conversations.streaming.recovery import recovered
from ragchat.conversations.streaming.workers import here, this_process

Lines = tuple[int, Sequence[str]]
"""Number of the first line, and the lines."""


class SqlJournal:
    """A `Journal` in a conversation database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def append(self, lines: Mapping[str, Lines], ended: Collection[str]) -> set[str]:
        return await self._database.at_once(lambda connection: _appended(connection, lines, ended))

    async def read(self, message_id: str, after: int = -1) -> list[tuple[int, str]]:
        # The row in which `after` lies begins at or before it: the newest of those, and all that come behind.
        first = (
            select(journal.c.seq)
            .where(journal.c.message_id == message_id, journal.c.seq <= after + 1)
            .order_by(journal.c.seq.desc())
            .limit(1)
            .scalar_subquery()
        )
        query = (
            select(journal)
            .where(journal.c.message_id == message_id, journal.c.seq >= first)
            .order_by(journal.c.seq)
        )
        async with self._database.transaction() as connection:
            rows = (await connection.execute(query)).mappings().all()
        for row in rows:
            intact(journal, row)
        numbered = (
            (row["seq"] + index, line) for row in rows for index, line in enumerate(row["lines"].split("\n"))
        )
        return [(seq, line) for seq, line in numbered if seq > after]

    async def has_ended(self, message_id: str) -> bool:
        query = select(streams.c.ended).where(streams.c.message_id == message_id)
        async with self._database.transaction() as connection:
            row = (await connection.execute(query)).one_or_none()
        return row is None or row.ended is not None

    async def ask_to_stop(self, message_id: str) -> None:
        async with self._database.transaction(writes=True) as connection:
            await connection.execute(
                update(streams).where(streams.c.message_id == message_id).values(stop=True)
            )

    async def read_now(self, message_id: str) -> None:
        now = datetime.now(UTC)
        async with self._database.transaction(writes=True) as connection:
            await connection.execute(
                update(streams).where(streams.c.message_id == message_id).values(read=now)
            )

    async def wishes(self, worker: str) -> list[Wish]:
        query = select(streams.c.message_id, streams.c.stop, streams.c.read).where(
            streams.c.worker == worker, streams.c.ended.is_(None)
        )
        async with self._database.transaction() as connection:
            return [Wish(*row) for row in await connection.execute(query)]

    async def beat(self, worker: str) -> None:
        row = {"host": here(), "process": this_process(), "beat": datetime.now(UTC)}
        async with self._database.transaction(writes=True) as connection:
            told = await connection.execute(update(workers).where(workers.c.id == worker).values(**row))
            if not told.rowcount:
                await connection.execute(insert(workers).values(id=worker, **row))

    async def leave(self, worker: str) -> None:
        async with self._database.transaction(writes=True) as connection:
            await connection.execute(delete(workers).where(workers.c.id == worker))

    async def recover(self, worker: str, running: Collection[str] = ()) -> int:
        async with self._database.transaction(writes=True) as connection:
            return await recovered(connection, worker, running, datetime.now(UTC))


def _appended(connection: Connection, lines: Mapping[str, Lines], ended: Collection[str]) -> set[str]:
    gone = _append(connection, lines)
    kept = [message_id for message_id in ended if message_id not in gone]
    if kept:
        now = datetime.now(UTC)
        connection.execute(update(streams).where(streams.c.message_id.in_(kept)).values(ended=now))
    return gone


def _append(connection: Connection, lines: Mapping[str, Lines]) -> set[str]:
    """Append all of them; the messages among them that were deleted meanwhile."""
    rows = [
        sealed(journal, {"message_id": message_id, "seq": seq, "lines": "\n".join(told)})
        for message_id, (seq, told) in lines.items()
    ]
    if not rows:
        return set()
    try:
        with connection.begin_nested():
            connection.execute(insert(journal), rows)
        return set()
    except IntegrityError:
        if len(rows) == 1:
            return set(lines)
    gone: set[str] = set()
    for message_id, told in lines.items():
        gone |= _append(connection, {message_id: told})
    return gone
