"""What a shape has from its slide's layout and master: where it stands, and how its paragraphs count or are marked."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from ingest.extract.ooxml.names import A, P
from ingest.extract.ooxml.parts import Package

if TYPE_CHECKING:
    from lxml.etree import _Element as Element  # type: ignore[import-untyped]

TITLES: Final = ("title", "ctrTitle")
_BULLETS: Final = (A + "buNone", A + "buChar", A + "buAutoNum", A + "buBlip")
_STYLES: Final = dict.fromkeys(("body", "obj", "subTitle"), "bodyStyle") | dict.fromkeys(TITLES, "titleStyle")
"""The master's style of text for types of placeholders."""
_LIKE: Final = {"ctrTitle": "title", "subTitle": "body", "obj": "body"}
"""Types of placeholders that a master has under another one."""


def kind_of(shape: "Element") -> str | None:
    """The type of a placeholder ("body" where it names none), None for a shape that is none."""
    place = placeholder(shape)
    return place.get("type", "obj") if place is not None else None


def placeholder(shape: "Element") -> "Element | None":
    """The `p:ph` of a shape."""
    for properties in shape.iterchildren():
        if isinstance(properties.tag, str) and properties.tag.endswith(
            ("nvSpPr", "nvPicPr", "nvGraphicFramePr")
        ):
            found: Element | None = properties.find(f"{P}nvPr/{P}ph")
            return found
    return None


class Placeholders:
    """The layout and the master of one slide."""

    def __init__(self, package: Package, part: str) -> None:
        self._roots: list[Element] = []
        for kind in ("slideLayout", "slideMaster"):
            part = next(iter(package.related(part, kind)), "")
            root = package.part(part) if part else None
            if root is None:
                break
            self._roots.append(root)

    def place(self, shape: "Element") -> tuple[int, int]:
        """Top and left in EMU, its own or inherited."""
        for holder in (shape, *self._inherited(shape)):
            offset = next(
                (
                    o
                    for path in (f"{P}spPr/{A}xfrm", f"{P}grpSpPr/{A}xfrm", f"{P}xfrm")
                    if (o := holder.find(f"{path}/{A}off")) is not None
                ),
                None,
            )
            if offset is not None:
                return _number(offset.get("y")), _number(offset.get("x"))
        return 0, 0

    def bullet(self, shape: "Element", paragraph: "Element", level: int) -> "Element | None":
        """The `a:buChar`, `a:buAutoNum` or `a:buNone` that counts for a paragraph."""
        own = paragraph.find(A + "pPr")
        holders = [own] if own is not None else []
        name = f"{A}lvl{level + 1}pPr"
        for holder in (shape, *self._inherited(shape)):
            style = holder.find(f"{P}txBody/{A}lstStyle/{name}")
            holders += [style] if style is not None else []
        told = _STYLES.get(kind_of(shape) or "")
        if told is not None and len(self._roots) > 1:
            style = self._roots[1].find(f"{P}txStyles/{P}{told}/{name}")
            holders += [style] if style is not None else []
        for holder in holders:
            for child in holder:
                if child.tag in _BULLETS:
                    return child
        return None

    def _inherited(self, shape: "Element") -> "Iterator[Element]":
        """The placeholders that a placeholder is made from, the layout's first."""
        place = placeholder(shape)
        if place is None:
            return
        index, kind = place.get("idx"), place.get("type", "obj")
        for root in self._roots:
            found = [(other, p) for other in root.iter(P + "sp") if (p := placeholder(other)) is not None]
            by_index = next((other for other, p in found if index and p.get("idx") == index), None)
            alike = {kind, _LIKE.get(kind, kind)}
            by_kind = next((other for other, p in found if p.get("type", "obj") in alike), None)
            if (match := by_index if by_index is not None else by_kind) is not None:
                yield match
                kind = (placeholder(match) if match is not None else place).get("type", kind)  # type: ignore[union-attr]


def _number(value: str | None) -> int:
    return int(value) if value and value.lstrip("-").isdigit() else 0
