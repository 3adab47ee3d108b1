"""What the styles of a document make of a paragraph and of a run: a heading, code, a list; raised, struck, hidden."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from ingest.extract.ooxml.names import W
from ingest.extract.ooxml.parts import Package
from ingest.extract.ooxml.segments import Level

if TYPE_CHECKING:
    from lxml.etree import _Element as Element  # type: ignore[import-untyped]

Role: TypeAlias = Literal["code", "quotation", "continuation", "contents", ""]

_BODY_LEVEL: Final = 9
_CODE: Final = frozenset(
    {
        "html preformatted",
        "code",
        "code block",
        "plain text",
        "macro text",
        "preformatted text",
        "listing",
        "verbatim",
    }
)
_CONTENTS: Final = re.compile(r"toc [1-9]|toc heading|table of figures")
_QUOTES: Final = frozenset({"quote", "intense quote", "block text", "quotations"})
TINY: Final = 2
"""Half points at which nobody can read."""
_WHITES: Final = ("FFFFFF", "FEFEFE", "FDFDFD")
_OFF: Final = ("0", "false", "off", "none")


@dataclass(frozen=True, slots=True)
class RunStyle:
    """How a run looks, as far as that changes what it says."""

    level: Level = ""
    struck: bool = False
    hidden: bool = False
    bold: bool = False
    font: str = ""
    faint: bool = False
    """Whether it is white; upon what is not known."""
    tiny: bool = False
    """Whether its letters are at most a point high."""


class Styles:
    """The styles of one document."""

    def __init__(self, package: Package, main: str) -> None:
        self._styles: dict[str, Element] = {}
        self._default: str | None = None
        self._defaults: Element | None = None
        self._known: dict[tuple[str | None, str | None], RunStyle] = {}
        self._chains: dict[str | None, list[Element]] = {}
        for root in package.roots(main, "styles"):
            self._defaults = root.find(f"{W}docDefaults/{W}rPrDefault/{W}rPr")
            for style in root.iterchildren(W + "style"):
                name = str(style.get(W + "styleId"))
                self._styles[name] = style
                if style.get(W + "type") == "paragraph" and style.get(W + "default") in ("1", "true"):
                    self._default = name

    def heading_level(self, paragraph: "Element") -> int | None:
        """1 to 6 for a heading (Title is 1), None for anything else."""
        if self.is_title(paragraph):
            return 1
        level = self.value(paragraph, "outlineLvl")
        if level is not None and level.isdigit():
            return min(int(level) + 1, 6) if int(level) < _BODY_LEVEL else None
        for style in self.chain(paragraph):
            name = _name(style)
            if name.startswith("heading ") and name[8:].isdigit():
                return min(max(int(name[8:]), 1), 6)
        return None

    def is_title(self, paragraph: "Element") -> bool:
        """Whether the paragraph has the style Title."""
        return any(_name(style) == "title" for style in self.chain(paragraph)[:1])

    def role(self, paragraph: "Element") -> Role:
        """What the name of the style says, "" for nothing of these."""
        for style in self.chain(paragraph):
            name = _name(style)
            if name in _CODE or name.startswith("source code"):
                return "code"
            if name in _QUOTES:
                return "quotation"
            if _CONTENTS.fullmatch(name):
                return "contents"
            if name.startswith("list continue"):
                return "continuation"
        return ""

    def named_list(self, paragraph: "Element") -> tuple[str, int] | None:
        """ "bullet" or "number" and the level, of a style whose name says so ("List Bullet 2")."""
        for style in self.chain(paragraph):
            for kind in ("bullet", "number"):
                name = _name(style)
                if name.startswith(f"list {kind}"):
                    return kind, int(name[-1]) - 1 if name[-1].isdigit() else 0
        return None

    def numbering(self, paragraph: "Element") -> tuple[str | None, int | None, str]:
        """The list that the paragraph counts in, its level there, and the style that says so ("": the paragraph)."""
        number = level = None
        by = ""
        for holder in (paragraph, *self.chain(paragraph)):
            properties = holder.find(f"{W}pPr/{W}numPr")
            if properties is None:
                continue
            if number is None and (number := val(properties.find(W + "numId"))) is not None:
                by = holder.get(W + "styleId") or ""
            told = val(properties.find(W + "ilvl"))
            level = told if level is None else level
        return number, min(int(level), 8) if level and level.isdigit() else None, by

    def value(self, paragraph: "Element", name: str) -> str | None:
        """A property of the paragraph, its own or its styles'."""
        for holder in (paragraph, *self.chain(paragraph)):
            if (value := val(holder.find(f"{W}pPr/{W}{name}"))) is not None:
                return value
        return None

    def chain(self, paragraph: "Element") -> "list[Element]":
        """The paragraph's style and those that it is based on."""
        return self._chain(val(paragraph.find(f"{W}pPr/{W}pStyle")) or self._default)

    def run(self, run: "Element", paragraph: "Element") -> RunStyle:
        """How a run of a paragraph looks."""
        own = run.find(W + "rPr")
        names = (
            val(own.find(W + "rStyle")) if own is not None else None,
            val(paragraph.find(f"{W}pPr/{W}pStyle")) or self._default,
        )
        if names not in self._known:
            holders = [style.find(W + "rPr") for name in names for style in self._chain(name)]
            self._known[names] = _looks([*holders, self._defaults], RunStyle())
        return _looks([own], self._known[names]) if own is not None and len(own) else self._known[names]

    def _chain(self, name: str | None) -> "list[Element]":
        if name not in self._chains:
            chain: list[Element] = []
            current = name
            while current in self._styles and self._styles[current] not in chain:
                chain.append(self._styles[current])
                current = val(chain[-1].find(W + "basedOn"))
            self._chains[name] = chain
        return self._chains[name]


def _looks(holders: "list[Element | None]", otherwise: RunStyle) -> RunStyle:
    """What the first holder that has a word on each property says."""
    fonts = _first(holders, "rFonts")
    return RunStyle(
        _level(_first(holders, "vertAlign"), _first(holders, "position"), otherwise.level),
        _is_on(_first(holders, "strike", "dstrike"), otherwise.struck),
        _is_on(_first(holders, "vanish"), otherwise.hidden),
        _is_on(_first(holders, "b"), otherwise.bold),
        (fonts.get(W + "ascii") or "") if fonts is not None else otherwise.font,
        _is_white(_first(holders, "color"), otherwise.faint) and _first(holders, "shd", "highlight") is None,
        _is_tiny(_first(holders, "sz"), otherwise.tiny),
    )


def _first(holders: "list[Element | None]", *names: str) -> "Element | None":
    for holder in holders:
        if holder is not None:
            found = [node for name in names if (node := holder.find(W + name)) is not None]
            if found:
                return next((node for node in found if val(node) not in _OFF), found[0])
    return None


def _is_on(element: "Element | None", otherwise: bool) -> bool:
    return otherwise if element is None else val(element) not in _OFF


def _is_white(color: "Element | None", otherwise: bool) -> bool:
    return otherwise if color is None else (val(color) or "").upper() in _WHITES


def _is_tiny(size: "Element | None", otherwise: bool) -> bool:
    halves = val(size) or ""
    return otherwise if size is None else halves.isdecimal() and int(halves) <= TINY


def _level(align: "Element | None", position: "Element | None", otherwise: Level) -> Level:
    match val(align):
        case "superscript":
            return "raised"
        case "subscript":
            return "lowered"
        case None:
            steps = val(position) or ""
            if steps.lstrip("-").isdigit() and abs(int(steps)) >= 4:
                return "lowered" if steps.startswith("-") else "raised"
            return otherwise
        case _:
            return ""


def val(element: "Element | None") -> str | None:
    """The value of a property element, None where it is absent or has none."""
    return element.get(W + "val") if element is not None else None


def _name(style: "Element") -> str:
    return (val(style.find(W + "name")) or "").lower()
