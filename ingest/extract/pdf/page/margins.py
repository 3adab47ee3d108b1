"""What runs through the pages of a document in their margins: heads, footers, page numbers."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from ingest.extract.pdf.lines import PAGE_NUMBER, line_keys
from ingest.extract.pdf.page.layout import Line

MARGIN: Final = 0.14
"""Share of the page's height at its top and bottom in which running heads and footers stand."""
SHORT_MARGIN: Final = 0.085
"""The same where fewer than five pages tell."""

NUMBER_MARGIN: Final = 0.18
"""The same for bare page numbers."""


def without_running(pages: Sequence[list[Line]], frames: Sequence[tuple[float, float]]) -> list[list[Line]]:
    """Pages without the lines that stand at the same place of the margin on most pages, page numbers told relatively.

    `frames` are (bottom, height) of the pages. Nothing goes where that would take a quarter of the characters.
    """
    keys = [
        [_running_keys(line, number, *frame, len(pages)) for line in page]
        for number, (page, frame) in enumerate(zip(pages, frames, strict=True))
    ]
    counts = Counter(key for page in keys for key in {key for line in page for key in line})
    least = max(2, 0.4 * sum(bool(page) for page in pages))
    kept = [
        [line for line, names in zip(page, of, strict=True) if all(counts[name] < least for name in names)]
        for page, of in zip(pages, keys, strict=True)
    ]
    return kept if _size(kept) * 4 >= _size(pages) * 3 else [list(page) for page in pages]


def _size(pages: Sequence[Sequence[Line]]) -> int:
    return sum(len(line.text) for page in pages for line in page)


def _running_keys(line: Line, number: int, bottom: float, height: float, pages: int) -> frozenset[str]:
    if line.table is not None or not line.text or height <= 0:
        return frozenset()
    place = (line.y - bottom) / height
    margin = MARGIN if pages >= 5 else SHORT_MARGIN
    if PAGE_NUMBER.fullmatch(line.text):
        margin = NUMBER_MARGIN
    if margin < place < 1 - margin:
        return frozenset()
    level = round(place * 100)
    return frozenset(
        key
        for step in (level, level + 1)
        for key in line_keys(f"{step}/{round(line.size)} ", line.text, number)
    )
