"""Filters to selections: the catalog's tags, keys and ids answer which versions pass; nothing is filtered later."""

import sqlite3
from typing import Final

import numpy as np

from ragchat.corpus.filtering import scalar_key
from ragchat.corpus.local.catalog.live import Ids, Ranges, Selection
from ragchat.corpus.values import Filters

_BATCH: Final = 500

FilterKey = tuple[object, ...]


def filter_key(filters: Filters) -> FilterKey:
    """A hashable value, equal for equal filters."""
    return (
        filters.document_ids,
        filters.uris,
        tuple(sorted((name, _keys(values)) for name, values in filters.metadata.items())),
        filters.acl,
    )


def select(connection: sqlite3.Connection, live: Ranges, filters: Filters) -> Selection:
    """The living versions that pass every part of `filters`."""
    kept = live
    if filters.document_ids:
        kept = kept.only(_versions_by(connection, "document_id", filters.document_ids))
    if filters.uris:
        kept = kept.only(_versions_by(connection, "uri", filters.uris))
    for name, values in sorted(filters.metadata.items()):
        kept = kept.only(_tagged(connection, "m", name, _keys(values)))
    if filters.acl is not None:
        restricted = _ids(
            connection.execute("SELECT DISTINCT version_id FROM tags WHERE kind = 'a'").fetchall()
        )
        shared = _tagged(connection, "a", "", filters.acl)
        kept = kept.without(np.setdiff1d(restricted, shared))
    return Selection(kept)


def _keys(values: tuple[str | int | float | bool | None, ...]) -> tuple[str, ...]:
    return tuple(scalar_key(value) for value in values)


def _versions_by(connection: sqlite3.Connection, column: str, wanted: tuple[str, ...]) -> Ids:
    sql = f"SELECT version_id FROM versions WHERE {column} IN "
    return _gather(connection, sql, (), wanted)


def _tagged(connection: sqlite3.Connection, kind: str, name: str, wanted: tuple[str, ...]) -> Ids:
    return _gather(
        connection,
        "SELECT version_id FROM tags WHERE kind = ? AND name = ? AND value IN ",
        (kind, name),
        wanted,
    )


def _gather(connection: sqlite3.Connection, sql: str, fixed: tuple[str, ...], wanted: tuple[str, ...]) -> Ids:
    found: list[tuple[int]] = []
    for begin in range(0, len(wanted), _BATCH):
        batch = wanted[begin : begin + _BATCH]
        found += connection.execute(f"{sql} ({','.join('?' * len(batch))})", (*fixed, *batch))
    return _ids(found)


def _ids(rows: list[tuple[int]]) -> Ids:
    return np.asarray(rows, dtype=np.int64).reshape(-1)
