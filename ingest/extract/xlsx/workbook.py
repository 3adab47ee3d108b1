"""What the sheets of a workbook share: their names and order, the texts that cells point to, the styles of cells."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from ingest.extract.assembly.inline import lowered, raised, struck
from ingest.extract.clean import one_line
from ingest.extract.ooxml.formats import BUILTIN, EAST_ASIAN_DATES
from ingest.extract.ooxml.names import R, S
from ingest.extract.ooxml.parts import Package
from ingest.extract.package import damaged
from ingest.extract.unseen import left_out, speaks_to_a_model

if TYPE_CHECKING:
    from lxml.etree import _Element as Element  # type: ignore[import-untyped]

_WHITES: Final = ("FFFFFF", "FEFEFE", "FDFDFD")
_TRUE: Final = ("1", "true", "on")


@dataclass(frozen=True, slots=True)
class SheetName:
    """A sheet's name and part; `shown` is false for hidden and very hidden ones."""

    title: str
    part: str
    shown: bool


@dataclass(frozen=True, slots=True)
class Style:
    """How a cell is shown: its number format, in bold or on a colour, struck out."""

    code: str = "General"
    strong: bool = False
    struck: bool = False
    faint: bool = False
    """Whether it is white upon no colour of its own."""


@dataclass(slots=True)
class Workbook:
    """The shared parts of an opened workbook."""

    package: Package
    sheets: list[SheetName]
    texts: list[str] = field(default_factory=list)
    styles: list[Style] = field(default_factory=list)
    from_1904: bool = False

    def style(self, index: str | None) -> Style:
        """The style that a cell names."""
        number = int(index) if index and index.isdecimal() else 0
        return self.styles[number] if number < len(self.styles) else _PLAIN


_PLAIN: Final = Style()


def open_workbook(data: bytes) -> Workbook:
    """DocumentFailed damaged where the workbook's own part is missing."""
    package = Package(data)
    main = package.main("xl/workbook.xml")
    if not package.has(main):
        raise damaged("parts of the workbook are missing or broken")
    root = package.root(main)
    relations = package.relations(main)
    names = [
        SheetName(
            one_line(sheet.get("name") or ""),
            relations[target].target,
            sheet.get("state", "visible") == "visible",
        )
        for sheet in root.iter(S + "sheet")
        if (target := sheet.get(R + "id")) in relations and relations[target].kind == "worksheet"
    ]
    settings = root.find(S + "workbookPr")
    workbook = Workbook(package, [name for name in names if package.has(name.part)])
    workbook.from_1904 = settings is not None and settings.get("date1904") in _TRUE
    for styles in package.roots(main, "styles"):
        workbook.styles = list(_styles(styles))
    for shared in package.roots(main, "sharedStrings"):
        workbook.texts = [rich_text(item) for item in shared.iterchildren(S + "si")]
    return workbook


def rich_text(item: "Element") -> str:
    """A cell's text of several runs; phonetic readings are no part of it."""
    text = ""
    for child in item:
        if child.tag == S + "t":
            text += child.text or ""
        elif child.tag == S + "r":
            run = child.findtext(S + "t") or ""
            text += _shown_run(run, child.find(S + "rPr"), text)
    return text


def _shown_run(run: str, properties: "Element | None", before: str) -> str:
    if properties is None or not run.strip():
        return run
    if _is_white(properties.find(S + "color")) and speaks_to_a_model(run):  # upon what, only its cells know
        left_out(run, "white text")
        return ""
    place = properties.find(S + "vertAlign")
    match place.get("val") if place is not None else None:
        case "superscript":
            run = raised(run, before)
        case "subscript":
            run = lowered(run, before)
        case _:
            pass
    return struck(run) if _is_on(properties.find(S + "strike")) else run


def _is_on(element: "Element | None") -> bool:
    return element is not None and element.get("val", "1") in _TRUE


def _styles(root: "Element") -> Iterator[Style]:
    codes = dict(BUILTIN)
    for number in root.iter(S + "numFmt"):
        if (number.get("numFmtId") or "").isdecimal():
            codes[int(number.get("numFmtId"))] = number.get("formatCode") or "General"
    fonts = list(root.iterfind(f"{S}fonts/{S}font"))
    fills = [_is_coloured(fill) for fill in root.iterfind(f"{S}fills/{S}fill")]
    for cell in root.iterfind(f"{S}cellXfs/{S}xf"):
        number, font, fill = (int(cell.get(name) or 0) for name in ("numFmtId", "fontId", "fillId"))
        held = fonts[font] if font < len(fonts) else None
        bold = held is not None and _is_on(held.find(S + "b"))
        yield Style(
            "yyyy-mm-dd"
            if number in EAST_ASIAN_DATES and number not in codes
            else codes.get(number, "General"),
            bold or (fill < len(fills) and fills[fill]),
            held is not None and _is_on(held.find(S + "strike")),
            held is not None
            and _is_white(held.find(S + "color"))
            and not (fill < len(fills) and fills[fill]),
        )


def _is_white(color: "Element | None") -> bool:
    """The first colour of a theme is that of paper."""
    if color is None:
        return False
    return (color.get("theme") == "0" and color.get("tint") in (None, "0")) or (
        color.get("rgb") or ""
    ).upper()[-6:] in _WHITES


def _is_coloured(fill: "Element") -> bool:
    pattern = fill.find(S + "patternFill")
    return pattern is not None and pattern.get("patternType") == "solid"
