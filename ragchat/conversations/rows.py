"""Rows to values and back: the one place where stored JSON becomes types. No SQL is run here."""

import base64
import binascii
import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any, TypeVar

import structlog
from pydantic import TypeAdapter
from sqlalchemy import RowMapping

from ragchat.answering.events import Citation, Refusal, Source, Usage
from ragchat.answering.moderating.secrets import redacted
from ragchat.conversations.database.seals import DamagedRow, intact
from ragchat.conversations.database.tables import conversations, messages
from ragchat.conversations.values import (
    AnswerRecord,
    Conversation,
    ConversationDraft,
    Feedback,
    StoredMessage,
    Unanswered,
)
from ragchat.errors import UsageError

T = TypeVar("T")
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")

log = structlog.get_logger("ragchat.conversations")

Row = Mapping[str, Any]
"""Column name to value, as SQLAlchemy binds it."""


@cache
def _sources() -> TypeAdapter[tuple[Source, ...]]:
    return TypeAdapter(tuple[Source, ...])


@cache
def _citations() -> TypeAdapter[tuple[Citation, ...]]:
    return TypeAdapter(tuple[Citation, ...])


@cache
def _refusal() -> TypeAdapter[Refusal | None]:
    return TypeAdapter(Refusal | None)


def answer_columns(record: AnswerRecord) -> Row:
    """The columns that the end of an answer fills."""
    return {
        "status": record.status,
        "content": record.content,
        "sources": _sources().dump_python(record.sources, mode="json"),
        "citations": _citations().dump_python(record.citations, mode="json"),
        "finish": record.finish,
        "refusal": _refusal().dump_python(record.refusal, mode="json"),
        "refusal_reason": record.refusal.reason if record.refusal and not record.narrowed else None,
        "grounded": record.grounded,
        "model": record.model,
        "generation": record.generation,
        "input_tokens": record.usage.input_tokens,
        "output_tokens": record.usage.output_tokens,
        "timings": dict(record.timings),
        "error_code": record.error_code,
    }


def message_of(row: RowMapping) -> StoredMessage:
    """A row of `messages` with the `conversation_name` that clients know. DamagedRow."""
    intact(messages, row)
    return StoredMessage(
        id=row["id"],
        conversation_id=row["conversation_name"],
        position=row["position"],
        role=row["role"],
        status=row["status"],
        content=row["content"],
        created=row["created"],
        sources=_sources().validate_python(row["sources"] or ()),
        citations=_citations().validate_python(row["citations"] or ()),
        finish=row["finish"],
        refusal=_refusal().validate_python(row["refusal"]),
        grounded=row["grounded"],
        model=row["model"],
        generation=row["generation"],
        usage=Usage(row["input_tokens"], row["output_tokens"]),
        timings=row["timings"] or {},
        error_code=row["error_code"],
        feedback=Feedback(row["rating"], row["comment"]) if row["rating"] else None,
    )


def conversation_of(row: RowMapping) -> Conversation:
    """A row of `conversations` with its `message_count`. DamagedRow."""
    intact(conversations, row)
    return Conversation(
        id=row["name"],
        title=row["title"],
        user_id=row["user_id"],
        created=row["created"],
        updated=row["updated"],
        message_count=row["message_count"],
        metadata=row["metadata"] or {},
        system_prompt=row["system_prompt"],
        preferences=row["preferences"] or {},
    )


def draft_columns(draft: ConversationDraft) -> Row:
    """The columns that it gives; keys and card numbers are taken out of what people write."""
    columns = {
        "title": redacted(draft.title) if draft.title is not None else None,
        "metadata": dict(draft.metadata) if draft.metadata is not None else None,
        "system_prompt": redacted(draft.system_prompt) if draft.system_prompt is not None else None,
        "preferences": dict(draft.preferences) if draft.preferences is not None else None,
    }
    return {name: value for name, value in columns.items() if value is not None}


def unanswered_of(row: RowMapping) -> Unanswered:
    """A refused or disliked answer joined with its question, whose columns are `asked_…`. DamagedRow."""
    intact(messages, row)
    return Unanswered(
        message_id=row["id"],
        conversation_id=row["conversation_name"],
        question=question_of(row),
        why=row["refusal_reason"] or "disliked",
        comment=row["comment"],
        asked=row["created"],
    )


def question_of(row: RowMapping) -> str:
    """The words of the question whose columns a row holds as `asked_…`; empty when it holds none. DamagedRow."""
    asked = {column.name: row[f"asked_{column.name}"] for column in messages.columns}
    if asked["id"] is None:
        return ""
    intact(messages, asked)
    return str(asked["content"])


def whole(rows: Iterable[RowMapping], read: Callable[[RowMapping], T]) -> list[T]:
    """What `read` makes of each row. One that is damaged is left out of a list, and named in the log."""
    found = []
    for row in rows:
        try:
            found.append(read(row))
        except DamagedRow as damaged:
            log.error("left out of a list", reason=damaged.message)
    return found


def cursor_after(row: RowMapping, moment: str = "updated") -> str:
    """Where the page after this row starts, in the order of the column `moment`; opaque and URL-safe."""
    place = json.dumps([row[moment].timestamp(), row["id"]])
    return base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")


def read_cursor(cursor: str) -> tuple[datetime, str]:
    """(moment, id) of the last row of the page before."""
    try:
        place = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        moment, conversation_id = place
        if not _ID.fullmatch(conversation_id):  # a lone surrogate or U+0000 would reach the database
            raise ValueError(conversation_id)
        return datetime.fromtimestamp(float(moment), UTC), conversation_id
    except (binascii.Error, ValueError, TypeError, OverflowError, OSError) as wrong:
        raise UsageError(
            "This cursor does not come from a page of this list.",
            hint="Use the next_cursor of the page before, or leave it out for the first page.",
            code="bad_cursor",
        ) from wrong
