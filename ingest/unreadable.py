"""Files that are there and cannot be read: for how long, and which of their documents have outlived the grace.

A share that is away for an evening must not empty the index, and a file that was closed to ragchat on purpose must not
answer for ever: after the grace its documents leave as those of a file that is gone, under the same guard.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

from ingest.survey import source_of
from ragchat.corpus.values import KnownDocument

CODE = "unreadable"


def unreadable_since(
    keys: Iterable[str], roots: Iterable[str], reports: Iterable[Mapping[str, object]]
) -> dict[str, datetime]:
    """When the runs over these roots began to find each key unreadable, without one between that could read it.

    `reports` come newest first, with `created` in ISO 8601.
    """
    looked_at = set(roots)
    left = set(keys)
    since: dict[str, datetime] = {}
    for report in reports:
        if not left:
            break
        if not looked_at & set(cast("list[str]", report.get("roots", []))):
            continue
        failures = cast("list[dict[str, str]]", report.get("failures", []))
        left &= {row["uri"] for row in failures if row["code"] == CODE}
        since |= dict.fromkeys(left, _moment(str(report["created"])))
    return since


def outlived(
    documents: Iterable[KnownDocument],
    root: str,
    since: Mapping[str, datetime],
    grace: timedelta,
    now: datetime,
) -> list[KnownDocument]:
    """The documents of a root whose file, or a folder above it, has been unreadable for longer than the grace."""
    late = [key for key, moment in since.items() if now - moment > grace]
    return [
        document
        for document in documents
        if any(_is_of(document, key) for key in late) and not _readable(Path(root), source_of(document.key))
    ]


def _is_of(document: KnownDocument, key: str) -> bool:
    folder = not key or key.endswith("/")
    return source_of(document.key) == key or (folder and document.key.startswith(key))


def _readable(root: Path, key: str) -> bool:
    """Whether it can be read after all: reports know a key, but not of which root."""
    for path in (root / key, root):
        try:
            if path.is_file():
                path.open("rb").close()
                return True
        except OSError:
            return False
    return False


def _moment(written: str) -> datetime:
    moment = datetime.fromisoformat(written)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
