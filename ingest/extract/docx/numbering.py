"""How Word counts: the label of each numbered paragraph ("2.1", "(a)", "§ 3", "Article 2:"), which no text holds.

Lists that share a definition count on together, unless one of them says where it starts.
"""

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from ingest.extract.assembly.levels import BULLET
from ingest.extract.docx.styles import val
from ingest.extract.ooxml.counting import in_format
from ingest.extract.ooxml.names import W
from ingest.extract.ooxml.parts import Package

if TYPE_CHECKING:
    from lxml.etree import _Element as Element  # type: ignore[import-untyped]

_PLACE: Final = re.compile(r"%(\d)")


@dataclass(frozen=True, slots=True)
class Level:
    """How one level of a list counts."""

    format: str = "decimal"
    text: str = "%1."
    start: int = 1
    restart: int | None = None
    """The level (from 1) whose numbers set it back; 0: none, None: every one above."""
    legal: bool = False
    style: str = ""


@dataclass(frozen=True, slots=True)
class _List:
    """An instance of a definition, with the levels that it changes."""

    definition: str
    levels: dict[int, Level]
    starts: dict[int, int]


class Numbering:
    """The lists of one document; counters run along as labels are asked for."""

    def __init__(self, package: Package, main: str) -> None:
        self._lists: dict[str, _List] = {}
        self._counts: dict[str, dict[int, int]] = {}
        self._begun: set[str] = set()
        for root in package.roots(main, "numbering"):
            definitions = _definitions(root)
            for number in root.iterchildren(W + "num"):
                name = val(number.find(W + "abstractNumId")) or ""
                self._lists[str(number.get(W + "numId"))] = _instance(number, name, definitions.get(name, {}))

    def level_of(self, number: str, style: str) -> int:
        """The level of a list that belongs to a style; 0 where none does."""
        levels = self._lists[number].levels if number in self._lists else {}
        return next((place for place, level in levels.items() if style and level.style == style), 0)

    def label(self, number: str, place: int) -> str | None:
        """The next label at a level: BULLET for bullets, None where the list shows nothing."""
        known = self._lists.get(number)
        level = known.levels.get(place) if known is not None else None
        if known is None or level is None:
            return BULLET
        if level.format == "bullet":
            return BULLET
        counts = self._count(number, known, place)
        text = _PLACE.sub(lambda match: _shown(known, counts, int(match[1]) - 1, level.legal), level.text)
        return " ".join(text.split()) or None

    def count(self, name: str) -> str:
        """The next label of a list that has no definition, only a style's name."""
        counts = self._counts.setdefault(name, {})
        counts[0] = counts.get(0, 0) + 1
        return f"{counts[0]}."

    def _count(self, number: str, known: _List, place: int) -> dict[int, int]:
        counts = self._counts.setdefault(known.definition, {})
        if number not in self._begun:
            self._begun.add(number)
            for level, start in known.starts.items():
                counts[level] = start - 1
                for deeper in [deeper for deeper in counts if deeper > level]:
                    del counts[deeper]
        for above in range(place):
            counts.setdefault(above, known.levels[above].start if above in known.levels else 1)
        counts[place] = counts.get(place, known.levels[place].start - 1) + 1
        for deeper in [deeper for deeper in counts if deeper > place]:
            restart = known.levels[deeper].restart if deeper in known.levels else None
            if restart is None or 0 < place + 1 <= restart:
                del counts[deeper]
        return counts


def _shown(known: _List, counts: dict[int, int], place: int, legal: bool) -> str:
    level = known.levels.get(place, Level())
    return in_format(counts.get(place, level.start), "decimal" if legal else level.format)


def _definitions(root: "Element") -> dict[str, dict[int, Level]]:
    """Levels by definition; one that only names a style has the levels of the definition of that style."""
    found: dict[str, dict[int, Level]] = {}
    styles: dict[str, str] = {}
    links: dict[str, str] = {}
    for definition in root.iterchildren(W + "abstractNum"):
        name = str(definition.get(W + "abstractNumId"))
        found[name] = {_place(level): _level(level) for level in definition.iterchildren(W + "lvl")}
        if style := val(definition.find(W + "styleLink")):
            styles[style] = name
        if style := val(definition.find(W + "numStyleLink")):
            links[name] = style
    for name, style in links.items():
        if not found[name] and style in styles:
            found[name] = found[styles[style]]
    return found


def _instance(number: "Element", definition: str, levels: dict[int, Level]) -> _List:
    changed, starts = dict(levels), dict[int, int]()
    for override in number.iterchildren(W + "lvlOverride"):
        place = _place(override)
        if (level := override.find(W + "lvl")) is not None:
            changed[place] = _level(level)
        start = val(override.find(W + "startOverride")) or ""
        if start.isdecimal():
            starts[place] = int(start)
            changed[place] = replace(changed.get(place, Level()), start=int(start))
    return _List(definition, changed, starts)


def _place(level: "Element") -> int:
    told = level.get(W + "ilvl") or "0"
    return int(told) if told.isdecimal() else 0


def _level(level: "Element") -> Level:
    start, restart = val(level.find(W + "start")) or "", val(level.find(W + "lvlRestart")) or ""
    legal = level.find(W + "isLgl")
    text = val(level.find(W + "lvlText"))
    return Level(
        val(level.find(W + "numFmt")) or "decimal",
        f"%{_place(level) + 1}." if text is None else text,
        int(start) if start.isdecimal() else 1,
        int(restart) if restart.isdecimal() else None,
        legal is not None and val(legal) not in ("0", "false"),
        val(level.find(W + "pStyle")) or "",
    )
