"""The HNSW graph over all flat segments of a very large generation: HNSW32 over 8-bit codes, rescored in float16.

A graph cannot drop a row: dead rows are skipped by the selector and vanish when the graph is built anew. Building one
million vectors takes minutes, so that it is linked from generation to generation until too much is missing or dead.
"""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from ragchat.index.live import Bits, Ids, Ranges
from ragchat.index.manifest import FileEntry, SegmentEntry
from ragchat.index.native import faiss
from ragchat.index.segments import FlatSegment, Segment, new_name, write_index
from ragchat.models.embedder import Vectors

_NEIGHBOURS: Final = 32
_EF_CONSTRUCTION: Final = 80
_EF_SEARCH: Final = 128
_OVERSAMPLING: Final = 3
_BATCH_ROWS: Final = 8_192
_TRAINING_ROWS: Final = 65_536


def build_graph(
    directory: Path, segments: Sequence[FlatSegment], live: Ranges, dimension: int
) -> tuple[SegmentEntry, FileEntry]:
    """Writes one graph over every living row, in ascending chunk id. Raises StorageFailed."""
    faiss().omp_set_num_threads(os.cpu_count() or 1)
    inner = faiss().IndexHNSWSQ(
        dimension, faiss().ScalarQuantizer.QT_8bit, _NEIGHBOURS, faiss().METRIC_INNER_PRODUCT
    )
    inner.hnsw.efConstruction = _EF_CONSTRUCTION
    index = faiss().IndexIDMap2(inner)
    index.train(_training_rows(segments, live))
    first = last = 0
    for ids, vectors in living_rows(segments, live):
        index.add_with_ids(vectors, ids)
        first, last = first or int(ids[0]), int(ids[-1])
    name = new_name("graph", first)
    entry = SegmentEntry(name, "graph", int(index.ntotal), first, last)
    return entry, write_index(index, directory / name)


def search_graph(
    graph: Segment, segments: Sequence[FlatSegment], query: Vectors, limit: int, bits: Bits | None
) -> tuple[Vectors, Ids]:
    """(scores, chunk ids): candidates of the graph with their float16 scores, best first."""
    wanted = limit * _OVERSAMPLING
    _, ids = graph.search(query, wanted, bits, ef_search=max(_EF_SEARCH, wanted))
    scores = np.zeros(len(ids), dtype=np.float32)
    for segment in segments:
        rows = segment.rows_of(ids)
        here = rows >= 0
        if here.any():
            scores[here] = segment.vectors(rows[here]) @ query
    best = np.argsort(-scores, kind="stable")[:limit]
    return scores[best], ids[best]


def living_rows(segments: Sequence[FlatSegment], live: Ranges) -> Iterator[tuple[Ids, Vectors]]:
    """(chunk ids, vectors) of the living rows of all segments, ids ascending, in bounded batches."""
    ids = np.concatenate([segment.ids for segment in segments]) if segments else np.zeros(0, dtype=np.int64)
    owner = np.repeat(np.arange(len(segments)), [len(segment.ids) for segment in segments])
    alive = live.mask(ids)
    ids, owner = ids[alive], owner[alive]
    order = np.argsort(ids, kind="stable")
    for begin in range(0, len(order), _BATCH_ROWS):
        part = order[begin : begin + _BATCH_ROWS]
        vectors = np.empty((len(part), segments[0].dimension), dtype=np.float32)
        for number in np.unique(owner[part]):
            mine = owner[part] == number
            segment = segments[number]
            vectors[mine] = segment.vectors(segment.rows_of(ids[part][mine]))
        yield ids[part], vectors


def _training_rows(segments: Sequence[FlatSegment], live: Ranges) -> Vectors:
    """Up to 65,536 living vectors spread over all segments: the 8-bit ranges must fit the whole."""
    share = max(_TRAINING_ROWS // len(segments), 1)
    picked = []
    for segment in segments:
        rows = np.flatnonzero(live.mask(segment.ids))
        picked.append(segment.vectors(rows[:: max(len(rows) // share, 1)]))
    return np.concatenate(picked)
