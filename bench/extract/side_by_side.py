"""Measure pages a second of whole extraction: our reader alone in processes of its own, and the run's way to it.

Run: python bench/extract/side_by_side.py EVAL_DIR [--repeat 8]. The same files are read by bare processes, one a core,
and through the run's children (pipes, limits), with one child and with as many as this machine gets. Wall-clock: run it
when nothing else does.
"""

import argparse
import os
from collections import deque
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from time import perf_counter

from pypdfium2 import PdfDocument

from bench.extract.speed import FILES
from ingest.extract import extract
from ingest.extract.worker import ExtractionWorker, usual_children


def bare(path: Path) -> int:
    """Characters of the file, by our reader in the calling process."""
    return len(extract(path.read_bytes(), path.name).text)


def through_children(paths: list[Path], children: int) -> float:
    """Seconds for all of the files, warm."""
    with ExtractionWorker(children=children) as worker, ThreadPoolExecutor(children) as pool:
        list(pool.map(worker.extract, paths[:children]))
        began = perf_counter()
        deque(pool.map(worker.extract, paths), maxlen=0)
        return perf_counter() - began


def through_bare(paths: list[Path], processes: int) -> float:
    with ProcessPoolExecutor(processes) as pool:
        list(pool.map(bare, paths[:processes]))
        began = perf_counter()
        deque(pool.map(bare, paths), maxlen=0)
        return perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("eval_dir", type=Path)
    parser.add_argument("--repeat", type=int, default=8, help="times that the files are read")
    options = parser.parse_args()
    paths = [options.eval_dir / "files" / "pdf" / name for name in FILES] * options.repeat
    pages = sum(len(PdfDocument(path.read_bytes())) for path in paths)
    cores = len(os.sched_getaffinity(0))
    print("| | pages a second |\n| --- | --- |")
    print(f"| our reader alone, {cores} processes | {pages / through_bare(paths, cores):.0f} |")
    for children in sorted({1, usual_children()}):
        print(f"| through the run's children: {children} | {pages / through_children(paths, children):.0f} |")


if __name__ == "__main__":
    main()
