"""Which chunk ids live in a generation, and which of them a filter lets through.

A version's chunk ids are one range, so a generation is a sorted list of ranges (32 bytes a document, not a row a
chunk), a filter is a subset of them, and a bitmap for FAISS is two writes a range.
"""

import sqlite3
from collections.abc import Sequence
from functools import cached_property
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int64]
Bits = NDArray[np.uint8]

_LIVE: Final = """
SELECT v.version_id, v.first_chunk, v.chunk_count, m.first_gen
FROM membership m JOIN versions v USING (version_id)
WHERE m.first_gen <= ? AND (m.last_gen IS NULL OR m.last_gen >= ?)
"""


class Ranges:
    """Versions and their chunk id ranges, ordered by first chunk id; ranges never overlap."""

    def __init__(self, version_ids: Ids, first: Ids, counts: Ids, added: Ids) -> None:
        order = np.lexsort((counts, first))  # an empty version before the one that starts at the same id
        self.version_ids = version_ids[order]
        self.first = first[order]
        self.counts = counts[order]
        self.added = added[order]

    @classmethod
    def of_generation(cls, connection: sqlite3.Connection, number: int) -> Self:
        """The versions alive in generation `number`."""
        return cls.from_rows(connection.execute(_LIVE, (number, number)).fetchall())

    @classmethod
    def from_rows(cls, rows: Sequence[tuple[int, int, int, int]]) -> Self:
        """Rows of (version_id, first_chunk, chunk_count, added_generation)."""
        table = np.asarray(rows, dtype=np.int64).reshape(-1, 4)
        return cls(table[:, 0], table[:, 1], table[:, 2], table[:, 3])

    def __len__(self) -> int:
        return len(self.version_ids)

    @cached_property
    def count(self) -> int:
        """Number of chunks."""
        return int(self.counts.sum())

    @cached_property
    def _ends(self) -> Ids:
        """One past the last chunk id of each range, ascending."""
        return self.first + self.counts

    @cached_property
    def last_chunk(self) -> int:
        """The greatest chunk id, 0 when there is none."""
        return int(self._ends.max(initial=1)) - 1

    @cached_property
    def _row_of_version(self) -> dict[int, int]:
        return {int(version): row for row, version in enumerate(self.version_ids)}

    @cached_property
    def chunk_ids(self) -> Ids:
        """All ids, ascending (8 bytes a chunk: for building and verifying, not for serving)."""
        if not self.count:
            return np.zeros(0, dtype=np.int64)
        ends = np.cumsum(self.counts)
        ids: Ids = np.arange(self.count, dtype=np.int64) + np.repeat(
            self.first - (ends - self.counts), self.counts
        )
        return ids

    @cached_property
    def bits(self) -> Bits:
        """A bitmap over chunk ids, little-endian in each byte as FAISS reads it; 1 = lives."""
        edges = np.zeros(((self.last_chunk + 8) // 8) * 8 + 1, dtype=np.int8)
        occupied = self.counts > 0
        np.add.at(edges, self.first[occupied], 1)
        np.add.at(edges, self._ends[occupied], -1)
        return np.packbits(np.cumsum(edges[:-1], dtype=np.int8), bitorder="little")

    def mask(self, chunk_ids: Ids) -> NDArray[np.bool_]:
        """For each id, whether it lives."""
        if not len(self):
            return np.zeros(len(chunk_ids), dtype=bool)
        row = np.searchsorted(self.first, chunk_ids, side="right") - 1
        inside = np.maximum(row, 0)
        alive: NDArray[np.bool_] = (row >= 0) & (chunk_ids < self._ends[inside])
        return alive

    def overlaps(self, first_id: int, last_id: int) -> bool:
        """Whether any living id is in `[first_id, last_id]`."""
        begin = int(np.searchsorted(self._ends, first_id, side="right"))
        return begin < len(self) and int(self.first[begin]) <= last_id

    def row_of(self, version_id: int) -> int | None:
        """The row of a version, None when it does not live here."""
        return self._row_of_version.get(version_id)

    def range_of(self, version_id: int) -> range:
        """The chunk ids of a version; empty when it does not live here."""
        row = self.row_of(version_id)
        if row is None:
            return range(0)
        return range(int(self.first[row]), int(self.first[row] + self.counts[row]))

    def version_at(self, chunk_id: int) -> int:
        """The version that a living chunk belongs to."""
        return int(self.version_ids[np.searchsorted(self.first, chunk_id, side="right") - 1])

    def only(self, version_ids: Ids) -> "Ranges":
        """The part of it whose versions are listed."""
        return self._where(np.isin(self.version_ids, version_ids))

    def without(self, version_ids: Ids) -> "Ranges":
        """The part of it whose versions are not listed."""
        return self._where(~np.isin(self.version_ids, version_ids))

    def plus(self, other: "Ranges") -> "Ranges":
        """Both together; they must be disjoint."""
        return Ranges(
            np.concatenate([self.version_ids, other.version_ids]),
            np.concatenate([self.first, other.first]),
            np.concatenate([self.counts, other.counts]),
            np.concatenate([self.added, other.added]),
        )

    def _where(self, keep: NDArray[np.bool_]) -> "Ranges":
        return Ranges(self.version_ids[keep], self.first[keep], self.counts[keep], self.added[keep])


class Selection:
    """What a filter lets through in one generation; opaque to callers but for `count` (chunks)."""

    def __init__(self, ranges: Ranges) -> None:
        self.ranges = ranges

    @property
    def count(self) -> int:
        return self.ranges.count
