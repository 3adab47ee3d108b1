"""Owners, instructions and preferences of conversations; streams with their journal; the processes that make them.

Conversations of before keep their id as the name that clients know; answers that were cut then become partial, since
no process can be making them.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"

_JSON = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
_ID = sa.String(64)
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    for column in (
        sa.Column("name", sa.String(64), nullable=False, server_default=""),
        sa.Column("tenant", sa.String(256), nullable=False, server_default=""),
        sa.Column("metadata", _JSON),
        sa.Column("system_prompt", sa.Text, nullable=False, server_default=""),
        sa.Column("preferences", _JSON),
    ):
        op.add_column("conversations", column)
    op.execute("UPDATE conversations SET name = id")
    op.execute("UPDATE messages SET status = 'partial', finish = 'incomplete' WHERE status = 'streaming'")
    owner = ("tenant", sa.text("coalesce(user_id, '')"), "name")
    op.create_index("conversations_by_owner", "conversations", owner, unique=True)
    op.create_table(
        "streams",
        sa.Column("message_id", _ID, sa.ForeignKey("messages.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("worker", sa.String(32), nullable=False),
        sa.Column("once", sa.String(64), unique=True),
        sa.Column("fingerprint", sa.String(64), nullable=False, server_default=""),
        sa.Column("stop", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("read", _TIME),
        sa.Column("stored", _TIME),
        sa.Column("ended", _TIME),
    )
    op.create_index("streams_by_worker", "streams", ["worker", "ended"])
    op.create_index("streams_by_end", "streams", ["ended"])
    op.create_table(
        "journal",
        sa.Column(
            "message_id", _ID, sa.ForeignKey("streams.message_id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("seq", sa.Integer, primary_key=True),
        sa.Column("lines", sa.Text, nullable=False),
    )
    op.create_table(
        "workers",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("host", sa.String(128), nullable=False),
        sa.Column("process", sa.String(64), nullable=False),
        sa.Column("beat", _TIME, nullable=False),
    )
