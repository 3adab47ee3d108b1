"""The two tables of the conversation store, in types that SQLite and PostgreSQL share.

`conversations.next_position` is the order of a conversation: taking places is one UPDATE … RETURNING of it, which
both databases serialise, so positions never clash however many processes write.
"""

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC datetime; SQLite forgets the zone, so it is put back on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.astimezone(UTC) if value is not None else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


_Json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")

metadata = MetaData()

conversations = Table(
    "conversations",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("user_id", String(256)),
    Column("title", Text, nullable=False, default=""),
    Column("created", UtcDateTime, nullable=False),
    Column("updated", UtcDateTime, nullable=False),
    Column("next_position", Integer, nullable=False, default=0),
    Index("conversations_by_use", "updated", "id"),
    Index("conversations_by_user", "user_id", "updated", "id"),
)

messages = Table(
    "messages",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("conversation_id", ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("role", String(16), nullable=False),
    Column("status", String(16), nullable=False),
    Column("content", Text, nullable=False),
    Column("created", UtcDateTime, nullable=False),
    Column("finish", String(16)),
    Column("refusal_reason", String(32)),
    Column("refusal", _Json),
    Column("sources", _Json),
    Column("citations", _Json),
    Column("grounded", Float),
    Column("model", Text, nullable=False, default=""),
    Column("generation", Integer),
    Column("input_tokens", Integer, nullable=False, default=0),
    Column("output_tokens", Integer, nullable=False, default=0),
    Column("timings", _Json),
    Column("error_code", String(64), nullable=False, default=""),
    Column("rating", String(8)),
    Column("comment", Text, nullable=False, default=""),
    UniqueConstraint("conversation_id", "position"),
    CheckConstraint("role IN ('user', 'assistant')", name="messages_role"),
    Index("messages_refused", "refusal_reason", "created"),
    Index("messages_rated", "rating", "created"),
)
