"""What a paragraph is in a DOCX: heading level, list level and marker, from its own properties and its styles."""

from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from docx.document import Document as DocxDocument
    from lxml.etree import _Element as Element  # type: ignore[import-untyped]

W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_BODY_LEVEL: Final = 9
_CODE: Final = frozenset(
    {"html preformatted", "code", "code block", "plain text", "macro text", "preformatted text"}
)


class Styles:
    """Resolved paragraph styles and numbering of one document; counters run along as paragraphs are asked for."""

    def __init__(self, document: "DocxDocument") -> None:
        self._styles: dict[str, Element] = {
            str(style.get(W + "styleId")): style
            for style in document.styles.element.iterchildren(W + "style")
        }
        self._formats = _numbering(document)
        self._counts: dict[tuple[str, int], int] = {}

    def heading_level(self, paragraph: "Element") -> int | None:
        """1 to 6 for a heading (Title is 1), None for anything else."""
        if self.is_title(paragraph):
            return 1
        level = self._value(paragraph, "outlineLvl")
        if level is not None and level.isdigit() and int(level) < _BODY_LEVEL:
            return min(int(level) + 1, 6)
        for style in self._chain(paragraph):
            name = _name(style)
            if name.startswith("heading ") and name[8:].isdigit():
                return min(max(int(name[8:]), 1), 6)
        return None

    def is_title(self, paragraph: "Element") -> bool:
        """Whether the paragraph has the style Title."""
        return any(_name(style) == "title" for style in self._chain(paragraph)[:1])

    def kind(self, paragraph: "Element") -> Literal["code", "quotation", "continuation", ""]:
        """What the name of the style says, "" for nothing of these."""
        for style in self._chain(paragraph):
            name = _name(style)
            if name in _CODE or name.startswith("source code"):
                return "code"
            if name in ("quote", "intense quote", "block text"):
                return "quotation"
            if name.startswith("list continue"):
                return "continuation"
        return ""

    def list_level(self, paragraph: "Element") -> int | None:
        """0 for an outer list item, deeper counted from it; None outside lists."""
        number, level = self._numbering_of(paragraph)
        named = [_name(style) for style in self._chain(paragraph)]
        named = [name for name in named if name.startswith(("list bullet", "list number"))]
        if (
            named and named[0][-1].isdigit()
        ):  # "List Bullet 2" is a list of its own whose level is in its name
            return max(level, int(named[0][-1]) - 1)
        return level if named or number not in (None, "0") else None

    def marker(self, paragraph: "Element") -> str:
        """ "-" for bullets; "1." and so on for numbered items, counted per list and level."""
        number, level = self._numbering_of(paragraph)
        kind = self._formats.get((number or "", level), "")
        if not kind and any(_name(style).startswith("list number") for style in self._chain(paragraph)):
            kind, number = "decimal", "style"
        if kind in ("bullet", "none", ""):
            return "-"
        for key in [key for key in self._counts if key[0] == number and key[1] > level]:
            del self._counts[key]
        count = self._counts[(number or "", level)] = self._counts.get((number or "", level), 0) + 1
        return f"{count}."

    def _numbering_of(self, paragraph: "Element") -> tuple[str | None, int]:
        number, level = None, None
        for holder in (paragraph, *self._chain(paragraph)):
            properties = holder.find(f"{W}pPr/{W}numPr")
            if properties is None:
                continue
            number = number or _val(properties.find(W + "numId"))
            level = level or _val(properties.find(W + "ilvl"))
        return number, min(int(level), 8) if level and level.isdigit() else 0

    def _value(self, paragraph: "Element", name: str) -> str | None:
        for holder in (paragraph, *self._chain(paragraph)):
            if (value := _val(holder.find(f"{W}pPr/{W}{name}"))) is not None:
                return value
        return None

    def _chain(self, paragraph: "Element") -> "list[Element]":
        """The paragraph's style and those that it is based on."""
        chain: list[Element] = []
        name = _val(paragraph.find(f"{W}pPr/{W}pStyle"))
        while name in self._styles and self._styles[name] not in chain:
            chain.append(self._styles[name])
            name = _val(chain[-1].find(W + "basedOn"))
        return chain


def _val(element: "Element | None") -> str | None:
    return element.get(W + "val") if element is not None else None


def _name(style: "Element") -> str:
    return (_val(style.find(W + "name")) or "").lower()


def _numbering(document: "DocxDocument") -> dict[tuple[str, int], str]:
    """(list id, level) to number format ("bullet", "decimal", ...)."""
    part = next(
        (rel.target_part for rel in document.part.rels.values() if rel.reltype.endswith("/numbering")), None
    )
    if part is None:
        return {}
    from docx.oxml.parser import parse_xml

    root = parse_xml(part.blob)
    abstract: dict[str | None, dict[int, str]] = {}
    for definition in root.iterchildren(W + "abstractNum"):
        abstract[definition.get(W + "abstractNumId")] = {
            int(level.get(W + "ilvl", "0")): _val(level.find(W + "numFmt")) or "decimal"
            for level in definition.iterchildren(W + "lvl")
        }
    return {
        (str(number.get(W + "numId")), level): kind
        for number in root.iterchildren(W + "num")
        for level, kind in abstract.get(_val(number.find(W + "abstractNumId")), {}).items()
    }
