"""An index of messages by date, for what reads those of some days (the usage that the admin page plots)."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_index("messages_by_date", "messages", ["created"])
