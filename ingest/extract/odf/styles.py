"""What the styles of a file make of words, paragraphs, cells and slides: raised, struck, bold, hidden; a role.

A style inherits from its parents; words have what their paragraph and the spans around them have, unless a style of
their own says something else.
"""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from ingest.extract.odf.names import FO, STYLE, TABLE, TEXT, count
from ingest.extract.odf.opening import Opened
from ingest.extract.ooxml.segments import Level

if TYPE_CHECKING:
    from lxml.etree import _Element as Element  # type: ignore[import-untyped]

Role: TypeAlias = Literal["title", "code", "quotation", ""]

_CODE: Final = frozenset(
    {"preformatted text", "html preformatted", "source code", "code", "code block", "listing"}
)
_QUOTES: Final = frozenset({"quotations", "quote", "intense quote", "block text"})
_ESCAPED: Final = re.compile(r"_([0-9a-fA-F]{1,4})_")
_HEADING: Final = re.compile(r"heading ([1-9])")
_LEAST_SHIFT: Final = 10
"""Per cent of the height of a line from which on words are raised or lowered."""
_BOLD: Final = ("bold", "600", "700", "800", "900")
_WHITE_INK: Final = ("#ffffff", "#fefefe", "#fdfdfd")
_WHITE: Final = ("transparent", "#ffffff", "")


@dataclass(frozen=True, slots=True)
class Look:
    """How words look, as far as that changes what they say."""

    level: Level = ""
    struck: bool = False
    bold: bool = False
    hidden: bool = False
    font: str = ""
    faint: bool = False
    """Whether they are white."""
    ground: bool = False
    """Whether they or their paragraph stand on a colour."""


PLAIN: Final = Look()


@dataclass(frozen=True, slots=True)
class _Told:
    """What a style and its parents say; None where they say nothing."""

    level: Level | None
    struck: bool | None
    bold: bool | None
    hidden: bool | None
    font: str | None
    faint: bool | None
    ground: bool | None


class Styles:
    """The styles of one file, by family ("paragraph", "text", "table-cell") and name."""

    def __init__(self, opened: Opened) -> None:
        self._styles: dict[tuple[str, str], Element] = {}
        self._chains: dict[tuple[str, str], list[Element]] = {}
        self._looks: dict[tuple[str, str], _Told] = {}
        self._coloured = opened.has_coloured_pages()
        for holder in opened.holders():
            for style in holder.iterchildren(STYLE + "style"):
                self._styles[style.get(STYLE + "family") or "", style.get(STYLE + "name") or ""] = style

    def look(self, family: str, name: str | None, around: Look) -> Look:
        """How words of a style look inside of others."""
        if not name:
            return around
        if (family, name) not in self._looks:
            self._looks[family, name] = self._told(family, name)
        told = self._looks[family, name]
        return Look(
            around.level if told.level is None else told.level,
            around.struck if told.struck is None else told.struck,
            around.bold if told.bold is None else told.bold,
            around.hidden if told.hidden is None else told.hidden,
            around.font if told.font is None else told.font,
            around.faint if told.faint is None else told.faint,
            around.ground if told.ground is None else told.ground,
        )

    def value(self, family: str, name: str | None, kind: str, attribute: str) -> str | None:
        """A property of a kind ("table", "table-cell") that a style or the first of its parents has."""
        for style in self._chain(family, name or ""):
            properties = style.find(f"{STYLE}{kind}-properties")
            if properties is not None and (value := properties.get(attribute)) is not None:
                return str(value)
        return None

    def role(self, paragraph: "Element") -> Role:
        """What the name of a paragraph's style says, "" for nothing of these; a title is never inherited by chance."""
        for place, style in enumerate(self._of(paragraph)):
            name = _name(style)
            if name == "title" and (not place or _is_automatic(self._of(paragraph)[:place])):
                return "title"
            if name in _CODE:
                return "code"
            if name in _QUOTES:
                return "quotation"
        return ""

    def heading_level(self, paragraph: "Element") -> int | None:
        """The level of a heading, also of one that only its style makes such; None for anything else."""
        if paragraph.tag == TEXT + "h":
            return max(count(paragraph, TEXT + "outline-level"), 1)
        for style in self._of(paragraph):
            if level := count(style, STYLE + "default-outline-level", 0):
                return level
            if match := _HEADING.fullmatch(_name(style)):
                return int(match[1])
        return None

    def list_style(self, paragraph: "Element") -> str:
        """The list style that a paragraph has from its own style, "" for none."""
        for style in self._of(paragraph):
            if (name := style.get(STYLE + "list-style-name")) is not None:
                return str(name)
        return ""

    def is_coloured(self, cell: str | None) -> bool:
        """Whether cells of a style stand on a colour."""
        colour = self.value("table-cell", cell, "table-cell", FO + "background-color")
        return (colour or "").lower() not in _WHITE

    def has_coloured_pages(self) -> bool:
        """Whether a page or a drawing of the file may be of another colour than paper."""
        return self._coloured

    def is_conditional(self, cell: str | None) -> bool:
        """Whether cells of a style look otherwise where a condition holds."""
        return any(style.find(STYLE + "map") is not None for style in self._chain("table-cell", cell or ""))

    def is_shown(self, table: "Element") -> bool:
        """Whether a table or sheet is shown."""
        told = self.value("table", table.get(TABLE + "style-name"), "table", TABLE + "display")
        return told != "false" and table.get(TABLE + "display") != "false"

    def _of(self, paragraph: "Element") -> "list[Element]":
        return self._chain("paragraph", paragraph.get(TEXT + "style-name") or "")

    def _chain(self, family: str, name: str) -> "list[Element]":
        """A style and those that it is made from."""
        if (family, name) not in self._chains:
            chain: list[Element] = []
            seen: set[str] = set()
            current = name
            while current not in seen and (family, current) in self._styles and len(seen) < 50:
                seen.add(current)
                chain.append(self._styles[family, current])
                current = chain[-1].get(STYLE + "parent-style-name") or ""
            self._chains[family, name] = chain
        return self._chains[family, name]

    def _told(self, family: str, name: str) -> _Told:
        def first(attribute: str) -> str | None:
            return self.value(family, name, "text", attribute)

        line = [first(f"{STYLE}text-line-through-{which}") for which in ("style", "type")]
        colour, automatic = first(FO + "color"), first(STYLE + "use-window-font-color") == "true"
        grounds = {self.value(family, name, kind, FO + "background-color") for kind in ("text", family)}
        weight, display = first(FO + "font-weight"), first(TEXT + "display")
        return _Told(
            _level(first(STYLE + "text-position")),
            None if line == [None, None] else not {"none", "0"} & set(line),
            None if weight is None else weight in _BOLD,
            None if display is None else display == "none",
            first(STYLE + "font-name") or first(FO + "font-family"),
            None
            if colour is None and not automatic
            else not automatic and (colour or "").lower() in _WHITE_INK,
            None if grounds == {None} else any((ground or "").lower() not in _WHITE for ground in grounds),
        )


def _is_automatic(styles: "list[Element]") -> bool:
    """Whether styles are only what a program made of changes to one paragraph."""
    return all(style.getparent().tag.endswith("automatic-styles") for style in styles)


def _level(position: str | None) -> Level | None:
    """A text position ("super 58%", "-33% 58%") as a level."""
    shift = (position or "").split()[:1]
    match shift:
        case []:
            return None
        case ["super"]:
            return "raised"
        case ["sub"]:
            return "lowered"
        case _:
            try:
                height = float(shift[0].rstrip("%"))
            except ValueError:
                return None
            return "raised" if height >= _LEAST_SHIFT else "lowered" if height <= -_LEAST_SHIFT else ""


def _name(style: "Element") -> str:
    """A style's name as people see it, in small letters."""
    shown = style.get(STYLE + "display-name")
    name = shown or _ESCAPED.sub(lambda sign: chr(int(sign[1], 16)), style.get(STYLE + "name") or "")
    return " ".join(name.lower().split())
