"""Measure pages a second of PDFs: ours beside each parser's plain text, one process a core, each with its own files.

Run: python bench/extract/speed.py EVAL_DIR [--repeat 8]. Only files of more than two pages that all readers can read;
seconds are those of the processor, so that other jobs on the machine change little.
"""

import argparse
import logging
import os
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from pathlib import Path
from time import process_time

from pypdfium2 import PdfDocument

from bench.extract.measure import READERS

FILES = (
    "protected_41_pages.pdf",
    "multi_page.pdf",
    "multicolumn.pdf",
    "invoice_multipage.pdf",
    "korean_4_pages.pdf",
)


def seconds(label: str, paths: list[Path]) -> float:
    """Of the processor, for reading the files once, after a first one that loads what is needed."""
    logging.disable()
    read = READERS["pdf"][label]
    read(paths[-1].read_bytes(), paths[-1].name)
    began = process_time()
    for path in paths:
        read(path.read_bytes(), path.name)
    return process_time() - began


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("eval_dir", type=Path)
    parser.add_argument("--repeat", type=int, default=8, help="times that the files are read")
    options = parser.parse_args()
    paths = [options.eval_dir / "files" / "pdf" / name for name in FILES]
    pages = sum(len(PdfDocument(path.read_bytes())) for path in paths)
    cores = os.cpu_count() or 1
    print(f"| reader | pages a second, {cores} cores | ms of one core a page |\n| --- | --- | --- |")
    for label in READERS["pdf"]:
        with ProcessPoolExecutor(cores) as pool:
            spent = sum(pool.map(seconds, repeat(label, options.repeat), repeat(paths)))
        each = spent / (pages * options.repeat)
        print(f"| {label} | {cores / each:.0f} | {1000 * each:.1f} |")


if __name__ == "__main__":
    main()
