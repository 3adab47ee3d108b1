"""Where keys are kept: two small tables in RAGCHAT_DATABASE_URL's database, else in `keys.sqlite` beside the indexes.

A file of its own and not the conversations': who empties or moves those must not take the keys along, and it is
readable for its owner only. Synchronous; servers call it from a thread once a second (see ring.py).
"""

import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    DateTime,
    Engine,
    MetaData,
    String,
    Table,
    create_engine,
    func,
    insert,
    make_url,
    select,
    update,
)
from sqlalchemy.engine import Connection
from sqlalchemy.exc import ArgumentError, IntegrityError, SQLAlchemyError
from sqlalchemy.pool import NullPool
from sqlalchemy.schema import CreateTable

from ragchat.access.keys import Key, digest_of, new_secret
from ragchat.errors import NotFound, StorageFailed, UsageError

_DRIVERS: Final = {"sqlite": "sqlite", "postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}
"""The synchronous driver for a URL, whatever driver it names."""
_TOKEN_SECRET: Final = "tokens"
LOCK_SECONDS: Final = 5
_MAKING: Final = 0x7261_6B65
"""Of PostgreSQL's advisory locks: who makes the tables."""

_metadata = MetaData()
_keys = Table(
    "access_keys",
    _metadata,
    Column("id", String(32), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("scopes", JSON, nullable=False),
    Column("collections", JSON(none_as_null=True)),
    Column("tags", JSON(none_as_null=True)),
    Column("origins", JSON, nullable=False),
    Column("tokens_per_day", BigInteger),
    Column("created", DateTime(timezone=True), nullable=False),
    Column("expires", DateTime(timezone=True)),
    Column("revoked", DateTime(timezone=True)),
)
_secrets = Table(
    "access_secrets",
    _metadata,
    Column("name", String(32), primary_key=True),
    Column("value", String(128), nullable=False),
)


class KeyStore:
    """The keys of one installation. Raises StorageFailed where the database refuses."""

    def __init__(self, url: str) -> None:
        self._engine = _engine(url)
        self._made = False

    def create(self, **given: Any) -> tuple[Key, str]:
        """A new key of the fields of `Key` that are given, and its text, which nobody can look up again."""
        key_id, text = new_secret()
        key = Key(id=key_id, digest=digest_of(text), created=datetime.now(UTC), **given)
        with self._transaction() as connection:
            connection.execute(insert(_keys).values(_row(key)))
        return key, text

    def every(self) -> Sequence[Key]:
        """All of them, revoked ones too, oldest first. Empty where no key was ever made; makes no file."""
        if not self._made and not self._exists():
            return []
        with self._transaction() as connection:
            return [
                _key(row) for row in connection.execute(select(_keys).order_by(_keys.c.created)).mappings()
            ]

    def revoke(self, id_or_name: str) -> Sequence[Key]:
        """Revoke the key of this id, or all active keys of this name. NotFound when there is none."""
        now = datetime.now(UTC)
        found = [
            key for key in self.every() if id_or_name in (key.id, key.name) and key.state(now) == "active"
        ]
        if not found:
            raise NotFound(
                f"There is no active key {id_or_name!r}.",
                hint="`ragchat keys list` shows them.",
                code="no_such_key",
            )
        with self._transaction() as connection:
            ids = [key.id for key in found]
            connection.execute(update(_keys).where(_keys.c.id.in_(ids)).values(revoked=now))
        return found

    def token_secret(self) -> bytes:
        """The secret that signs tokens, made on first use; the same for every server on this database."""
        with self._transaction() as connection:
            if (stored := self._stored_secret(connection)) is not None:
                return bytes.fromhex(stored)
        try:
            with self._transaction() as connection:
                row = {"name": _TOKEN_SECRET, "value": secrets.token_hex(32)}
                connection.execute(insert(_secrets).values(row))
        except StorageFailed as refused:
            if not isinstance(refused.__cause__, IntegrityError):  # another server was quicker: take its one
                raise
        with self._transaction() as connection:
            return bytes.fromhex(str(self._stored_secret(connection)))

    def close(self) -> None:
        self._engine.dispose()

    def _stored_secret(self, connection: Connection) -> str | None:
        found = select(_secrets.c.value).where(_secrets.c.name == _TOKEN_SECRET)
        return connection.execute(found).scalar_one_or_none()

    def _exists(self) -> bool:
        file = self._engine.url.database
        return self._engine.dialect.name != "sqlite" or (file is not None and Path(file).exists())

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        try:
            if not self._made:
                self._make()
            with self._engine.begin() as connection:
                yield connection
        except (SQLAlchemyError, OSError) as refused:
            reason = str(getattr(refused, "orig", None) or refused).partition("\n")[0]
            raise StorageFailed(
                f"The keys cannot be read or stored: {reason}.",
                hint="Check that RAGCHAT_DATABASE_URL (else RAGCHAT_INDEX_DIR) can be reached and written.",
                code="keys_unavailable",
            ) from refused

    def _make(self) -> None:
        """The tables, if they are not there."""
        file = self._engine.url.database
        if self._engine.dialect.name == "sqlite" and file:
            Path(file).parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))
        with self._engine.begin() as connection:
            if (
                self._engine.dialect.name == "postgresql"
            ):  # two of the same moment collide in spite of IF NOT EXISTS
                connection.execute(select(func.pg_advisory_xact_lock(_MAKING)))
            for table in (_keys, _secrets):
                connection.execute(CreateTable(table, if_not_exists=True))
        self._made = True


def _engine(url: str) -> Engine:
    """Nothing is opened yet. No pool: it is used once a second, and a file that was replaced is seen."""
    try:
        target = make_url(url)
        target = target.set(drivername=_DRIVERS[target.get_backend_name()])
        sqlite = target.get_backend_name() == "sqlite"
        arguments = {"timeout": LOCK_SECONDS} if sqlite else {"connect_timeout": LOCK_SECONDS}
        return create_engine(target, poolclass=NullPool, connect_args=arguments)
    except (ArgumentError, KeyError, ModuleNotFoundError, ValueError):
        raise UsageError(
            f"RAGCHAT_DATABASE_URL ({url.partition(':')[0]}:…) cannot keep keys.",
            hint="Write sqlite:////path/to/file.sqlite, or postgresql://user:password@host/name with psycopg.",
            code="bad_database_url",
        ) from None


def _row(key: Key) -> dict[str, object]:
    return {
        "id": key.id,
        "name": key.name,
        "digest": key.digest,
        "scopes": sorted(key.scopes),
        "collections": None if key.collections is None else sorted(key.collections),
        "tags": None if key.tags is None else sorted(key.tags),
        "origins": sorted(key.origins),
        "tokens_per_day": key.tokens_per_day,
        "created": key.created,
        "expires": key.expires,
        "revoked": key.revoked,
    }


def _key(row: Any) -> Key:
    return Key(
        id=row["id"],
        name=row["name"],
        digest=row["digest"],
        scopes=frozenset(row["scopes"]),
        created=_utc(row["created"]),
        collections=None if row["collections"] is None else frozenset(row["collections"]),
        tags=None if row["tags"] is None else frozenset(row["tags"]),
        origins=frozenset(row["origins"]),
        expires=_utc(row["expires"]) if row["expires"] else None,
        revoked=_utc(row["revoked"]) if row["revoked"] else None,
        tokens_per_day=row["tokens_per_day"],
    )


def _utc(stored: datetime) -> datetime:
    """SQLite forgets the zone; what is written is UTC."""
    return stored.replace(tzinfo=UTC) if stored.tzinfo is None else stored.astimezone(UTC)
