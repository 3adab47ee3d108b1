"""Bringing a conversation database up to date: run whenever one is opened, under a lock, in one transaction.

Alembic counts the schemas; it is loaded only where there is something to do. An empty database gets today's tables at
once, one that ragchat made before it counted is taken over as the first schema.
"""

import io
from pathlib import Path

import structlog
from sqlalchemy import Column, Connection, MetaData, String, Table, insert, inspect, select, text

from ragchat.conversations.database.tables import HEAD, metadata
from ragchat.errors import StorageFailed

FIRST = "0001"
_LOCK = 0x7261_6763
"""Of PostgreSQL's advisory locks; SQLite has one writer at a time anyway."""

_version = Table(
    "alembic_version", MetaData(), Column("version_num", String(32), primary_key=True, nullable=False)
)
log = structlog.get_logger("ragchat.conversations")


def up_to_date(connection: Connection) -> bool:
    """Whether the tables are today's; reads only."""
    return _schema_of(connection) == HEAD


def bring_up_to_date(connection: Connection) -> None:
    """Make the tables today's, inside the writing transaction that is open. StorageFailed for a newer database."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    found = _schema_of(connection)
    if found == HEAD:
        return
    if found is None and not inspect(connection).has_table("conversations"):
        metadata.create_all(connection)
        _stamp(connection, HEAD)
        return
    if found is None:
        _stamp(connection, FIRST)
    _upgrade(connection, found or FIRST)


def _schema_of(connection: Connection) -> str | None:
    """The number of the schema; None for an empty database and one from before they were counted."""
    if not inspect(connection).has_table(_version.name):
        return None
    return connection.execute(select(_version.c.version_num)).scalar_one_or_none()


def _stamp(connection: Connection, number: str) -> None:
    _version.create(connection)
    connection.execute(insert(_version).values(version_num=number))


def _upgrade(connection: Connection, found: str) -> None:
    from alembic import command  # heavy, and needed once for each new schema
    from alembic.config import Config  # as above
    from alembic.script import ScriptDirectory  # as above
    from alembic.util import CommandError  # as above

    config = Config(stdout=io.StringIO())
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        ScriptDirectory.from_config(config).get_revision(found)
    except CommandError:
        raise StorageFailed(
            f"The conversation database has schema {found}, which is newer than this ragchat knows ({HEAD}).",
            hint="Update ragchat, or let RAGCHAT_DATABASE_URL name another database.",
            code="conversations_too_new",
        ) from None
    command.upgrade(config, "head")
    log.info("the conversation database was brought up to date", before=found, now=HEAD)
