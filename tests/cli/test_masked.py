"""`ragchat config` shows what is set, and no password that stands in a URL."""

from pathlib import Path

from test_serving import run


def test_passwords_in_urls_are_masked(tmp_path: Path) -> None:
    urls = {
        "RAGCHAT_DATABASE_URL": "postgresql://me:hunter2@host/db",
        "RAGCHAT_REDIS_URL": "redis://:hunter3@host:6379/0",
    }
    for options in ((), ("--json",)):
        shown = run(tmp_path, "config", *options, **urls).stdout
        assert "@host/db" in shown
        assert "hunter" not in shown
