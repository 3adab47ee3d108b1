"""Which lines of a document are headings, and of which level.

Decided over the whole document, because "large" and "bold" mean something beside the body text only. Headings that
the outline names are those; the others are recognised by their face and get levels by it.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from ingest.extract.pdf.lines import ITEM
from ingest.extract.pdf.page.layout import Line
from ingest.extract.pdf.widths import full_widths, is_wrapped, leading_of

MAX_HEADING: Final = 150
"""Characters of a heading at most."""
_NUMBERED: Final = re.compile(r"(\d{1,3}(?:\.\d{1,3})*)\.?\s+(?=[^\W\d_])")
_NUMBER: Final = re.compile(
    r"(?:(?:chapter|section|part|appendix|kapitel)\s+)?[\divxlc]{1,4}[.):]?(?:\d+\.)*\d*|[a-z][.)]?"
)
_LOOSE: Final = re.compile(r"[\W_]+")
_NO_HEADING_END: Final = re.compile(r"[.,;،。]$")

Face = tuple[float, bool]
Entry = tuple[int, int, str]
"""Of an outline: level from 1, page from 0, title."""


@dataclass(slots=True)
class Style:
    """What the document looks like: the body's font size, whether it is bold, the distance of its lines."""

    size: float
    bold: bool
    leading: float
    levels: dict[tuple[int, int], int] = field(default_factory=dict)
    """(page, index of the line) -> level, for the first line of every heading."""
    titles: dict[tuple[int, int], str] = field(default_factory=dict)
    """The outline's name for those headings that it knows."""
    more: set[tuple[int, int]] = field(default_factory=set)
    """Further lines of headings."""


def style_of(pages: Sequence[Sequence[Line]], outline: Sequence[Entry]) -> Style:
    """The document's look with its headings. An outline of which less than half is on its pages is not believed."""
    style = _body(pages)
    named = _named(pages, outline)
    if len(set(named.values())) * 2 < len(outline):
        named = {}
    style.titles = {place: " ".join(outline[entry][2].split()) for place, entry in named.items()}
    _find_headings(pages, style, {place: outline[entry][0] for place, entry in named.items()})
    return style


def _body(pages: Sequence[Sequence[Line]]) -> Style:
    faces: Counter[Face] = Counter()
    for page in pages:
        for line in page:
            faces[round(line.size * 2) / 2, line.bold] += len(line.text)
    sizes: Counter[float] = Counter()
    for (size, _), count in faces.items():
        sizes[size] += count
    body = sizes.most_common(1)[0][0] if sizes else 10.0
    return Style(body or 10.0, faces[body, True] > faces[body, False], leading_of(pages))


def _bare(text: str) -> str:
    return _LOOSE.sub("", text).casefold()


def _named(pages: Sequence[Sequence[Line]], outline: Sequence[Entry]) -> dict[tuple[int, int], int]:
    """(page, line) -> the entry of the outline whose title it is, alone or with the line below."""
    wanted: dict[int, dict[str, int]] = {}
    for entry, (_, page, title) in enumerate(outline):
        if 0 <= page < len(pages) and _bare(title):
            wanted.setdefault(page, {}).setdefault(_bare(title), entry)
    found: dict[tuple[int, int], int] = {}
    for page, titles in wanted.items():
        for index, line in enumerate(pages[page]):
            if line.table is not None or len(line.text) > 2 * MAX_HEADING:
                continue
            for text in (line.text, f"{line.text} {_following(pages[page], index)}"):
                entry = titles.get(_bare(text), titles.get(_bare(_without_number(text)), -1))
                if entry >= 0 and entry not in found.values():
                    found[page, index] = entry
                    break
    return found


def _following(page: Sequence[Line], index: int) -> str:
    below = page[index + 1] if index + 1 < len(page) else None
    same = below is not None and below.size == page[index].size and below.bold == page[index].bold
    return below.text if below is not None and same else ""


def _without_number(text: str) -> str:
    first, _, rest = text.partition(" ")
    return rest if _NUMBER.fullmatch(first.lower()) else text


def _find_headings(pages: Sequence[Sequence[Line]], style: Style, named: dict[tuple[int, int], int]) -> None:
    """Fills `style.levels` and `style.more`."""
    seen: dict[tuple[int, int], Line] = {}
    for number, page in enumerate(pages):
        reach = full_widths(page)
        index = 0
        while index < len(page):
            length = _heading_lines(page, index, style, reach, (number, index) in named)
            if length:
                seen[number, index] = page[index]
                style.more.update((number, index + step) for step in range(1, length))
            index += max(length, 1)
    style.levels.update(_levels(seen, named))


def _heading_lines(
    page: Sequence[Line], index: int, style: Style, reach: Sequence[float], named: bool
) -> int:
    """How many lines the heading that begins here has; 0 when none does."""
    line = page[index]
    if line.table is not None or line.note or not (named or _looks_like_heading(page, index, style)):
        return 0
    length = 1
    while index + length < len(page):
        above, below = page[index + length - 1], page[index + length]
        same = below.table is None and abs(below.size - line.size) < 0.3 and below.bold == line.bold
        near = 0 < above.y - below.y < 1.5 * line.size
        if (
            not same
            or not near
            or _NUMBERED.match(below.text)
            or not is_wrapped(above, below, reach[index + length - 1])
        ):
            break
        length += 1
    text = " ".join(part.text for part in page[index : index + length])
    if named:
        return length if length <= 3 and line.size >= 1.05 * style.size else 1
    return length if length <= 3 and len(text) <= MAX_HEADING and not _NO_HEADING_END.search(text) else 0


def _looks_like_heading(page: Sequence[Line], index: int, style: Style) -> bool:
    """Larger than the body, or bold in a light body, or numbered or in capitals and standing alone."""
    line, text = page[index], page[index].text
    numbered = _NUMBERED.match(text)
    letters = sum(map(str.isalpha, text))
    if letters < 2 or len(text) > MAX_HEADING or (ITEM.match(text) and not numbered):
        return False
    if line.size >= 1.15 * style.size:
        return True
    above = page[index - 1] if index else None
    gap = 9.0 if above is None or above.table is not None else (above.y - line.y) / line.size
    alone = not 0 <= gap < 1.15 * style.leading
    if line.size < 0.95 * style.size or _NO_HEADING_END.search(text):
        return False
    if line.bold and not style.bold:
        return alone or (above is not None and above.bold and above.size > line.size)
    below = page[index + 1] if index + 1 < len(page) else None
    apart = (
        below is None
        or below.table is not None
        or not 0 <= line.y - below.y < 1.15 * style.leading * line.size
    )
    if not alone or (numbered and not apart):
        return False
    capitals = letters >= 6 and text == text.upper() and text != text.lower() and len(text) <= 80
    return capitals or bool(numbered and len(text) <= 60 and text[numbered.end()].isupper())


def _levels(
    seen: dict[tuple[int, int], Line], named: dict[tuple[int, int], int]
) -> dict[tuple[int, int], int]:
    """By the outline, where it knows; else below the nearest larger face, numbered ones by their depth."""
    known: dict[Face, int] = {}
    for place, level in named.items():
        known.setdefault(_face(seen[place]) if place in seen else (0.0, False), level)
    depths: dict[Face, int] = {}
    for line in seen.values():
        depth = _depth(line)
        if depth:
            depths[_face(line)] = min(depth, depths.get(_face(line), depth))
    level_of: dict[Face, int] = {}
    for face in sorted({_face(line) for line in seen.values()}, reverse=True):
        above = max(level_of.values(), default=0)
        level_of[face] = known.get(face, above + 1)
    return {
        place: min(
            named.get(place, level_of[_face(line)] + max(_depth(line) - depths.get(_face(line), 0), 0)), 6
        )
        for place, line in seen.items()
    }


def _face(line: Line) -> Face:
    return round(line.size * 2) / 2, line.bold


def _depth(line: Line) -> int:
    match = _NUMBERED.match(line.text)
    return match[1].count(".") + 1 if match else 0
