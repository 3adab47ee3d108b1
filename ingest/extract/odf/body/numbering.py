"""How lists and headings count: the label of each item ("2.1", "(a)", "§ 3"), which no text holds.

Counts are the caller's: a list has its own from its first item on, or goes on with those of a list before.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from ingest.extract.assembly.levels import BULLET
from ingest.extract.odf.names import STYLE, TEXT, count
from ingest.extract.odf.opening import Opened
from ingest.extract.ooxml.counting import in_format

if TYPE_CHECKING:
    from lxml.etree import _Element as Element  # type: ignore[import-untyped]

Counts: TypeAlias = dict[int, int]
"""The number of the last item at each level, from 0."""

_FORMATS: Final = {
    "1": "decimal", "a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman", "1st": "ordinal",
    "01": "decimalZero", "01, 02, 03, ...": "decimalZero", "": "none",
}  # fmt: skip
_NUMBERED: Final = (TEXT + "list-level-style-number", TEXT + "outline-level-style")
_BULLETS: Final = (TEXT + "list-level-style-bullet", TEXT + "list-level-style-image")
DEEPEST: Final = 10
"""Levels of a list at most."""


@dataclass(frozen=True, slots=True)
class _Level:
    """How one level of a list counts."""

    format: str = "bullet"
    prefix: str = ""
    suffix: str = ""
    shown: int = 1
    """How many levels the label shows."""
    start: int = 1


class Numbering:
    """The list styles of one file."""

    def __init__(self, opened: Opened) -> None:
        self._lists: dict[str, dict[int, _Level]] = {}
        self._outline: dict[int, _Level] = {}
        for holder in opened.holders():
            for style in holder.iterchildren(TEXT + "list-style"):
                self._lists[style.get(STYLE + "name") or ""] = _levels(style)
            for style in holder.iterchildren(TEXT + "outline-style"):
                self._outline = _levels(style)

    def label(self, style: str, place: int, counts: Counts, start: int | None = None) -> str | None:
        """The next label at a level: BULLET for bullets and unknown styles, None where the list shows nothing."""
        return _label(self._lists.get(style, {}), place, counts, start)

    def heading(self, place: int, counts: Counts, start: int | None = None) -> str:
        """The next number of a heading, "" where headings have none."""
        label = _label(self._outline, place, counts, start)
        return label if label and label != BULLET else ""


def _label(levels: Mapping[int, _Level], place: int, counts: Counts, start: int | None) -> str | None:
    level = levels.get(place, _Level())
    counts[place] = counts.get(place, level.start - 1) + 1 if start is None else start
    for deeper in [deeper for deeper in counts if deeper > place]:
        del counts[deeper]
    if level.format == "bullet":
        return BULLET
    numbers = []
    for above in range(max(place - level.shown + 1, 0), place + 1):
        one = levels.get(above, level)
        number = in_format(counts.setdefault(above, one.start), one.format)
        numbers += [number] if number else []
    if level.format == "none":
        numbers = []
    return " ".join(f"{level.prefix}{'.'.join(numbers)}{level.suffix}".split()) or None


def _levels(style: "Element") -> dict[int, _Level]:
    found = {}
    for level in style:
        place = count(level, TEXT + "level") - 1
        if level.tag in _BULLETS:
            found[place] = _Level()
        elif level.tag in _NUMBERED:
            found[place] = _Level(
                _FORMATS.get(level.get(STYLE + "num-format") or "", "decimal"),
                level.get(STYLE + "num-prefix") or "",
                level.get(STYLE + "num-suffix") or "",
                max(count(level, TEXT + "display-levels"), 1),
                count(level, TEXT + "start-value"),
            )
    return found
