"""Run by Alembic: the steps are taken on the connection, and inside the transaction, of whoever called it."""

from alembic import context

from ragchat.conversations.database.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
