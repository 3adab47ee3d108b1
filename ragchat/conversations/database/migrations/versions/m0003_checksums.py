"""A checksum for each row that somebody is told of. What is there is sealed as it stands."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

from ragchat.conversations.database.seals import checksum
from ragchat.conversations.database.tables import UtcDateTime

revision = "0003"
down_revision = "0002"

_TABLES = {"conversations": ("id",), "messages": ("id",), "journal": ("message_id", "seq")}
_AT_ONCE = 500
"""Rows that are read, and sealed, at once."""


def upgrade() -> None:
    for name, keys in _TABLES.items():
        op.add_column(name, sa.Column("crc", sa.BigInteger, nullable=False, server_default="0"))
        _seal(sa.Table(name, sa.MetaData(), *_columns(name)), keys)


def _columns(name: str) -> Iterator[sa.Column[Any]]:
    for column in sa.inspect(op.get_bind()).get_columns(name):
        moment = isinstance(column["type"], sa.DateTime)
        yield sa.Column(column["name"], UtcDateTime() if moment else column["type"])


def _seal(table: sa.Table, keys: tuple[str, ...]) -> None:
    found = op.get_bind()
    same = sa.and_(*(table.c[key] == sa.bindparam(f"at_{key}") for key in keys))
    writing = sa.update(table).where(same).values(crc=sa.bindparam("sum"))
    places = [tuple(row) for row in found.execute(sa.select(*(table.c[key] for key in keys)))]
    for start in range(0, len(places), _AT_ONCE):
        these = sa.tuple_(*(table.c[key] for key in keys)).in_(places[start : start + _AT_ONCE])
        rows = found.execute(sa.select(table).where(these)).mappings().all()
        sums = [{f"at_{key}": row[key] for key in keys} | {"sum": checksum(table, row)} for row in rows]
        found.execute(writing, sums)
