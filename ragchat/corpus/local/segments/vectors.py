"""Meaning search over the segments of one generation: candidates from each, the best of them scored exactly.

Large segments bring candidates by their codes, small ones by their rows; then all are scored from their float16 rows in
one way, so that the same generation always answers the same and equal vectors come in the order of ids. Which rows are
dead follows from the generation's living ranges, never from the files.
"""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ragchat.corpus.intake import unit_query
from ragchat.corpus.local.catalog.live import Ids, Ranges, Selection
from ragchat.corpus.local.files.failures import damaged
from ragchat.corpus.local.files.manifest import SegmentEntry
from ragchat.corpus.local.files.tuning import Tuning
from ragchat.corpus.local.segments.helpers import Helpers
from ragchat.corpus.local.segments.native import faiss
from ragchat.corpus.local.segments.segments import Segment
from ragchat.corpus.values import Hit
from ragchat.models.embedder import Vectors

_REACH, _LEAST_REACH = 4, 200
"""Candidates for each hit wanted, and at least: of the 100 nearest of 65,536 real vectors .9999 are among 400."""


class VectorIndex:
    """The open segments of a generation. Thread-safe."""

    def __init__(
        self,
        segments: Sequence[Segment],
        live: Ranges,
        dimension: int,
        tuning: Tuning,
        thing: str,
        helpers: Helpers,
    ) -> None:
        """Raises IndexDamaged unless every living chunk has exactly one vector."""
        self.segments = sorted(segments, key=lambda segment: segment.entry.first_id)
        self.dimension = dimension
        self._live = live
        self._rows_a_thread = tuning.rows_a_thread
        self._helpers = helpers
        self._first = np.asarray([segment.entry.first_id for segment in self.segments], dtype=np.int64)
        self._last = np.asarray([segment.entry.last_id for segment in self.segments], dtype=np.int64)
        living = sum(int(live.mask(segment.ids).sum()) for segment in self.segments)
        if living != live.count or not _ids_are_distinct(self.segments):
            raise damaged(thing, f"vectors of {living} living chunks, the catalog has {live.count}")
        self.dead_rows = sum(segment.entry.rows for segment in self.segments) - living
        """Rows of removed chunks that are still in the files."""

    @classmethod
    def open(
        cls,
        directory: Path,
        entries: Sequence[SegmentEntry],
        live: Ranges,
        dimension: int,
        tuning: Tuning,
        helpers: Helpers | None = None,
    ) -> "VectorIndex":
        """Opens every segment of `directory`. Raises IndexDamaged."""
        segments = [Segment.open(directory, entry, dimension) for entry in entries]
        thing = f"{directory.parent.name}/{directory.name}"
        return cls(segments, live, dimension, tuning, thing, helpers or Helpers())

    def search(self, query: Vectors, limit: int, allowed: Selection | None = None) -> list[Hit]:
        """Cosine, best first. `query` is float32 (dim,); it is normalised here. Raises WrongEmbedder."""
        unit = unit_query(query, self.dimension)
        ranges = self._live if allowed is None else allowed.ranges
        limit = min(limit, ranges.count)
        if limit <= 0:
            return []
        reach = max(_REACH * limit, _LEAST_REACH)
        few = ranges.count <= reach
        ids = ranges.chunk_ids if few else np.sort(self._candidates(unit, limit, reach, allowed))
        scores = self._cosines(ids, unit)
        best = np.argsort(-scores, kind="stable")[:limit]
        return [Hit(*hit) for hit in zip(ids[best].tolist(), scores[best].tolist(), strict=True)]

    def read(self, chunk_ids: Ids) -> Vectors:
        """float32 (len(chunk_ids), dim): the stored vectors of living chunks, whose ids ascend."""
        return self._rows(chunk_ids).astype(np.float32)

    def _candidates(self, unit: Vectors, limit: int, reach: int, allowed: Selection | None) -> Ids:
        """About the best `reach` of what is allowed, in no order."""
        ranges = self._live if allowed is None else allowed.ranges
        bits = ranges.bits if allowed is not None or self.dead_rows else None

        wanted = [s for s in self.segments if ranges.overlaps(s.entry.first_id, s.entry.last_id)]
        waiting = iter(enumerate(wanted))  # each thread takes the next one from it

        def scan() -> list[tuple[int, tuple[Vectors, Ids]]]:
            faiss().omp_set_num_threads(1)  # of this thread: FAISS' own ones would only spin
            return [(number, each.candidates(unit, limit, reach, bits)) for number, each in waiting]

        helping = min(self._helpers.count, sum(s.entry.rows for s in wanted) // self._rows_a_thread)
        others = [self._helpers.start(scan) for _ in range(helping)]
        scanned = [*scan(), *(part for other in others for part in other.result())]
        parts = [part for _, part in sorted(scanned, key=lambda each: each[0])]
        scores, ids = (np.concatenate(column) for column in zip(*parts, strict=True))
        return ids if len(ids) <= reach else ids[np.argpartition(-scores, reach)[:reach]]

    def _cosines(self, ids: Ids, unit: Vectors) -> Vectors:
        """Of the rows with these ascending ids. By FAISS, 0.04 ms for 400; making float32 of them alone takes 0.25."""
        faiss().omp_set_num_threads(1)
        rows = faiss().IndexScalarQuantizer(
            self.dimension, faiss().ScalarQuantizer.QT_fp16, faiss().METRIC_INNER_PRODUCT
        )
        rows.add_sa_codes(self._rows(ids).view(np.uint8))
        scores, places = rows.search(unit.reshape(1, -1), len(ids))
        cosines = np.empty(len(ids), dtype=np.float32)
        cosines[places[0]] = scores[0]
        return cosines

    def _rows(self, ids: Ids) -> NDArray[np.float16]:
        """float16 (len(ids), dim) of ascending ids; zeros where no segment has one."""
        found = np.zeros((len(ids), self.dimension), dtype=np.float16)
        begins, ends = np.searchsorted(ids, self._first), np.searchsorted(ids, self._last, side="right")
        for segment, begin, end in zip(self.segments, begins.tolist(), ends.tolist(), strict=True):
            if begin == end:
                continue
            numbers = segment.rows_of(ids[begin:end])
            here = numbers >= 0
            found[begin:end][here] = segment.rows(numbers[here])
        return found


def _ids_are_distinct(segments: Sequence[Segment]) -> bool:
    """Ids ascend inside a segment and segments by their first; only overlapping ones need a closer look."""
    if all(a.entry.last_id < b.entry.first_id for a, b in pairwise(segments)):
        return True
    ids = np.concatenate([segment.ids for segment in segments])
    return len(np.unique(ids)) == len(ids)
