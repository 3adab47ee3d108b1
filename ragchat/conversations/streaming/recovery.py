"""What a process that died left behind: unfinished answers become partial ones, and every journal gets its end.

An answer of a living process gets its end here too when its journal could not be written to the end, so that whoever
follows it from another worker is not kept waiting.
"""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import RowMapping, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ragchat.answering.encoding import decode, encode
from ragchat.answering.events import Done, Error, Event, Token
from ragchat.conversations.database.seals import DamagedRow, changed, intact, sealed
from ragchat.conversations.database.tables import journal, messages, streams, workers
from ragchat.conversations.drafting import Draft
from ragchat.conversations.rows import answer_columns, message_of
from ragchat.conversations.statements import told
from ragchat.conversations.streaming.workers import LEASE, lives

if TYPE_CHECKING:
    from ragchat.conversations.values import StoredMessage

log = structlog.get_logger("ragchat.conversations")

PATIENCE = timedelta(seconds=5)
"""How long the terminal event of an answer that is stored may take to reach the journal."""


async def recovered(connection: AsyncConnection, worker: str, running: Collection[str], now: datetime) -> int:
    """Give an end to what nobody makes any more; `running` are the answers that `worker`, who asks, is making."""
    query = (
        select(streams, messages.c.status, workers.c.host, workers.c.process, workers.c.beat)
        .join(messages, messages.c.id == streams.c.message_id)
        .outerjoin(workers, workers.c.id == streams.c.worker)
        .where(streams.c.ended.is_(None))
    )
    left = 0
    for row in (await connection.execute(query)).mappings().all():
        mine = row["worker"] == worker
        if row["message_id"] in running:
            continue
        if row["stored"] is not None and row["stored"] > now - PATIENCE and (mine or lives(row, now)):
            continue
        if row["stored"] is None and not mine and lives(row, now):
            continue
        await _close(connection, row["message_id"], now)
        left += 1
    await connection.execute(delete(workers).where(workers.c.beat < now - 4 * LEASE))
    return left


async def _close(connection: AsyncConnection, message_id: str, now: datetime) -> None:
    found = await connection.execute(
        told(None).where(messages.c.id == message_id).with_for_update(of=messages)
    )
    stored = found.mappings().one_or_none()
    if stored is None:  # deleted at this moment
        return
    try:
        await _tell_the_end(connection, stored, await _told_so_far(connection, message_id))
    except DamagedRow as damaged:  # what is left of it stays as it is, for `ragchat verify` to name
        log.error("an answer that was cut short cannot be ended", reason=damaged.message)
    await connection.execute(
        update(streams).where(streams.c.message_id == message_id).values(ended=now, stored=now)
    )


async def _told_so_far(connection: AsyncConnection, message_id: str) -> list[Event]:
    query = select(journal).where(journal.c.message_id == message_id).order_by(journal.c.seq)
    events: list[Event] = []
    for row in (await connection.execute(query)).mappings():
        intact(journal, row)
        events += map(decode, row["lines"].split("\n"))
    return events


async def _tell_the_end(connection: AsyncConnection, stored: RowMapping, events: list[Event]) -> None:
    message = message_of(stored)
    if message.status == "streaming":
        draft = Draft()
        for event in events:
            draft.add(event)
        record = draft.ended or draft.partial("incomplete")
        columns = changed(messages, stored, answer_columns(record))
        await connection.execute(update(messages).where(messages.c.id == message.id).values(**columns))
        done = Done("incomplete", record.content, record.citations, conversation_id=message.conversation_id)
        end: list[Event] = [done]
    else:
        end = closing(message, events)
    if not events or not isinstance(events[-1], Done | Error):
        seq = len(events)
        lines = "\n".join(encode(seq + index, event) for index, event in enumerate(end))
        row = sealed(journal, {"message_id": message.id, "seq": seq, "lines": lines})
        await connection.execute(insert(journal).values(**row))


def closing(message: "StoredMessage", events: Iterable[Event]) -> list[Event]:
    """What a stream that broke off after `events` still has to say, by the message that was stored."""
    said = "".join(event.token for event in events if isinstance(event, Token))
    rest = message.content.removeprefix(said) if message.content.startswith(said) else ""
    end: Event
    if message.status == "failed":
        end = Error(message.error_code, "The answer broke off.", retryable=True)
    else:
        end = Done(
            finish=message.finish or "incomplete",
            response=message.content,
            citations=message.citations,
            grounded=message.grounded,
            refusal=message.refusal,
            usage=message.usage,
            timings=message.timings,
            conversation_id=message.conversation_id,
        )
    return [Token(rest), end] if rest else [end]
