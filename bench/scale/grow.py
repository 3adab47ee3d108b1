"""Adds synthetic documents to an index home and publishes: `python -m bench.scale.grow HOME FIRST_BLOCK END_BLOCK`.

A process of its own, so that its memory is that of one ingest. Prints one JSON object: seconds and peak memory. The
time that the bench needs to make the documents is measured apart and taken off.
"""

import json
import resource
import sys
from pathlib import Path
from time import perf_counter

from bench.scale.data import BLOCK_CHUNKS, SPEC, documents
from ragchat.corpus.opening import open_stores
from ragchat.corpus.values import FileStat

ROOT = "synthetic"


def grow(home: Path, first_block: int, end_block: int) -> dict[str, float]:
    """Stages the blocks and publishes them as one generation."""
    making = 0.0
    began = perf_counter()
    with open_stores(home.parent).store(home.name).run() as writer:
        writer.begin(SPEC, "bench")
        made_at = perf_counter()
        for made in documents(first_block, end_block):
            making += perf_counter() - made_at
            stat = FileStat(len(made.document.text), 0)
            writer.stage(ROOT, made.document, made.chunks, made.vectors, stat)
            made_at = perf_counter()
        staged = perf_counter()
        info = writer.publish()
    ended = perf_counter()
    if info is None:
        raise SystemExit("nothing was published")
    chunks = (end_block - first_block) * BLOCK_CHUNKS
    return {
        "chunks_added": chunks,
        "chunks": info.chunks,
        "seconds": round(ended - began - making, 2),
        "publish_seconds": round(ended - staged, 2),
        "chunks_per_s": round(chunks / (ended - began - making), 1),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
        "index_mb": round(sum(f.stat().st_size for f in home.rglob("*") if f.is_file()) / 1e6, 1),
    }


def add_and_remove_one(home: Path, block: int) -> dict[str, float]:
    """Adds a single document and removes it again, as two ingests would: from opening the home to the publish."""
    made = next(documents(block, block + 1))
    began = perf_counter()
    with open_stores(home.parent).store(home.name).run() as writer:
        writer.begin(SPEC, "bench")
        writer.stage(ROOT, made.document, made.chunks, made.vectors, FileStat(len(made.document.text), 0))
        writer.publish()
    added = perf_counter()
    with open_stores(home.parent).store(home.name).run() as writer:
        writer.begin(SPEC, "bench")
        writer.remove(made.document.id)
        writer.publish()
    return {
        "add_one_s": round(added - began, 3),
        "remove_one_s": round(perf_counter() - added, 3),
        "one_peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
    }


if __name__ == "__main__":
    directory, first, end = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    result = add_and_remove_one(directory, first) if end == first else grow(directory, first, end)
    sys.stdout.write(json.dumps(result) + "\n")
