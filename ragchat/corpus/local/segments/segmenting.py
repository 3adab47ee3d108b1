"""Writing segments: vectors stream in, files of bounded size come out, each with its codes when it is large.

Here too is what a segment that is written anew is made of: the living rows of the old ones. FAISS writes through
Python, because its own file writer does not report a disk that fills up on closing.
"""

import hashlib
import os
import secrets
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any, Final

import numpy as np
from numpy.typing import NDArray

from ragchat.corpus.local.catalog.live import Ids, Ranges
from ragchat.corpus.local.files.failures import disk
from ragchat.corpus.local.files.files import EDGE_BYTES
from ragchat.corpus.local.files.manifest import FileEntry, SegmentEntry
from ragchat.corpus.local.files.tuning import Tuning
from ragchat.corpus.local.segments.codes import can_be_coded, encode
from ragchat.corpus.local.segments.native import faiss
from ragchat.corpus.local.segments.segments import SUFFIX, Segment, codes_name

_BATCH_ROWS: Final = 8_192

Rows = NDArray[np.float16]


class SegmentWriter:
    """Streams vectors into segment files; memory is one segment's rows, twice while it is written."""

    def __init__(self, directory: Path, dimension: int, tuning: Tuning) -> None:
        self._directory = directory
        self._tuning = tuning
        self._ids: Ids = np.empty(tuning.segment_rows, dtype=np.int64)
        self._rows: Rows = np.empty((tuning.segment_rows, dimension), dtype=np.float16)
        self._pending = 0
        self.entries: list[SegmentEntry] = []
        self.files: dict[str, FileEntry] = {}

    def add(self, chunk_ids: Ids, rows: Rows) -> None:
        """Ids must ascend over all calls. Raises StorageFailed."""
        most = self._tuning.segment_rows
        for begin in range(0, len(chunk_ids), most):
            ids, part = chunk_ids[begin : begin + most], rows[begin : begin + most]
            if self._pending and self._pending + len(ids) > most:
                self.flush()
            end = self._pending + len(ids)
            self._ids[self._pending : end], self._rows[self._pending : end] = ids, part
            self._pending = end

    def flush(self) -> None:
        """Writes what is pending as one segment. Raises StorageFailed."""
        if not self._pending:
            return
        ids, rows, count = self._ids[: self._pending], self._rows[: self._pending], self._pending
        first, last = int(ids[0]), int(ids[-1])
        coded = count >= self._tuning.coded_rows and can_be_coded(rows.shape[1], count)
        entry = SegmentEntry(_new_name(first), count, first, last, coded)
        self._write(_flat(ids, rows), entry.name)
        if coded:
            self._write(encode(ids, rows), codes_name(entry))
        self.entries.append(entry)
        self._pending = 0

    def _write(self, index: Any, name: str) -> None:
        self.files[name] = _write_index(index, self._directory / name)


def living_rows(segments: Sequence[Segment], live: Ranges) -> Iterator[tuple[Ids, Rows]]:
    """(chunk ids, float16 rows) of the living rows of all segments, ids ascending, in bounded batches."""
    ids = np.concatenate([segment.ids for segment in segments])
    owner = np.repeat(np.arange(len(segments)), [len(segment.ids) for segment in segments])
    alive = live.mask(ids)
    ids, owner = ids[alive], owner[alive]
    order = np.argsort(ids, kind="stable")
    for begin in range(0, len(order), _BATCH_ROWS):
        part = order[begin : begin + _BATCH_ROWS]
        rows = np.empty((len(part), segments[0].dimension), dtype=np.float16)
        for number in np.unique(owner[part]):
            mine = owner[part] == number
            segment = segments[number]
            rows[mine] = segment.rows(segment.rows_of(ids[part][mine]))
        yield ids[part], rows


def _new_name(first_id: int) -> str:
    """A file name that no generation has used: files are shared between generations by hard links."""
    return f"rows-{first_id:012d}-{secrets.token_hex(4)}{SUFFIX}"


def _flat(ids: Ids, rows: Rows) -> Any:
    dimension = rows.shape[1]
    inner = faiss().IndexScalarQuantizer(
        dimension, faiss().ScalarQuantizer.QT_fp16, faiss().METRIC_INNER_PRODUCT
    )
    index = faiss().IndexIDMap(inner)  # takes nothing but an empty index
    inner.add_sa_codes(rows.astype("<f2", copy=False).view(np.uint8))
    faiss().copy_array_to_vector(np.ascontiguousarray(ids), index.id_map)
    index.ntotal = len(ids)
    return index


def _write_index(index: Any, path: Path) -> FileEntry:
    with disk(path), path.open("wb") as stream:
        sink = _HashingSink(stream)
        faiss().write_index(index, faiss().PyCallbackIOWriter(sink))
        stream.flush()
        os.fsync(stream.fileno())
    return sink.entry()


class _HashingSink:
    """The file object FAISS writes to: it learns the digests on the way, so that nothing is read again."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._digest = hashlib.sha256()
        self._size = 0
        self._head = b""
        self._tail = b""

    def __call__(self, content: bytes) -> int:
        self._stream.write(content)
        self._digest.update(content)
        self._size += len(content)
        if len(self._head) < EDGE_BYTES:
            self._head = (self._head + content)[:EDGE_BYTES]
        self._tail = (self._tail + content[-EDGE_BYTES:])[-EDGE_BYTES:]
        return len(content)

    def entry(self) -> FileEntry:
        return FileEntry(
            self._size, self._digest.hexdigest(), hashlib.sha256(self._head + self._tail).hexdigest()
        )
