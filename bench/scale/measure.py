"""Measures an index home as a server would use it: `python -m bench.scale.measure HOME BLOCKS`; prints one JSON object.

Open time, hybrid search without the query embedding (the query's vector is given), the two searches alone, filtered
search against exact answers, and memory. With `--wait` it only serves some searches, tells its memory when a line
comes in, and ends: two such processes beside each other show what they share.
"""

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from time import perf_counter, process_time

import numpy as np
from numpy.typing import NDArray

from bench.scale.data import BLOCK, BLOCK_CHUNKS, CHUNKS, KEPT, SPEC, Query, block_vectors, queries
from ragchat.corpus.local.catalog.live import Selection
from ragchat.corpus.local.searching.snapshot import LocalSnapshot
from ragchat.corpus.local.store import LocalStore
from ragchat.corpus.values import Filters
from ragchat.models.embedder import EmbedderSpec, Passage, PassageVectors, Vectors
from ragchat.retrieval.search import Retriever, SearchOptions

QUERIES = 500
WARM_UP = 50
FILTERED = 60
TOP = 10


class GivenVectors:
    """An embedder that looks a query's vector up, so that searching is timed without embedding."""

    def __init__(self, asked: Iterable[Query]) -> None:
        self.vectors = {query.text: query.vector for query in asked}

    @property
    def spec(self) -> EmbedderSpec:
        return SPEC

    def embed_query(self, text: str) -> Vectors:
        return self.vectors[text]

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        return np.stack([self.vectors[text] for text in texts])

    def embed_passages(self, passages: Iterable[Passage]) -> Iterator[PassageVectors]:
        raise NotImplementedError("the bench only searches")


def memory() -> dict[str, float]:
    """MB of this process: resident, its share of it (PSS), and what nobody else can have (private)."""
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()[1:]
    kb = {line.split(":")[0]: float(line.split()[1]) for line in lines}
    private = kb["Private_Clean"] + kb["Private_Dirty"]
    return {
        "rss_mb": round(kb["Rss"] / 1024, 1),
        "pss_mb": round(kb["Pss"] / 1024, 1),
        "private_mb": round(private / 1024, 1),
        "anonymous_mb": round(kb["Anonymous"] / 1024, 1),
    }


def milliseconds(work: Callable[[Query], object], asked: Sequence[Query]) -> dict[str, float]:
    """p50 and p99 of calls one after the other, after a warm-up.

    `cpu` is the processor time of all threads, which a loaded machine spoils less.
    """
    for query in asked[:WARM_UP]:
        work(query)
    seconds, cpu = [], []
    for query in asked[WARM_UP:]:
        began, cpu_began = perf_counter(), process_time()
        work(query)
        cpu.append(process_time() - cpu_began)
        seconds.append(perf_counter() - began)
    p50, p99 = np.percentile(seconds, [50, 99]) * 1000
    cpu_p50 = float(np.percentile(cpu, 50)) * 1000
    return {"p50_ms": round(float(p50), 2), "p99_ms": round(float(p99), 2), "cpu_p50_ms": round(cpu_p50, 2)}


def exact(asked: Sequence[Query], blocks: int) -> dict[str, list[set[tuple[int, int]]]]:
    """The true TOP (document, ordinal) of every query, over all chunks and over each filter's."""
    vectors = np.stack([query.vector for query in asked])
    best: dict[str, list[list[tuple[float, tuple[int, int]]]]] = {
        name: [[] for _ in asked] for name in ("all", *KEPT)
    }
    for block in range(blocks):
        scores = vectors @ block_vectors(block).T
        numbers = block * BLOCK + np.arange(BLOCK_CHUNKS) // CHUNKS
        for name, found in best.items():
            rows = np.arange(BLOCK_CHUNKS) if name == "all" else np.flatnonzero(numbers % KEPT[name] == 0)
            _keep_best(found, scores[:, rows], numbers[rows], rows % CHUNKS)
    return {name: [{place for _, place in one} for one in found] for name, found in best.items()}


def _keep_best(
    found: list[list[tuple[float, tuple[int, int]]]],
    scores: NDArray[np.float32],
    numbers: NDArray[np.intp],
    ordinals: NDArray[np.intp],
) -> None:
    if scores.shape[1] == 0:
        return
    count = min(TOP, scores.shape[1])
    for query, row in enumerate(scores):
        top = np.argpartition(-row, count - 1)[:count]
        candidates = [(float(row[i]), (int(numbers[i]), int(ordinals[i]))) for i in top]
        found[query] = sorted([*found[query], *candidates], reverse=True)[:TOP]


def filtered(generation: LocalSnapshot, asked: Sequence[Query], blocks: int) -> dict[str, dict[str, float]]:
    """Recall of the TOP nearest chunks against exact answers, and latency, for each share that a filter keeps."""
    truth = exact(asked[:FILTERED], blocks)
    measured: dict[str, dict[str, float]] = {}
    for name, true_sets in truth.items():
        filters = Filters() if name == "all" else Filters(metadata={name: (0,)})
        allowed = generation.select(filters)
        recalls = []
        for query, wanted in zip(asked, true_sets, strict=False):
            hits = generation.vectors.search(query.vector, TOP, allowed)
            chunks = generation.chunks([hit.chunk_id for hit in hits], vectors=False)
            recalls.append(len({(int(c.document.id[1:]), c.ordinal) for c in chunks} & wanted) / TOP)
        latency = milliseconds(_nearest_in(generation, allowed), asked)
        measured[name] = {"recall_at_10": round(float(np.mean(recalls)), 4), **latency}
    return measured


def _nearest_in(generation: LocalSnapshot, allowed: Selection | None) -> Callable[[Query], object]:
    return lambda query: generation.vectors.search(query.vector, TOP, allowed)


def measure(home: Path, blocks: int) -> Mapping[str, object]:
    """Everything, in one process."""
    import faiss  # noqa: F401 - loaded before the clock runs, as in a server that has started
    import tantivy  # noqa: F401

    asked = queries(QUERIES, blocks)
    began = perf_counter()
    generation = LocalStore(home).open(embedder=SPEC)
    opened = perf_counter() - began
    retriever = Retriever(generation, GivenVectors(asked))
    first = perf_counter()
    retriever.search(asked[0].text, SearchOptions())
    first_search = perf_counter() - first
    if generation.check is not None:
        generation.check.wait()  # hashing the files goes on for seconds beside the first searches, once
    result: dict[str, object] = {
        "open_s": round(opened, 3),
        "first_search_ms": round(first_search * 1000, 1),
        "hybrid": milliseconds(lambda query: retriever.search(query.text, SearchOptions()), asked),
        "memory": memory(),
        "vectors_only": milliseconds(lambda query: generation.vectors.search(query.vector, 50), asked),
        "words_only": milliseconds(lambda query: generation.words.match(query.text, 50), asked),
    }
    result["filtered"] = filtered(generation, asked, blocks)
    half = SearchOptions(filters=Filters(metadata={"half": (0,)}))
    result["hybrid_half_kept"] = milliseconds(lambda query: retriever.search(query.text, half), asked)
    generation.close()
    return result


def wait(home: Path, blocks: int) -> None:
    """Serves searches, says so, and tells the memory when asked."""
    asked = queries(QUERIES // 2, blocks)
    generation = LocalStore(home).open(embedder=SPEC)
    retriever = Retriever(generation, GivenVectors(asked))
    for query in asked:
        retriever.search(query.text, SearchOptions())
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    sys.stdout.write(json.dumps(memory()) + "\n")
    sys.stdout.flush()
    sys.stdin.readline()


if __name__ == "__main__":
    if sys.argv[1] == "--wait":
        wait(Path(sys.argv[2]), int(sys.argv[3]))
    else:
        sys.stdout.write(json.dumps(measure(Path(sys.argv[1]), int(sys.argv[2]))) + "\n")
