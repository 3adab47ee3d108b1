"""Builds the PDF and DOCX files of the sample knowledge base from the Markdown in tools/corpus_text.

The same text gives the same bytes: no clocks, no compression. They also depend on the two libraries that write
them, so BUILT_WITH names the versions of the committed files; other versions give the same text in other bytes.
Needs the `dev` extra (reportlab). Usage: `build_corpus.py [--out DIR] [--check]`.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from corpus_blocks import read_blocks
from corpus_pdf import pdf
from corpus_word import word
from reportlab.lib.pagesizes import A4, A5

TEXTS: Final = Path(__file__).resolve().parent / "corpus_text"
CORPUS: Final = Path(__file__).resolve().parent.parent / "corpus"
BUILT_WITH: Final = {"reportlab": "5.1.0", "python-docx": "1.2.0"}
TARGETS: Final = {
    "tern-t3-user-manual.md": "manuals/tern-t3-user-manual.pdf",
    "battery-transport-sheet.md": "manuals/battery-transport-sheet.pdf",
    "annual-safety-report-2025.md": "reports/annual-safety-report-2025.pdf",
    "roost-service-agreement.md": "contracts/roost-service-agreement.docx",
    "procurement-policy.md": "policies/procurement-policy.docx",
}


def build(name: str) -> bytes:
    """The bytes of one target, made from tools/corpus_text/<name>."""
    blocks = read_blocks((TEXTS / name).read_text("utf-8"))
    if TARGETS[name].endswith(".docx"):
        return word(blocks)
    return pdf(blocks, A5 if TARGETS[name].startswith("manuals/") else A4)


def main(arguments: Sequence[str] | None = None) -> int:
    """Writes the files, or with --check compares them; exit code 1 when a committed file differs."""
    parser = argparse.ArgumentParser(description="Build the PDF and DOCX files of the sample knowledge base.")
    parser.add_argument("--out", type=Path, default=CORPUS, help="folder to write into (default: corpus)")
    parser.add_argument("--check", action="store_true", help="compare with the files in --out, write nothing")
    options = parser.parse_args(arguments)
    stale = 0
    for name, target in TARGETS.items():
        path, data = options.out / target, build(name)
        if options.check:
            same = path.is_file() and path.read_bytes() == data
            stale += not same
            print(f"{target}: {'as built' if same else 'differs'}")
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            print(f"{target}: {len(data):,} bytes")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
