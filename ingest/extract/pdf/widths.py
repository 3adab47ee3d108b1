"""How far lines reach and how far apart they stand: what tells a wrapped line from one that ended."""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from ingest.extract.pdf.page.layout import Line

WINDOW: Final = 8
"""Lines above and below that tell how wide the column is."""
_FIRST_WORD: Final = re.compile(r"\S+")


def leading_of(pages: Sequence[Sequence[Line]]) -> float:
    """The usual distance of two lines of a paragraph, in font sizes."""
    steps = Counter(
        round((above.y - below.y) / above.size, 2)
        for page in pages
        for above, below in pairwise(page)
        if above.text and abs(above.size - below.size) < 0.2 and 0.9 < (above.y - below.y) / above.size < 2.5
    )
    return steps.most_common(1)[0][0] if steps else 1.25


def full_widths(page: Sequence[Line]) -> list[float]:
    """For each line, the right end that lines reach near it which have its size and begin about where it does."""
    return [_reach(page, index) for index in range(len(page))]


def _reach(page: Sequence[Line], index: int) -> float:
    line = page[index]
    ends = sorted(
        other.x1
        for other in page[max(0, index - WINDOW) : index + WINDOW + 1]
        if other.table is None
        and abs(other.size - line.size) < 0.5
        and abs(other.x0 - line.x0) < 2.5 * line.size
    )
    return ends[-1 - (len(ends) > 5)] if ends else line.x1


def is_wrapped(above: Line, below: Line, reach: float) -> bool:
    """Whether the first word of `below` had no place behind `above`."""
    word = _FIRST_WORD.match(below.text)
    width = (below.x1 - below.x0) / max(len(below.text), 1)
    need = 1.15 * width * (len(word[0]) if word else 1) + 0.3 * below.size
    return above.x1 + need > reach - 0.3 * above.size
