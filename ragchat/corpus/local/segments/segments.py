"""One segment: float16 vectors with their chunk ids in a FAISS file, and beside it the codes that a large one has.

`IndexIDMap` over `IndexScalarQuantizer(QT_fp16, inner product)`: any FAISS opens it. Ids ascend inside a segment, so
that a vector is found by binary search. Own checks come before FAISS ever computes: it reports by assertion, and
under `python -O` it reads out of bounds (run).
"""

from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ragchat.corpus.local.catalog.live import Bits, Ids
from ragchat.corpus.local.files.failures import damaged, faiss_reading
from ragchat.corpus.local.files.manifest import SegmentEntry
from ragchat.corpus.local.segments.codes import CODES_SUFFIX, Codes
from ragchat.corpus.local.segments.native import faiss
from ragchat.models.embedder import Vectors

SUFFIX: Final = ".faiss"


class Segment:
    """An open, read-only segment. Thread-safe: FAISS searches of a constant index are."""

    def __init__(self, entry: SegmentEntry, index: Any, ids: Ids, codes: Codes | None) -> None:
        self.entry = entry
        self.ids = ids
        self._index = index  # owns the memory that `ids` and `_rows` look at
        self._codes = codes
        content: NDArray[np.uint8] = _array(faiss().downcast_index(index.index).codes)
        self._rows: NDArray[np.float16] = content.view("<f2").reshape(entry.rows, index.d)

    @classmethod
    def open(cls, directory: Path, entry: SegmentEntry, dimension: int) -> "Segment":
        """Maps the rows and reads the codes. Raises IndexDamaged when a file is not what its entry says."""
        with faiss_reading(entry.name):
            index = faiss().read_index(str(directory / entry.name), faiss().IO_FLAG_MMAP_IFC)
        _check(index, entry, dimension)
        ids: Ids = _array(index.id_map)
        if ids[0] != entry.first_id or ids[-1] != entry.last_id or not bool((np.diff(ids) > 0).all()):
            raise damaged(entry.name, "its chunk ids are not those of the manifest")
        codes = Codes.open(directory / codes_name(entry), ids, dimension) if entry.coded else None
        return cls(entry, index, ids, codes)

    @property
    def dimension(self) -> int:
        return int(self._rows.shape[1])

    def candidates(self, query: Vectors, limit: int, reach: int, bits: Bits | None) -> tuple[Vectors, Ids]:
        """(scores, chunk ids) among the rows whose bit is set: the best `limit`, or by codes about the best `reach`.

        `query` is float32 (dim,), checked by the caller.
        """
        if self._codes is not None:
            return self._codes.candidates(query, min(reach, self.entry.rows), bits)
        parameters = None if bits is None else faiss().SearchParameters(sel=faiss().IDSelectorBitmap(bits))
        scores, ids = self._index.search(query.reshape(1, -1), min(limit, self.entry.rows), params=parameters)
        found = ids[0] >= 0
        return scores[0][found], ids[0][found]

    def rows_of(self, chunk_ids: Ids) -> NDArray[np.int64]:
        """Row numbers, -1 where an id is not in this segment."""
        rows = np.searchsorted(self.ids, chunk_ids)
        inside = np.minimum(rows, len(self.ids) - 1)
        return np.where(self.ids[inside] == chunk_ids, inside, -1).astype(np.int64)

    def rows(self, numbers: NDArray[np.int64]) -> NDArray[np.float16]:
        """float16 (len(numbers), dim) as stored; a copy."""
        return self._rows[numbers]


def codes_name(entry: SegmentEntry) -> str:
    """The file that holds a segment's codes."""
    return entry.name.removesuffix(SUFFIX) + CODES_SUFFIX


def file_names(entry: SegmentEntry) -> tuple[str, ...]:
    """Every file of a segment."""
    return (entry.name, codes_name(entry)) if entry.coded else (entry.name,)


def _array(vector: Any) -> Any:
    """The memory of a C++ vector of FAISS, not a copy."""
    return faiss().rev_swig_ptr(vector.data(), vector.size())


def _check(index: Any, entry: SegmentEntry, dimension: int) -> None:
    if not isinstance(index, faiss().IndexIDMap):
        raise damaged(entry.name, f"it holds a {type(index).__name__}, not an IndexIDMap")
    inner = faiss().downcast_index(index.index)
    if not isinstance(inner, faiss().IndexScalarQuantizer):
        raise damaged(entry.name, f"it holds a {type(inner).__name__}, not an IndexScalarQuantizer")
    facts = {
        "dimension": (index.d, dimension),
        "inner dimension": (inner.d, dimension),
        "vectors": (index.ntotal, entry.rows),
        "inner vectors": (inner.ntotal, entry.rows),
        "chunk ids": (index.id_map.size(), entry.rows),
        "metric": (inner.metric_type, faiss().METRIC_INNER_PRODUCT),
        "code bytes": (inner.codes.size(), entry.rows * dimension * 2),
        "quantizer": (inner.sq.qtype, faiss().ScalarQuantizer.QT_fp16),
    }
    for name, (found, wanted) in facts.items():
        if found != wanted:
            raise damaged(entry.name, f"{name}: {found}, the manifest says {wanted}")
