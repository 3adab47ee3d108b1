"""What a process that died left behind: unfinished answers become partial ones, and every journal gets its end.

An answer of a living process gets its end here too when its journal could not be written to the end, so that whoever
follows it from another worker is not kept waiting.
"""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ragchat.answering.encoding import decode, encode
from ragchat.answering.events import Done, Error, Event, Token
from ragchat.conversations.database.tables import journal, messages, streams, workers
from ragchat.conversations.drafting import Draft
from ragchat.conversations.rows import answer_columns, message_of
from ragchat.conversations.statements import told
from ragchat.conversations.streaming.workers import LEASE, lives

if TYPE_CHECKING:
    from ragchat.conversations.values import StoredMessage

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
    message = message_of(stored)
    rows = await connection.execute(
        select(journal.c.lines).where(journal.c.message_id == message_id).order_by(journal.c.seq)
    )
    events = [decode(line) for lines in rows.scalars() for line in lines.split("\n")]
    if message.status == "streaming":
        draft = Draft()
        for event in events:
            draft.add(event)
        record = draft.ended or draft.partial("incomplete")
        columns = answer_columns(record)
        await connection.execute(update(messages).where(messages.c.id == message_id).values(**columns))
        done = Done("incomplete", record.content, record.citations, conversation_id=message.conversation_id)
        end: list[Event] = [done]
    else:
        end = closing(message, events)
    if not events or not isinstance(events[-1], Done | Error):
        seq = len(events)
        lines = "\n".join(encode(seq + index, event) for index, event in enumerate(end))
        await connection.execute(insert(journal).values(message_id=message_id, seq=seq, lines=lines))
    await connection.execute(
        update(streams).where(streams.c.message_id == message_id).values(ended=now, stored=now)
    )


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
