"""Reports of runs: kept, listed, and rid of the names of documents that were purged."""

import json
import sqlite3
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import cast

from ragchat.corpus.local.catalog.catalog import CATALOG_NAME, transaction
from ragchat.corpus.local.files.layout import now
from ragchat.corpus.local.files.manifest import canonical_json
from ragchat.corpus.scrubbing import scrubbed_report


def record_run(
    connection: sqlite3.Connection, home: Path, report: Mapping[str, object], generation: int | None
) -> None:
    """Keeps a run's report; those that cannot be read any more go."""
    with transaction(connection, home / CATALOG_NAME):
        connection.execute("DELETE FROM runs WHERE NOT json_valid(report)")
        connection.execute(
            "INSERT INTO runs (created, generation, report) VALUES (?, ?, ?)",
            (now(), generation, canonical_json(dict(report)).decode()),
        )


def run_reports(connection: sqlite3.Connection, limit: int) -> list[Mapping[str, object]]:
    """Newest first: what the run reported, with `created` and the `generation` it published or found. A report that
    is damaged is left out: nothing rests on it."""
    rows = connection.execute(
        "SELECT created, generation, report FROM runs WHERE json_valid(report) ORDER BY run_id DESC LIMIT ?",
        (limit,),
    ).fetchall()
    return [
        {"created": created, "generation": generation, **cast("dict[str, object]", json.loads(report))}
        for created, generation, report in rows
    ]


def scrub_reports(connection: sqlite3.Connection, home: Path, names: Collection[str]) -> None:
    """Takes the names of purged documents out of every report; one that cannot be read goes whole."""
    with transaction(connection, home / CATALOG_NAME):
        connection.execute("DELETE FROM runs WHERE NOT json_valid(report)")
        for run_id, report in connection.execute(
            "SELECT run_id, report FROM runs WHERE json_valid(report)"
        ).fetchall():
            scrubbed = canonical_json(scrubbed_report(json.loads(report), names)).decode()
            if scrubbed != report:
                connection.execute("UPDATE runs SET report = ? WHERE run_id = ?", (scrubbed, run_id))
