"""Since when a file cannot be read, by the reports of the runs (whole way: `tests/cli/test_unreadable_files.py`)."""

from datetime import UTC, datetime

from ingest.unreadable import unreadable_since


def report(day: int, *failed: str, root: str = "/docs") -> dict[str, object]:
    failures = [{"uri": key, "code": "unreadable", "message": ""} for key in failed]
    return {"created": f"2026-03-{day:02}T08:00:00+00:00", "roots": [root], "failures": failures}


def test_it_counts_from_the_first_run_since_it_could_last_be_read() -> None:
    runs = [
        report(9, "a.md", "b.md"),
        report(7, root="/other"),
        report(5, "a.md"),
        report(3),
        report(1, "a.md"),
    ]
    since = unreadable_since({"a.md", "b.md", "new.md"}, ["/docs"], runs)
    assert since == {"a.md": datetime(2026, 3, 5, 8, tzinfo=UTC), "b.md": datetime(2026, 3, 9, 8, tzinfo=UTC)}
