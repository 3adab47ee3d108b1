"""Four-bit codes beside the float16 rows of a large segment: a first pass ten times as fast, blind to nothing.

Product quantisation with fast scan (André, Kermarrec, Le Scouarnec, "Quicker ADC", 2019): neighbouring dimensions share
a 4-bit code, and sums of table entries are taken in SIMD registers, 3.6 ns a row. `IndexIVFPQFastScan` with a single
list skips no row; it is used because its scan takes a selector, which that of `IndexPQFastScan` does not. The codes
only choose candidates: what is found is scored from the float16 rows (vectors.py).
"""

from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ragchat.corpus.local.catalog.live import Bits, Ids
from ragchat.corpus.local.files.failures import damaged, faiss_reading
from ragchat.corpus.local.segments.native import faiss
from ragchat.models.embedder import Vectors

CODES_SUFFIX: Final = ".codes"
_BITS: Final = 4
_CENTRES: Final = 1 << _BITS
_BLOCK_ROWS: Final = 32
_TRAINING_ROWS: Final = 4_096
_TRAINING_ROUNDS: Final = 10
_ROWS_AT_ONCE: Final = 8_192
_FINE_DIMENSIONS: Final = 512


def can_be_coded(dimension: int, rows: int) -> bool:
    """Whether there are enough rows to learn from and the dimensions fall into groups."""
    return rows >= _CENTRES and dimension % _group(dimension) == 0


def encode(ids: Ids, rows: NDArray[np.float16]) -> Any:
    """A FAISS index of the rows' codes under their chunk ids. The same rows always give the same codes."""
    dimension = rows.shape[1]
    # Two threads took 13 times as long on a busy machine: 1,920 short loops that wait for each other (run).
    faiss().omp_set_num_threads(1)
    whole = faiss().IndexFlatIP(dimension)
    whole.add(np.zeros((1, dimension), dtype=np.float32))
    index = faiss().IndexIVFPQFastScan(
        whole, dimension, 1, dimension // _group(dimension), _BITS, faiss().METRIC_INNER_PRODUCT, _BLOCK_ROWS
    )
    index.by_residual = False
    index.pq.cp.niter = _TRAINING_ROUNDS
    index.pq.cp.min_points_per_centroid = 1  # a word of warning on stderr less
    index.train(rows[:: max(len(rows) // _TRAINING_ROWS, 1)].astype(np.float32))
    for begin in range(0, len(rows), _ROWS_AT_ONCE):
        part = slice(begin, begin + _ROWS_AT_ONCE)
        index.add_with_ids(rows[part].astype(np.float32), ids[part])
    return index


class Codes:
    """The open codes of a segment. Thread-safe. They are read into memory: FAISS cannot map their blocks."""

    def __init__(self, index: Any) -> None:
        self._index = index

    @classmethod
    def open(cls, path: Path, ids: Ids, dimension: int) -> "Codes":
        """Raises IndexDamaged when these are not the codes of the rows with these ids."""
        with faiss_reading(path.name):
            index = faiss().read_index(str(path))
        _check(index, path.name, ids, dimension)
        return cls(index)

    def candidates(self, query: Vectors, limit: int, bits: Bits | None) -> tuple[Vectors, Ids]:
        """(approximate scores, chunk ids) of at most `limit` rows among those whose bit is set, best first."""
        options = {} if bits is None else {"sel": faiss().IDSelectorBitmap(bits)}
        parameters = faiss().SearchParametersIVF(nprobe=1, **options)
        scores, ids = self._index.search(query.reshape(1, -1), limit, params=parameters)
        found = ids[0] >= 0
        return scores[0][found], ids[0][found]


def _group(dimension: int) -> int:
    """How many dimensions share a code: 96 bytes a row at 384 dimensions."""
    return 2 if dimension <= _FINE_DIMENSIONS else 4


def _check(index: Any, name: str, ids: Ids, dimension: int) -> None:
    if not isinstance(index, faiss().IndexIVFPQFastScan):
        raise damaged(name, f"it holds a {type(index).__name__}, not an IndexIVFPQFastScan")
    groups = dimension // _group(dimension)
    facts = {
        "dimension": (index.d, dimension),
        "vectors": (index.ntotal, len(ids)),
        "metric": (index.metric_type, faiss().METRIC_INNER_PRODUCT),
        "lists": (index.nlist, 1),
        "lists of codes": (index.invlists.nlist, 1),
        "dimension of the lists' centres": (index.quantizer.d, dimension),
        "centres of lists": (index.quantizer.ntotal, 1),
        "codes a row": (index.pq.M, groups),
        "codes a row, padded": (index.M2, groups + groups % 2),
        "bits a code": (index.pq.nbits, _BITS),
        "centres": (index.pq.centroids.size(), dimension * _CENTRES),
        "rows a block": (index.bbs, _BLOCK_ROWS),
    }
    for fact, (found, wanted) in facts.items():
        if found != wanted:
            raise damaged(name, f"{fact}: {found}, {wanted} expected")
    rows = index.invlists.list_size(0)
    if rows != len(ids) or not np.array_equal(faiss().rev_swig_ptr(index.invlists.get_ids(0), rows), ids):
        raise damaged(name, "its chunk ids are not those of the segment")
