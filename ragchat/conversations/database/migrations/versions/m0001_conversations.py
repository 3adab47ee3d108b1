"""Conversations and messages, as ragchat made them before it counted its schemas."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None

_JSON = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "conversations",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("user_id", sa.String(256)),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("created", _TIME, nullable=False),
        sa.Column("updated", _TIME, nullable=False),
        sa.Column("next_position", sa.Integer, nullable=False),
    )
    op.create_index("conversations_by_use", "conversations", ["updated", "id"])
    op.create_index("conversations_by_user", "conversations", ["user_id", "updated", "id"])
    op.create_table(
        "messages",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column(
            "conversation_id",
            sa.String(64),
            sa.ForeignKey("conversations.id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("created", _TIME, nullable=False),
        sa.Column("finish", sa.String(16)),
        sa.Column("refusal_reason", sa.String(32)),
        sa.Column("refusal", _JSON),
        sa.Column("sources", _JSON),
        sa.Column("citations", _JSON),
        sa.Column("grounded", sa.Float),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("generation", sa.Integer),
        sa.Column("input_tokens", sa.Integer, nullable=False),
        sa.Column("output_tokens", sa.Integer, nullable=False),
        sa.Column("timings", _JSON),
        sa.Column("error_code", sa.String(64), nullable=False),
        sa.Column("rating", sa.String(8)),
        sa.Column("comment", sa.Text, nullable=False),
        sa.UniqueConstraint("conversation_id", "position"),
        sa.CheckConstraint("role IN ('user', 'assistant')", name="messages_role"),
    )
    op.create_index("messages_refused", "messages", ["refusal_reason", "created"])
    op.create_index("messages_rated", "messages", ["rating", "created"])
