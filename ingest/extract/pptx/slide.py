"""What a slide shows, in reading order: text with bullets and numbers, tables, charts, SmartArt, pictures' words."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from ingest.extract.assembly.building import TextBuilder
from ingest.extract.assembly.levels import BULLET, LevelledLists
from ingest.extract.assembly.listing import Listing
from ingest.extract.clean import one_line
from ingest.extract.ooxml.counting import in_format
from ingest.extract.ooxml.drawings.pictures import described
from ingest.extract.ooxml.names import DGM, MC, A, C, P, R
from ingest.extract.ooxml.parts import Package
from ingest.extract.ooxml.writing import add_chart, add_diagram
from ingest.extract.pptx.line import LineReader
from ingest.extract.pptx.placeholders import TITLES, Placeholders, kind_of
from ingest.extract.pptx.tables import grid_of
from ingest.extract.tables.parts import parts_of
from ingest.extract.tables.writing import add_parts

if TYPE_CHECKING:
    from lxml.etree import _Element as Element  # type: ignore[import-untyped]

MAX_DEPTH: Final = 20
BAND: Final = 180_000
"""EMU (half a centimetre) in which shapes stand beside each other."""
_FURNITURE: Final = ("sldNum", "dt")
_SHAPES: Final = (P + "sp", P + "pic", P + "graphicFrame", P + "grpSp", P + "cxnSp")
_FORMATS: Final = {
    "arabic": "decimal", "alphaLc": "lowerLetter", "alphaUc": "upperLetter", "romanLc": "lowerRoman",
    "romanUc": "upperRoman",
}  # fmt: skip


class SlideWriter:
    """Writes one slide; `footers` are those of the slides before, which are not written again."""

    def __init__(self, package: Package, part: str, builder: TextBuilder, footers: set[str]) -> None:
        self._package = package
        self._part = part
        self._builder = builder
        self._footers = footers
        self._lines = LineReader(package, part)
        self._placeholders = Placeholders(package, part)

    def write(self, root: "Element") -> None:
        """The title as heading, then everything else from top to bottom."""
        tree = root.find(f"{P}cSld/{P}spTree")
        shapes = list(_shapes(tree)) if tree is not None else []
        title = next((shape for shape in shapes if kind_of(shape) in TITLES), None)
        if title is not None:
            self._builder.heading(1, self._lines.all_words(title.find(P + "txBody")))
        self._all((shape for shape in shapes if shape is not title), 0)

    def _all(self, shapes: "Iterable[Element]", depth: int) -> None:
        for shape in sorted(shapes, key=self._order):
            self._shape(shape, depth)

    def _order(self, shape: "Element") -> tuple[int, int]:
        """Top to bottom in bands, then left to right."""
        top, left = self._placeholders.place(shape)
        return top // BAND, left

    def _shape(self, shape: "Element", depth: int) -> None:
        kind = kind_of(shape)
        if kind in _FURNITURE or _is_hidden(shape):
            return
        if shape.tag == P + "grpSp":
            self._described(shape)
            if depth < MAX_DEPTH:
                self._all(_shapes(shape), depth + 1)
            return
        if kind == "ftr" and not self._is_new_footer(shape):
            return
        self._described(shape)
        body = shape.find(P + "txBody")
        if body is not None:
            self._text(shape, body)
        for table in shape.iterfind(f"{A}graphic/{A}graphicData/{A}tbl"):
            add_parts(self._builder, parts_of(grid_of(table, self._lines)), "cells")
        for reference in shape.iter(C + "chart"):
            if (root := self._root(reference.get(R + "id"))) is not None:
                add_chart(self._builder, root)
        for reference in shape.iter(DGM + "relIds"):
            if (root := self._root(reference.get(R + "dm"))) is not None:
                add_diagram(self._builder, root)

    def _is_new_footer(self, shape: "Element") -> bool:
        words = self._lines.all_words(shape.find(P + "txBody"))
        new = words not in self._footers
        self._footers.add(words)
        return new

    def _root(self, relation: str | None) -> "Element | None":
        known = self._package.relations(self._part).get(relation or "")
        return self._package.part(known.target) if known is not None and not known.external else None

    def _described(self, shape: "Element") -> None:
        """What an author says that a picture shows."""
        if words := described(_named(shape)):
            self._builder.block(f"[Image: {words}]")

    def _text(self, shape: "Element", body: "Element") -> None:
        """Paragraphs with a bullet or a number as lists, the others as they are."""
        lists = LevelledLists(Listing(self._builder))
        counts: dict[int, tuple[str, int]] = {}
        first = True
        for paragraph in body.iterchildren(A + "p"):
            text = self._lines.words(paragraph)
            if not text.strip():
                continue
            level = _level(paragraph)
            marker = self._marker(shape, paragraph, level, counts)
            if marker is None:
                lists.close()
                self._builder.block(text.strip(), gap="\n\n" if first else "\n")
            else:
                lists.item(level, marker, one_line(text))
            first = False
        lists.close()

    def _marker(
        self, shape: "Element", paragraph: "Element", level: int, counts: dict[int, tuple[str, int]]
    ) -> str | None:
        """The bullet or the number of a paragraph; `counts` holds kind and number of each level."""
        bullet = self._placeholders.bullet(shape, paragraph, level)
        for deeper in [deeper for deeper in counts if deeper > level]:
            del counts[deeper]
        if bullet is None or bullet.tag == A + "buNone":
            counts.pop(level, None)
            return None
        if bullet.tag != A + "buAutoNum":
            counts.pop(level, None)
            return BULLET
        kind, start = bullet.get("type", "arabicPeriod"), bullet.get("startAt") or "1"
        before = counts.get(level, ("", 0))
        number = before[1] + 1 if before[0] == kind else int(start) if start.isdecimal() else 1
        counts[level] = kind, number
        return _numbered(kind, number)


def _numbered(kind: str, number: int) -> str:
    name = next((name for name in _FORMATS if kind.startswith(name)), "arabic")
    text = in_format(number, _FORMATS[name])
    if kind.endswith("ParenBoth"):
        return f"({text})"
    if kind.endswith("ParenR"):
        return f"{text})"
    return f"{text}." if kind.endswith("Period") else text


def _shapes(parent: "Element") -> "Iterator[Element]":
    """The shapes right below, of alternatives the first."""
    for child in parent:
        if child.tag in _SHAPES:
            yield child
        elif child.tag == MC + "AlternateContent":
            for choice in child.iterchildren(MC + "Choice"):
                yield from _shapes(choice)
                break


def _named(shape: "Element") -> "Element | None":
    found: Element | None = next(
        (named for properties in shape for named in properties.iterchildren(P + "cNvPr")), None
    )
    return found


def _is_hidden(shape: "Element") -> bool:
    named = _named(shape)
    return named is not None and named.get("hidden") in ("1", "true")


def _level(paragraph: "Element") -> int:
    properties = paragraph.find(A + "pPr")
    told = properties.get("lvl") if properties is not None else None
    return min(int(told), 8) if told and told.isdecimal() else 0
