"""One FAISS file: float16 vectors with their chunk ids. Reading one (mapped) and streaming new ones to disk.

`IndexIDMap2` over `IndexScalarQuantizer(QT_fp16, inner product)`: any FAISS opens it. Ids ascend inside a segment, so
that a vector is found by binary search. Own checks come before FAISS ever computes: it reports by assertion, and
under `python -O` it reads out of bounds (run).
"""

import hashlib
import os
import secrets
from pathlib import Path
from typing import IO, Any, Final

import numpy as np
from numpy.typing import NDArray

from ragchat.index.failures import damaged, disk, faiss_reading
from ragchat.index.files import EDGE_BYTES
from ragchat.index.live import Bits, Ids
from ragchat.index.manifest import FileEntry, SegmentEntry, SegmentKind
from ragchat.index.native import faiss
from ragchat.models.embedder import Vectors

SUFFIX: Final = ".faiss"


class Segment:
    """An open, read-only segment of either kind. Thread-safe: FAISS searches of a constant index are."""

    def __init__(self, entry: SegmentEntry, index: Any, ids: Ids) -> None:
        self.entry = entry
        self._index = index  # owns the memory that `ids` looks at
        self.ids = ids

    @classmethod
    def open(cls, directory: Path, entry: SegmentEntry, dimension: int) -> "Segment":
        """Maps the file. Raises IndexDamaged when it is not what its entry says."""
        with faiss_reading(entry.name):
            index = faiss().read_index(str(directory / entry.name), faiss().IO_FLAG_MMAP_IFC)
        _check(index, entry, dimension)
        ids: Ids = faiss().rev_swig_ptr(index.id_map.data(), index.ntotal)
        if ids[0] != entry.first_id or ids[-1] != entry.last_id or not bool((np.diff(ids) > 0).all()):
            raise damaged(entry.name, "its chunk ids are not those of the manifest")
        opened = cls if entry.kind == "graph" else FlatSegment
        return opened(entry, index, ids)

    def search(
        self, query: Vectors, limit: int, bits: Bits | None, *, ef_search: int | None = None
    ) -> tuple[Vectors, Ids]:
        """(scores, chunk ids) of at most `limit` rows among those whose bit is set, best first.

        `query` is float32 (dim,), checked by the caller; `ef_search` is the breadth of a graph's search.
        """
        parameters = _parameters(bits, ef_search)

        faiss().omp_set_num_threads(
            1
        )  # per calling thread: one query has nothing to split, a pool would only spin
        scores, ids = self._index.search(query.reshape(1, -1), min(limit, self.entry.rows), params=parameters)
        found = ids[0] >= 0
        return scores[0][found], ids[0][found]


class FlatSegment(Segment):
    """A segment whose vectors can be read back."""

    def __init__(self, entry: SegmentEntry, index: Any, ids: Ids) -> None:
        super().__init__(entry, index, ids)
        inner = faiss().downcast_index(index.index)
        codes: NDArray[np.uint8] = faiss().rev_swig_ptr(inner.codes.data(), inner.codes.size())
        self._codes: NDArray[np.float16] = codes.view("<f2").reshape(entry.rows, index.d)

    @property
    def dimension(self) -> int:
        return int(self._codes.shape[1])

    def rows_of(self, chunk_ids: Ids) -> NDArray[np.int64]:
        """Row numbers, -1 where an id is not in this segment."""
        rows = np.searchsorted(self.ids, chunk_ids)
        inside = np.minimum(rows, len(self.ids) - 1)
        return np.where(self.ids[inside] == chunk_ids, inside, -1).astype(np.int64)

    def vectors(self, rows: NDArray[np.int64]) -> Vectors:
        """float32 (len(rows), dim); a copy."""
        return self._codes[rows].astype(np.float32)


class SegmentWriter:
    """Streams vectors into segment files of bounded size; memory is one segment's codes."""

    def __init__(self, directory: Path, dimension: int, rows: int, *, in_graph: bool = False) -> None:
        self._directory = directory
        self._dimension = dimension
        self._rows = rows
        self._in_graph = in_graph
        self._index: Any = None
        self._ids: list[Ids] = []
        self._pending = 0
        self.entries: list[SegmentEntry] = []
        self.files: dict[str, FileEntry] = {}

    def add(self, chunk_ids: Ids, vectors: Vectors) -> None:
        """Ids must ascend over all calls. Raises StorageFailed."""
        for begin in range(0, len(chunk_ids), self._rows):
            ids, part = chunk_ids[begin : begin + self._rows], vectors[begin : begin + self._rows]
            if self._pending and self._pending + len(ids) > self._rows:
                self.flush()
            if self._index is None:
                self._index = faiss().IndexIDMap2(
                    faiss().IndexScalarQuantizer(
                        self._dimension, faiss().ScalarQuantizer.QT_fp16, faiss().METRIC_INNER_PRODUCT
                    )
                )
            self._index.add_with_ids(np.ascontiguousarray(part, dtype=np.float32), np.ascontiguousarray(ids))
            self._ids.append(ids)
            self._pending += len(ids)

    def flush(self) -> None:
        """Writes what is pending as one file. Raises StorageFailed."""
        if self._index is None:
            return
        entry = SegmentEntry(
            name=new_name("flat", int(self._ids[0][0])),
            kind="flat",
            rows=self._pending,
            first_id=int(self._ids[0][0]),
            last_id=int(self._ids[-1][-1]),
            in_graph=self._in_graph,
        )
        self.files[entry.name] = write_index(self._index, self._directory / entry.name)
        self.entries.append(entry)
        self._index, self._ids, self._pending = None, [], 0


def new_name(kind: SegmentKind, first_id: int) -> str:
    """A file name that no generation has used: files are shared between generations by hard links."""
    return f"{kind}-{first_id:012d}-{secrets.token_hex(4)}{SUFFIX}"


def write_index(index: Any, path: Path) -> FileEntry:
    """Writes through Python, because FAISS' own file writer does not report a disk that fills up on closing."""
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


def _parameters(bits: Bits | None, ef_search: int | None) -> Any:
    options: dict[str, Any] = {} if bits is None else {"sel": faiss().IDSelectorBitmap(bits)}
    if ef_search is not None:
        return faiss().SearchParametersHNSW(efSearch=ef_search, **options)
    return faiss().SearchParameters(**options) if options else None


def _check(index: Any, entry: SegmentEntry, dimension: int) -> None:
    if not isinstance(index, faiss().IndexIDMap2):
        raise damaged(entry.name, f"it holds a {type(index).__name__}, not an IndexIDMap2")
    inner = faiss().downcast_index(index.index)
    expected = faiss().IndexHNSWSQ if entry.kind == "graph" else faiss().IndexScalarQuantizer
    if not isinstance(inner, expected):
        raise damaged(entry.name, f"it holds a {type(inner).__name__}, not an {expected.__name__}")
    facts = {
        "dimension": (index.d, dimension),
        "inner dimension": (inner.d, dimension),
        "vectors": (index.ntotal, entry.rows),
        "inner vectors": (inner.ntotal, entry.rows),
        "chunk ids": (index.id_map.size(), entry.rows),
        "metric": (inner.metric_type, faiss().METRIC_INNER_PRODUCT),
    }
    if entry.kind == "flat":
        facts["code bytes"] = (inner.codes.size(), entry.rows * dimension * 2)
        facts["quantizer"] = (inner.sq.qtype, faiss().ScalarQuantizer.QT_fp16)
    for name, (found, wanted) in facts.items():
        if found != wanted:
            raise damaged(entry.name, f"{name}: {found}, the manifest says {wanted}")
