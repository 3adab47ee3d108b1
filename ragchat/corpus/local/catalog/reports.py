"""Reports of runs: kept, listed, and rid of the names of documents that were purged."""

import json
import sqlite3
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Final, TypeAlias, cast

from ragchat.corpus.local.catalog.catalog import CATALOG_NAME, transaction
from ragchat.corpus.local.files.manifest import canonical_json
from ragchat.corpus.local.writing.publish import now

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"

SCRUBBED: Final = "(purged)"


def record_run(
    connection: sqlite3.Connection, home: Path, report: Mapping[str, object], generation: int | None
) -> None:
    """Keeps a run's report."""
    with transaction(connection, home / CATALOG_NAME):
        connection.execute(
            "INSERT INTO runs (created, generation, report) VALUES (?, ?, ?)",
            (now(), generation, canonical_json(dict(report)).decode()),
        )


def run_reports(connection: sqlite3.Connection, limit: int) -> list[Mapping[str, object]]:
    """Newest first: what the run reported, with `created` and the `generation` it published or found."""
    rows = connection.execute(
        "SELECT created, generation, report FROM runs ORDER BY run_id DESC LIMIT ?", (limit,)
    ).fetchall()
    return [
        {"created": created, "generation": generation, **cast("dict[str, object]", json.loads(report))}
        for created, generation, report in rows
    ]


def scrub_reports(connection: sqlite3.Connection, home: Path, names: Collection[str]) -> None:
    """Every text in a report that holds one of the names is replaced whole: a message may quote the document."""
    with transaction(connection, home / CATALOG_NAME):
        for run_id, report in connection.execute("SELECT run_id, report FROM runs").fetchall():
            scrubbed = canonical_json(_scrubbed(json.loads(report), names)).decode()
            if scrubbed != report:
                connection.execute("UPDATE runs SET report = ? WHERE run_id = ?", (scrubbed, run_id))


def _scrubbed(value: Json, names: Collection[str]) -> Json:
    match value:
        case str():
            return SCRUBBED if any(name in value for name in names) else value
        case list():
            return [_scrubbed_entry(item, names) for item in value]
        case dict():
            return {key: _scrubbed(item, names) for key, item in value.items()}
        case _:
            return value


def _scrubbed_entry(item: Json, names: Collection[str]) -> Json:
    """A failure names its document in one field and may quote it in another: all of its texts go."""
    scrubbed = _scrubbed(item, names)
    if not isinstance(scrubbed, dict) or scrubbed == item:
        return scrubbed
    return {
        key: SCRUBBED if isinstance(field, str) and key != "code" else field
        for key, field in scrubbed.items()
    }
