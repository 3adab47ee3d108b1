"""What is drawn in a document: text boxes, descriptions of pictures, the words of SmartArt, the numbers of charts."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

from ingest.extract.assembly.building import TextBuilder
from ingest.extract.ooxml.drawings.pictures import described
from ingest.extract.ooxml.names import DGM, MC, PIC, WP, C, R, V, W
from ingest.extract.ooxml.parts import Package
from ingest.extract.ooxml.writing import add_chart, add_diagram

if TYPE_CHECKING:
    from lxml.etree import _Element as Element  # type: ignore[import-untyped]

_BOX: Final = W + "txbxContent"


class Objects:
    """Writes the objects of one part; `box` writes the content of a text box."""

    def __init__(
        self, package: Package, part: str, builder: TextBuilder, box: "Callable[[Element], None]"
    ) -> None:
        self._package = package
        self._part = part
        self._builder = builder
        self._box = box

    def write(self, node: "Element") -> None:
        """A drawing, an old picture or the content of a box."""
        if node.tag == _BOX:
            self._box(node)
            return
        for words in descriptions(node):
            self._builder.block(f"[Image: {words}]")
        for box in boxes(node):
            self._box(box)
        for reference in node.iter(DGM + "relIds"):
            self._diagram(reference.get(R + "dm") or "")
        for reference in node.iter(C + "chart"):
            self._chart(reference.get(R + "id") or "")

    def _root(self, relation: str) -> "Element | None":
        known = self._package.relations(self._part).get(relation)
        return self._package.part(known.target) if known is not None and not known.external else None

    def _diagram(self, relation: str) -> None:
        if (root := self._root(relation)) is not None:
            add_diagram(self._builder, root)

    def _chart(self, relation: str) -> None:
        if (root := self._root(relation)) is not None:
            add_chart(self._builder, root)


def boxes(node: "Element") -> "Iterator[Element]":
    """The contents of text boxes, each once: not those that stand in for newer ones, not those inside of others."""
    for box in node.iter(_BOX):
        above = (parent for parent in box.iterancestors() if parent.tag in (MC + "Fallback", _BOX))
        inner = next(above, None)
        if inner is None or inner is node or node not in inner.iterancestors():
            yield box


def is_picture(node: "Element") -> bool:
    """Whether a drawing holds neither words nor numbers of its own."""
    return node.tag != _BOX and next(node.iter(_BOX, DGM + "relIds", C + "chart"), None) is None


def descriptions(node: "Element") -> list[str]:
    """What an author says that pictures show, each once."""
    named = node.iter(WP + "docPr", PIC + "cNvPr", V + "shape", V + "imagedata")
    return list(dict.fromkeys(filter(None, map(described, named))))
