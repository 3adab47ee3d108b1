"""Meaning search over the segments of one generation: exact in float16, by graph when there are very many chunks.

Results of segments are merged by (score, chunk id), so that the same generation always answers the same. Which rows
are dead follows from the generation's living ranges, never from the files.
"""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np

from ragchat.errors import WrongEmbedder
from ragchat.index.failures import damaged
from ragchat.index.graph import search_graph
from ragchat.index.live import Bits, Ids, Ranges, Selection
from ragchat.index.manifest import SegmentEntry
from ragchat.index.segments import FlatSegment, Segment
from ragchat.index.tuning import Tuning
from ragchat.index.types import Hit
from ragchat.models.embedder import Vectors


class VectorIndex:
    """The open segments of a generation. Thread-safe."""

    def __init__(
        self, segments: Sequence[Segment], live: Ranges, dimension: int, tuning: Tuning, thing: str
    ) -> None:
        """Raises IndexDamaged unless every living chunk has exactly one vector."""
        self.flat = [segment for segment in segments if isinstance(segment, FlatSegment)]
        self.graph = next((segment for segment in segments if segment.entry.kind == "graph"), None)
        self.dimension = dimension
        self._live = live
        self._tuning = tuning
        living = sum(int(live.mask(segment.ids).sum()) for segment in self.flat)
        distinct = _ids_are_distinct(self.flat)
        if living != live.count or not distinct:
            raise damaged(thing, f"vectors of {living} living chunks, the catalog has {live.count}")
        rows = sum(segment.entry.rows for segment in self.flat)
        self._has_dead = rows != living
        self.dead_rows = rows - living
        """Rows of removed chunks that are still in the flat segments (a graph has them in 8 bits as well)."""
        self._graph_has_dead = self.graph is not None and not bool(live.mask(self.graph.ids).all())

    @classmethod
    def open(
        cls, directory: Path, entries: Sequence[SegmentEntry], live: Ranges, dimension: int, tuning: Tuning
    ) -> "VectorIndex":
        """Maps every segment of `directory`. Raises IndexDamaged."""
        segments = [Segment.open(directory, entry, dimension) for entry in entries]
        return cls(segments, live, dimension, tuning, f"{directory.parent.name}/{directory.name}")

    def search(self, query: Vectors, limit: int, allowed: Selection | None = None) -> list[Hit]:
        """Cosine, best first. `query` is float32 (dim,); it is normalised here. Raises WrongEmbedder."""
        unit = _unit_query(query, self.dimension)
        ranges = self._live if allowed is None else allowed.ranges
        limit = min(limit, ranges.count)
        if limit <= 0:
            return []
        parts = [
            segment.search(unit, limit, self._bits(allowed, dead=self._has_dead))
            for segment in self._exact_segments(ranges)
            if ranges.overlaps(segment.entry.first_id, segment.entry.last_id)
        ]
        if self._by_graph(ranges) and self.graph is not None:
            bits = self._bits(allowed, dead=self._graph_has_dead)
            parts.append(search_graph(self.graph, self.flat, unit, limit, bits))
        return _best(parts, limit)

    def read(self, chunk_ids: Ids) -> Vectors:
        """float32 (len(chunk_ids), dim): the stored vectors of living chunks, in order."""
        vectors = np.zeros((len(chunk_ids), self.dimension), dtype=np.float32)
        for segment in self.flat:
            rows = segment.rows_of(chunk_ids)
            here = rows >= 0
            if here.any():
                vectors[here] = segment.vectors(rows[here])
        return vectors

    def _by_graph(self, ranges: Ranges) -> bool:
        if self.graph is None:
            return False
        return ranges.count >= self._tuning.graph_min_share * self._live.count

    def _exact_segments(self, ranges: Ranges) -> list[FlatSegment]:
        if not self._by_graph(ranges):
            return self.flat
        return [segment for segment in self.flat if not segment.entry.in_graph]

    def _bits(self, allowed: Selection | None, *, dead: bool) -> Bits | None:
        if allowed is not None:
            return allowed.ranges.bits
        return self._live.bits if dead else None


def unit_rows(vectors: Vectors, dimension: int, thing: str) -> Vectors:
    """float32 (n, dimension) of unit length; zero rows stay zero. Raises WrongEmbedder for a wrong shape or NaN."""
    rows = np.asarray(vectors, dtype=np.float32)
    if rows.ndim != 2 or rows.shape[1] != dimension:
        raise WrongEmbedder(
            f"{thing} has vectors of shape {tuple(rows.shape)}; the index holds {dimension} dimensions.",
            hint="Use the embedder that the collection was built with, or ingest into a new collection.",
        )
    if not bool(np.isfinite(rows).all()):
        raise WrongEmbedder(
            f"{thing} has vectors with NaN or infinite values.",
            hint="Check the embedder (`ragchat doctor`); nothing of it was indexed.",
            code="bad_vectors",
        )
    lengths = np.sqrt(np.einsum("ij,ij->i", rows, rows, dtype=np.float64))
    unit: Vectors = (rows / np.where(lengths > 0, lengths, 1.0)[:, None]).astype(np.float32)
    return unit


def _unit_query(query: Vectors, dimension: int) -> Vectors:
    rows = np.asarray(query)
    unit: Vectors = unit_rows(rows.reshape(1, -1) if rows.ndim == 1 else rows, dimension, "The query")[0]
    return unit


def _best(parts: Sequence[tuple[Vectors, Ids]], limit: int) -> list[Hit]:
    if not parts:
        return []
    scores = np.concatenate([part[0] for part in parts])
    ids = np.concatenate([part[1] for part in parts])
    order = np.lexsort((ids, -scores))[:limit]
    return [Hit(int(ids[row]), float(scores[row])) for row in order]


def _ids_are_distinct(segments: Sequence[FlatSegment]) -> bool:
    """Ids ascend inside a segment; across segments only overlapping ones need a closer look."""
    ordered = sorted(segments, key=lambda segment: segment.entry.first_id)
    if all(a.entry.last_id < b.entry.first_id for a, b in pairwise(ordered)):
        return True
    ids = np.concatenate([segment.ids for segment in ordered])
    return len(np.unique(ids)) == len(ids)
