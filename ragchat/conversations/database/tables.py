"""The tables of the conversation database, in types that SQLite and PostgreSQL share.

`conversations.next_position` is the order of a conversation: taking places reads it FOR UPDATE and raises it,
which both databases serialise, so positions never clash however many processes write. `conversations.id` is ours and
never shown; `name` is the id that clients know, unique for its owner only, so that nobody learns whose ids exist.
`crc` is the checksum of a row (see seals.py).
"""

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
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
    false,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB

HEAD = "0004"
"""The newest migration, which these tables are in step with (tests compare them)."""


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
    Column("name", String(64), nullable=False, server_default=""),
    Column("tenant", String(256), nullable=False, server_default=""),
    Column("user_id", String(256)),
    Column("title", Text, nullable=False, default=""),
    Column("metadata", _Json),
    Column("system_prompt", Text, nullable=False, server_default=""),
    Column("preferences", _Json),
    Column("created", UtcDateTime, nullable=False),
    Column("updated", UtcDateTime, nullable=False),
    Column("next_position", Integer, nullable=False, default=0),
    Column("crc", BigInteger, nullable=False, server_default="0"),
    Index("conversations_by_use", "updated", "id"),
    Index("conversations_by_user", "user_id", "updated", "id"),
)
Index(
    "conversations_by_owner",
    conversations.c.tenant,
    func.coalesce(conversations.c.user_id, ""),
    conversations.c.name,
    unique=True,
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
    Column("crc", BigInteger, nullable=False, server_default="0"),
    UniqueConstraint("conversation_id", "position"),
    CheckConstraint("role IN ('user', 'assistant')", name="messages_role"),
    Index("messages_by_date", "created"),
    Index("messages_refused", "refusal_reason", "created"),
    Index("messages_rated", "rating", "created"),
)

streams = Table(
    "streams",
    metadata,
    Column("message_id", ForeignKey("messages.id", ondelete="CASCADE"), primary_key=True),
    Column("worker", String(32), nullable=False),
    Column("once", String(64), unique=True),
    Column("fingerprint", String(64), nullable=False, server_default=""),
    Column("stop", Boolean, nullable=False, server_default=false()),
    Column("read", UtcDateTime),
    Column("stored", UtcDateTime),
    Column("ended", UtcDateTime),
    Index("streams_by_worker", "worker", "ended"),
    Index("streams_by_end", "ended"),
)
"""One row for each answer whose events can be read again.

`worker` makes it; `once` is the hash of an Idempotency-Key and its owner, `fingerprint` that of the request; `stop`
asks the worker to end it; `read` is when another worker last read it for somebody; `stored` when its message got its
end, `ended` when the journal got its terminal event.
"""

journal = Table(
    "journal",
    metadata,
    Column("message_id", ForeignKey("streams.message_id", ondelete="CASCADE"), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("lines", Text, nullable=False),
    Column("crc", BigInteger, nullable=False, server_default="0"),
)
"""Events as they went out: `lines` are JSON, one event a line, the first with the number `seq`."""

workers = Table(
    "workers",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("host", String(128), nullable=False),
    Column("process", String(64), nullable=False),
    Column("beat", UtcDateTime, nullable=False),
)
"""Processes that make answers: where they run, and when each last said that it lives."""
