"""What became of all answers, for whoever runs the service: counts by day, and what readers said of them.

Statements and their values; they run inside a transaction that the store has opened (see store.py). Days are those of
UTC, on every database.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Date, RowMapping, Select, and_, case, func, or_, select, tuple_
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from ragchat.conversations.database.tables import conversations, messages
from ragchat.conversations.rows import read_cursor
from ragchat.conversations.statements import Owner, belongs, told
from ragchat.conversations.values import Rating


@dataclass(frozen=True, slots=True)
class DayOfUse:
    """What was asked on one day (UTC) and how it ended. `questions` counts all; `answered` to `failed` add up to it but
    for answers that are being made now. `cut` are stopped and incomplete ones; tokens are as the model counts them."""

    day: date
    questions: int = 0
    answered: int = 0
    nearest: int = 0
    refused: int = 0
    cut: int = 0
    failed: int = 0
    up: int = 0
    down: int = 0
    conversations: int = 0
    input_tokens: int = 0
    output_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Rated:
    """An answer that a reader rated, with its question; `outcome` is the reason of its refusal, else its finish."""

    message_id: str
    conversation_id: str
    question: str
    answer: str
    rating: Rating
    comment: str
    outcome: str
    asked: datetime


@dataclass(frozen=True, slots=True)
class RatedPage:
    """Newest first; `next_cursor` is opaque, None on the last page."""

    rated: tuple[Rated, ...]
    next_cursor: str | None


class _UtcDay(FunctionElement[date]):
    """The day of a time, whatever time zone the database's session has."""

    inherit_cache = True
    type = Date()


@compiles(_UtcDay)  # SQLite keeps UTC
def _plain_day(element: _UtcDay, compiler: SQLCompiler, **options: Any) -> str:
    return f"date({compiler.process(element.clauses, **options)})"


@compiles(_UtcDay, "postgresql")
def _zoned_day(element: _UtcDay, compiler: SQLCompiler, **options: Any) -> str:
    return f"CAST(timezone('UTC', {compiler.process(element.clauses, **options)}) AS date)"


def used_by_day(owner: Owner | None, since: datetime) -> Select[Any]:
    """A row for each day with questions; the columns are the fields of `DayOfUse`."""
    nearest = messages.c.refusal_reason == "nearest"
    counted = {
        "answered": messages.c.finish == "answered",
        "nearest": and_(messages.c.finish == "refused", nearest),
        "refused": and_(
            messages.c.finish.in_(("refused", "blocked")),
            or_(messages.c.refusal_reason.is_(None), messages.c.refusal_reason != "nearest"),
        ),
        "cut": or_(
            messages.c.finish.in_(("stopped", "incomplete")),
            and_(messages.c.finish.is_(None), messages.c.status == "partial"),
        ),
        "failed": messages.c.status == "failed",
        "up": messages.c.rating == "up",
        "down": messages.c.rating == "down",
    }
    day = _UtcDay(messages.c.created).label("day")
    columns: list[ColumnElement[Any]] = [
        day,
        func.count().label("questions"),
        *(func.sum(case((holds, 1), else_=0)).label(name) for name, holds in counted.items()),
        func.count(messages.c.conversation_id.distinct()).label("conversations"),
        func.sum(messages.c.input_tokens).label("input_tokens"),
        func.sum(messages.c.output_tokens).label("output_tokens"),
    ]
    return (
        select(*columns)
        .join(conversations, conversations.c.id == messages.c.conversation_id)
        .where(belongs(owner), messages.c.role == "assistant", messages.c.created >= since)
        .group_by(day)
    )


def days_of(rows: Iterable[RowMapping], first: date, last: date) -> list[DayOfUse]:
    """Every day from `first` to `last`, also those on which nothing was asked."""
    found: Mapping[date, RowMapping] = {row["day"]: row for row in rows}
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return [DayOfUse(**found[day]) if day in found else DayOfUse(day) for day in days]


def start_of(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def rated_answers(owner: Owner | None, rating: Rating | None, limit: int, cursor: str | None) -> Select[Any]:
    """Rated answers with the question before each, newest first. UsageError for a cursor that is none of ours."""
    asked = messages.alias("asked")
    query = (
        told(owner)
        .add_columns(asked.c.content.label("question"))
        .join(
            asked,
            (asked.c.conversation_id == messages.c.conversation_id)
            & (asked.c.position == messages.c.position - 1),
        )
        .where(messages.c.rating.is_not(None) if rating is None else messages.c.rating == rating)
        .order_by(messages.c.created.desc(), messages.c.id.desc())
        .limit(limit)
    )
    if cursor:
        before = tuple_(*read_cursor(cursor), types=[messages.c.created.type, messages.c.id.type])
        query = query.where(tuple_(messages.c.created, messages.c.id) < before)
    return query


def rated_of(row: RowMapping) -> Rated:
    return Rated(
        message_id=row["id"],
        conversation_id=row["conversation_name"],
        question=row["question"],
        answer=row["content"],
        rating=row["rating"],
        comment=row["comment"],
        outcome=row["refusal_reason"] or row["finish"] or row["status"],
        asked=row["created"],
    )
