"""Measure whether what is quoted of PDFs is found on its page by pdfium's own search, as a viewer would find it.

Run: python bench/extract/quotes.py FOLDER [--sample 400]. Of each PDF below the folder, sentences of prose (headings,
paragraphs, items; rows of tables name their columns and are no quotes) are drawn evenly. What the text marks (raised
digits, struck words, links, marks of footnotes) is taken off first. A word that is parted at the end of a line is found
in its two parts, one right behind the other; so is whatever else pdfium's text of the page parts.
"""

import argparse
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pypdfium2 import PdfDocument, PdfiumError

from ingest.extract import extract
from ingest.extract.extracted import Extracted
from ragchat.documents import Span
from ragchat.errors import DocumentFailed
from ragchat.language.sentences import prose_spans

if TYPE_CHECKING:
    from pypdfium2 import PdfTextPage

PROSE: Final = ("heading", "paragraph", "item", "step", "quotation")
SHORTEST: Final = 20
"""Characters of a sentence at least."""
APART: Final = 4
"""Characters of a page between two parts of a quote at most: a hyphen and a line end."""
MOST_PARTS: Final = 40
FIRST: Final = 2
"""Letters of a word that stand together wherever it is parted."""
_MARKS: Final = re.compile(r"\[\^[^\]]{1,8}\]:?|~~|(?<=[\w)])[\^_](?=[\w{(+-])|\*\*|`|\s…(?:\s|$)")
_PLACED: Final = re.compile("[⁰¹²³⁴-⁹⁺-ⁿ₀-₎ª]")
_RIGHT_TO_LEFT: Final = re.compile("[\u0590-\u08ff]")
_LINK: Final = re.compile(r"\[([^\[\]]+)\]\([^()\s]*\)")


def quotes_of(extracted: Extracted) -> Iterator[tuple[int, str]]:
    """(page from 0, sentence) of all prose that lies on one page."""
    starts = [*extracted.pages, len(extracted.text)]
    for page, (start, end) in enumerate(pairwise(starts)):
        for block in extracted.blocks:
            if block.kind in PROSE and start <= block.span.start and block.span.end <= end:
                yield from ((page, span.of(extracted.text)) for span in _sentences(extracted, block.span))


def _sentences(extracted: Extracted, span: Span) -> list[Span]:
    inner = [
        b for b in extracted.blocks if b.kind in ("list", "table") and span.start < b.span.start < span.end
    ]
    end = min((block.span.start for block in inner), default=span.end)
    return [s for s in prose_spans(extracted.text, span.start, end) if s.end - s.start >= SHORTEST]


def plain(quote: str) -> str:
    """A quote as the page shows it: without marks, raised and lowered digits as digits."""
    words = _MARKS.sub(" ", _LINK.sub(r"\1", quote))
    return " ".join(_PLACED.sub(lambda sign: unicodedata.normalize("NFKC", sign[0]), words).split())


def is_found(textpage: "PdfTextPage", quote: str) -> bool:
    """Whether pdfium's search finds the quote on the page, whole or in parts right behind each other."""
    return any(_goes_on(textpage, quote, start, MOST_PARTS) for start in _starts(textpage, quote))


def _starts(textpage: "PdfTextPage", quote: str) -> Iterator[int]:
    """Where the first letters of a quote stand."""
    searcher = textpage.search(quote[:FIRST], match_case=True)
    while (hit := searcher.get_next()) is not None:
        yield hit[0]


def _goes_on(textpage: "PdfTextPage", quote: str, place: int, parts: int) -> bool:
    """Whether the quote stands at a place: its longest beginning that does, and the rest right behind."""
    low, high, end = 0, len(quote), place
    while low < high:  # the longest beginning that stands there
        middle = (low + high + 1) // 2
        hit = textpage.search(quote[:middle].strip(), index=place, match_case=True).get_next()
        if hit is not None and hit[0] - place <= APART:
            low, end = middle, hit[0] + hit[1]
        else:
            high = middle - 1
    rest = quote[low:].lstrip("- ")  # pdfium has a sign of its own for the hyphen at the end of a line
    return not rest or (low > 0 and parts > 0 and _goes_on(textpage, rest, end, parts - 1))


@dataclass(slots=True)
class Count:
    """How many sentences were looked for and found, apart by script and where no text layer is."""

    looked: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    missed: list[str] = field(default_factory=list)


def measure(path: Path, most: int) -> Count:
    """Looks for at most so many sentences of a file."""
    count = Count()
    data = path.read_bytes()
    try:
        quotes = list(quotes_of(extract(data, path.name)))
        document = PdfDocument(data)
    except (DocumentFailed, PdfiumError):
        return count
    for page, quote in quotes[:: max(1, -(-len(quotes) // most))]:
        textpage = document[page].get_textpage()
        kind = (
            "scan" if not textpage.count_chars() else "right to left" if _RIGHT_TO_LEFT.search(quote) else ""
        )
        words = plain(quote)
        count.looked[kind] += 1
        if is_found(textpage, words):
            count.found[kind] += 1
        else:
            count.missed.append(f"page {page + 1}: {words}")
    return count


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sample", type=int, default=400, help="sentences of a file at most")
    parser.add_argument(
        "--missed", type=int, default=0, help="also show so many sentences that were not found"
    )
    options = parser.parse_args()
    total = Count()
    print("| file | sentences | found |\n| --- | --- | --- |")
    for path in sorted(options.folder.rglob("*.pdf")):
        count = measure(path, options.sample)
        total.looked += count.looked
        total.found += count.found
        for kind, looked in count.looked.items():
            told = f" ({kind})" if kind else ""
            print(f"| {path.name}{told} | {looked} | {count.found[kind] / looked:.3f} |")
        for quote in count.missed[: options.missed]:
            print("   ", quote[:160])
    for kind, looked in total.looked.items():
        name = kind or "text layer, left to right"
        print(f"| **{name}** | **{looked}** | **{total.found[kind] / looked:.4f}** |")


if __name__ == "__main__":
    main()
