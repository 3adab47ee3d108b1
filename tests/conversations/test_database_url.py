"""A database is named as people write it; what cannot be used is told at the start, without its password."""

from pathlib import Path

import pytest

from ragchat.conversations.store import SqlConversationStore
from ragchat.errors import UsageError


@pytest.mark.parametrize("scheme", ["sqlite", "sqlite+aiosqlite"])
async def test_a_sqlite_url_needs_no_driver(scheme: str, tmp_path: Path) -> None:
    file = tmp_path / "new" / "conversations.sqlite"
    async with SqlConversationStore(f"{scheme}:///{file}") as store:
        await store.create()
    assert file.is_file()


@pytest.mark.parametrize(
    "url", ["no url", "oracle9://ann:s3cret@host/db", "sqlite+pysqlite:///x", "postgresql+psycopg2://ann:s3cret@h/db",
            "postgresql://ann:s3cret@host:port/db"],
)  # fmt: skip
def test_a_url_that_cannot_be_used_is_told_before_anything_is_served(url: str) -> None:
    with pytest.raises(UsageError) as told:
        SqlConversationStore(url)
    assert "RAGCHAT_DATABASE_URL" in str(told.value)
    assert "s3cret" not in f"{told.value} {told.value.hint}"
