"""The first pass by 4-bit codes: what it brings holds what an exact scan finds, and says the same every time."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from ragchat.corpus.local.catalog.live import Ranges, Selection
from ragchat.corpus.local.files.manifest import SegmentEntry
from ragchat.corpus.local.files.tuning import Tuning
from ragchat.corpus.local.segments.codes import Codes, can_be_coded, encode
from ragchat.corpus.local.segments.segmenting import SegmentWriter
from ragchat.corpus.local.segments.segments import Segment, codes_name
from ragchat.corpus.local.segments.vectors import VectorIndex
from ragchat.errors import IndexDamaged
from ragchat.models.embedder import Vectors

DIMENSION, ROWS, DOCUMENT = 96, 12_000, 10


def unit(rows: np.ndarray) -> Vectors:
    scaled: Vectors = (rows / np.linalg.norm(rows, axis=-1, keepdims=True)).astype(np.float32)
    return scaled


@pytest.fixture(scope="module")
def clustered() -> Vectors:
    """Vectors in 300 clusters, as float16 holds them."""
    random = np.random.default_rng(3)
    centres = unit(random.standard_normal((300, DIMENSION)))
    noise = random.standard_normal((ROWS, DIMENSION)) * (0.9 / DIMENSION**0.5)
    return unit(centres[random.integers(0, 300, ROWS)] + noise).astype(np.float16).astype(np.float32)


@pytest.fixture(scope="module")
def queries(clustered: Vectors) -> Vectors:
    random = np.random.default_rng(4)
    near = clustered[random.integers(0, ROWS, 50)]
    return unit(near + random.standard_normal(near.shape) * (0.6 / DIMENSION**0.5))


def documents(rows: Sequence[int] | range) -> Ranges:
    """Documents of ten chunks, whose first ids are given."""
    return Ranges.from_rows([(first // DOCUMENT + 1, first, DOCUMENT, 1) for first in rows])


def written(directory: Path, vectors: Vectors, **tuning: int) -> list[SegmentEntry]:
    writer = SegmentWriter(directory, vectors.shape[1], Tuning(**tuning))  # type: ignore[arg-type]
    writer.add(np.arange(1, len(vectors) + 1), vectors.astype(np.float16))
    writer.flush()
    return writer.entries


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory, clustered: Vectors) -> VectorIndex:
    directory = tmp_path_factory.mktemp("vectors")
    entries = written(directory, clustered, segment_rows=5_000, coded_rows=4_000)
    assert [(entry.rows, entry.coded) for entry in entries] == [(5_000, True), (5_000, True), (2_000, False)]
    return VectorIndex.open(directory, entries, documents(range(1, ROWS, DOCUMENT)), DIMENSION, Tuning())


@pytest.mark.parametrize("every", [1, 2, 20, 200])
def test_recall_against_an_exact_scan_with_filters_of_every_width(
    index: VectorIndex, clustered: Vectors, queries: Vectors, every: int
) -> None:
    kept = documents(range(1, ROWS, DOCUMENT * every))
    allowed = None if every == 1 else Selection(kept)
    found = recalled = 0
    for query in queries:
        scores = clustered[kept.chunk_ids - 1] @ query
        truth = kept.chunk_ids[np.argsort(-scores, kind="stable")[:10]]
        hits = index.search(query, 10, allowed)
        assert set(kept.chunk_ids) >= {hit.chunk_id for hit in hits}
        assert [hit.score for hit in hits] == pytest.approx(clustered[[h.chunk_id - 1 for h in hits]] @ query)
        found += len({hit.chunk_id for hit in hits} & set(truth.tolist()))
        recalled += 10
    assert found >= 0.99 * recalled


def test_sentences_of_a_real_embedder_are_found_like_by_an_exact_scan(corpus_dir: Path) -> None:
    from ragchat.models.minilm import MiniLMEmbedder

    texts = sorted(
        {
            line
            for path in corpus_dir.rglob("*.md")
            for line in path.read_text().splitlines()
            if len(line) > 40
        }
    )[:800]
    rows = MiniLMEmbedder(threads=2).embed_documents(texts).astype(np.float16)
    ids = np.arange(len(rows))
    codes = Codes(encode(ids, rows))
    recalls = []
    for query in rows[::10].astype(np.float32):
        truth = np.argsort(-(rows.astype(np.float32) @ query), kind="stable")[:10]
        _, found = codes.candidates(query, 40, None)
        recalls.append(len(set(found.tolist()) & set(truth.tolist())) / 10)
    assert np.mean(recalls) >= 0.99


def test_same_rows_give_the_same_codes_and_answers(
    index: VectorIndex, tmp_path: Path, clustered: Vectors, queries: Vectors
) -> None:
    entries = written(tmp_path, clustered, segment_rows=5_000, coded_rows=4_000)
    again = VectorIndex.open(tmp_path, entries, documents(range(1, ROWS, DOCUMENT)), DIMENSION, Tuning())
    for query in queries[:10]:
        assert again.search(query, 50) == index.search(query, 50) == index.search(query, 50)


def test_search_shared_between_threads_answers_the_same_to_many_at_once(
    index: VectorIndex, tmp_path: Path, clustered: Vectors, queries: Vectors
) -> None:
    entries = written(tmp_path, clustered, segment_rows=1_000, coded_rows=500)
    everything = documents(range(1, ROWS, DOCUMENT))
    shared, alone = (
        VectorIndex.open(tmp_path, entries, everything, DIMENSION, Tuning(rows_a_thread=rows))
        for rows in (2_000, 1_000_000)
    )
    expected = [alone.search(query, 20) for query in queries]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda query: shared.search(query, 20), queries)) == expected


def test_equal_vectors_come_in_the_order_of_ids(tmp_path: Path, clustered: Vectors) -> None:
    vectors = clustered[:4_000].copy()
    same = [11, 999, 2_500, 3_999]
    vectors[same] = vectors[same[0]]
    entries = written(tmp_path, vectors, segment_rows=2_000, coded_rows=1_000)
    index = VectorIndex.open(tmp_path, entries, documents(range(1, 4_000, DOCUMENT)), DIMENSION, Tuning())
    hits = index.search(vectors[same[0]], 4)
    assert [hit.chunk_id for hit in hits] == [row + 1 for row in same]
    assert len({hit.score for hit in hits}) == 1


def test_dead_rows_are_never_found(tmp_path: Path, clustered: Vectors, queries: Vectors) -> None:
    entries = written(tmp_path, clustered[:4_000], segment_rows=2_000, coded_rows=1_000)
    living = documents(range(1, 4_000, DOCUMENT * 2))
    index = VectorIndex.open(tmp_path, entries, living, DIMENSION, Tuning())
    assert index.dead_rows == 2_000
    for query in queries[:5]:
        assert living.mask(np.asarray([hit.chunk_id for hit in index.search(query, 300)])).all()


@pytest.mark.parametrize(
    ("dimension", "rows", "expected"),
    [(384, 16, True), (384, 15, False), (7, 100, False), (1536, 100, True), (514, 100, False)],
)
def test_what_cannot_be_coded_is_searched_exactly(
    tmp_path: Path, dimension: int, rows: int, expected: bool
) -> None:
    assert can_be_coded(dimension, rows) is expected
    vectors = unit(np.random.default_rng(1).standard_normal((rows, dimension)))
    (entry,) = written(tmp_path, vectors, coded_rows=1)
    assert entry.coded is (tmp_path / codes_name(entry)).exists() is expected
    _, ids = Segment.open(tmp_path, entry, dimension).candidates(vectors[3], 1, 1, None)
    assert ids.tolist() == [4]


def replaced_by_codes_of_other_rows(codes: Path, other: Path) -> None:
    codes.write_bytes(other.read_bytes())


def replaced_by_another_index(codes: Path, other: Path) -> None:
    codes.write_bytes(other.with_suffix(".faiss").read_bytes())


def replaced_by_rubbish(codes: Path, other: Path) -> None:
    codes.write_bytes(b"IwPf" + b"\xff" * 1_000)


@pytest.mark.parametrize(
    "damage", [replaced_by_codes_of_other_rows, replaced_by_another_index, replaced_by_rubbish]
)
def test_codes_that_are_not_those_of_the_segment_are_refused(
    tmp_path: Path, clustered: Vectors, damage: Callable[[Path, Path], None]
) -> None:
    first, second = written(tmp_path, clustered[:200], segment_rows=100, coded_rows=50)
    damage(tmp_path / codes_name(first), tmp_path / codes_name(second))
    with pytest.raises(IndexDamaged, match=codes_name(first)):
        Segment.open(tmp_path, first, DIMENSION)
