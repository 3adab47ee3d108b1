"""Measure extraction on the evaluation files: word-level agreement with the reference texts, and seconds per file.

Run: python bench/extract/measure.py EVAL_DIR [--kinds html,office,pdf]. Prints the tables of README.md.
A word is a run of letters and digits,
lower case, in the text and not in the addresses of links; precision and recall are over bags of words; times are the
best of three in a warm process.
"""

import argparse
import re
from collections import Counter
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter

from selectolax.lexbor import LexborHTMLParser

from ingest.extract import extract

Read = Callable[[bytes, str], str]


def words(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w+", re.sub(r"\]\([^()\s]*\)", "]", text.lower())))


def reference(path: Path) -> str:
    text = path.read_text("utf-8")
    body = LexborHTMLParser(text).body if path.suffix == ".html" else None
    return str(body.text(separator=" ")) if body is not None else text


def by_trafilatura(favor_recall: bool) -> Read:
    def read(data: bytes, name: str) -> str:
        import trafilatura

        return (
            trafilatura.extract(data, output_format="txt", include_comments=False, favor_recall=favor_recall)
            or ""
        )

    return read


def by_readability(data: bytes, name: str) -> str:
    from readability import Document

    body = LexborHTMLParser(Document(data.decode("utf-8", "replace")).summary()).body
    return str(body.text(separator=" ")) if body is not None else ""


def by_markitdown(data: bytes, name: str) -> str:
    import io

    from markitdown import MarkItDown, StreamInfo

    info = StreamInfo(
        extension=Path(name).suffix, filename=name, charset="utf-8" if name.endswith("html") else None
    )
    return str(MarkItDown().convert_stream(io.BytesIO(data), stream_info=info).text_content)


def by_pdfium(data: bytes, name: str) -> str:
    from pypdfium2 import PdfDocument

    document = PdfDocument(data)
    return "\n".join(page.get_textpage().get_text_bounded() for page in document)


def by_pypdf(data: bytes, name: str) -> str:
    import io

    from pypdf import PdfReader

    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages)


def ours(data: bytes, name: str) -> str:
    return extract(data, name).text


def measure(files: Path, kind: str, label: str, read: Read) -> None:
    rows = []
    for path in sorted((files / "expected" / kind).iterdir()):
        name = path.name.removesuffix(".md")
        data = (files / kind / name).read_bytes()
        seconds = []
        for _ in range(3):
            began = perf_counter()
            text = read(data, name)
            seconds.append(perf_counter() - began)
        found, expected = words(text), words(reference(path))
        common = (found & expected).total()
        precision, recall = common / max(found.total(), 1), common / max(expected.total(), 1)
        rows.append((2 * common / max(found.total() + expected.total(), 1), precision, recall, min(seconds)))
        print(
            f"| {label} | {name} | {rows[-1][0]:.3f} | {precision:.3f} | {recall:.3f} | {min(seconds) * 1000:.0f} |"
        )
    mean = [sum(column) / len(rows) for column in zip(*rows, strict=True)]
    print(
        f"| **{label}** | **mean of {len(rows)}** | **{mean[0]:.3f}** | {mean[1]:.3f} | {mean[2]:.3f} "
        f"| {mean[3] * 1000:.0f} |"
    )


def _installed(module: str, readers: dict[str, Read]) -> dict[str, Read]:
    return readers if find_spec(module) else {}


READERS: dict[str, dict[str, Read]] = {
    "html": {"ours": ours}
    | _installed(
        "trafilatura", {"trafilatura": by_trafilatura(False), "trafilatura, recall": by_trafilatura(True)}
    )
    | _installed("readability", {"readability": by_readability})
    | _installed("markitdown", {"markitdown": by_markitdown}),
    "office": {"ours": ours} | _installed("markitdown", {"markitdown": by_markitdown}),
    "pdf": {"ours": ours, "pypdf alone": by_pypdf, "pdfium alone": by_pdfium},
}
"""What reads each kind; trafilatura, readability-lxml and markitdown where they are installed: none is needed here."""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("eval_dir", type=Path)
    parser.add_argument("--kinds", default=",".join(READERS))
    options = parser.parse_args()
    print("| reader | file | word F1 | precision | recall | ms |\n| --- | --- | --- | --- | --- | --- |")
    for kind in options.kinds.split(","):
        for label, read in READERS[kind].items():
            measure(options.eval_dir / "files", kind, label, read)


if __name__ == "__main__":
    main()
