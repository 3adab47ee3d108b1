"""A conversation store on each database that ragchat knows: the same tests run on SQLite and on PostgreSQL."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ragchat.conversations.store import SqlConversationStore
from tests.support.postgres import Postgres


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'deep' / 'conversations.sqlite'}"
    server: Postgres = request.getfixturevalue("postgresql")
    return server.database()


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[SqlConversationStore]:
    async with SqlConversationStore(database_url) as opened:
        yield opened
