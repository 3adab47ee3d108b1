"""Objects inside of a document: formulas on one line, the tables of charts and of sheets that are shown in it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lxml import etree  # type: ignore[import-untyped]
from selectolax.lexbor import LexborHTMLParser

from ingest.extract.clean import one_line
from ingest.extract.html.formulas import formula
from ingest.extract.odf.body.drawings import OBJECTS
from ingest.extract.odf.names import CHART, DRAW, MATH, OFFICE, TABLE, XLINK
from ingest.extract.odf.opening import Opened

if TYPE_CHECKING:
    from lxml.etree import _Element as Element  # type: ignore[import-untyped]


class Objects:
    """The objects of one file; each part is read once."""

    def __init__(self, opened: Opened) -> None:
        self._opened = opened
        self._shown: set[str] = set()

    def formula(self, drawing: "Element") -> str:
        """The words of a frame that shows a formula, "" for any other drawing."""
        if drawing.tag != DRAW + "frame":
            return ""
        found = drawing.find(DRAW + "object")
        root = self._root(found) if found is not None else None
        return _words(root) if root is not None and root.tag == MATH + "math" else ""

    def tables(self, node: "Element") -> "Iterator[str | Element]":
        """The titles and tables that an object shows, in their order; an object that is shown twice once."""
        reference = node.get(XLINK + "href") or ""
        if node.tag not in OBJECTS or reference in self._shown:
            return
        self._shown |= {reference} if reference else set()
        root = self._root(node)
        if root is None:
            return
        for title in root.iter(CHART + "title"):
            if next(title.iterancestors(CHART + "axis"), None) is None:
                yield one_line(" ".join(title.itertext()))
        yield from root.iter(TABLE + "table")

    def _root(self, node: "Element") -> "Element | None":
        inside: Element | None = next(iter(node.iterchildren(MATH + "math", OFFICE + "document")), None)
        if inside is not None:
            return inside
        reference = node.get(XLINK + "href")
        return self._opened.object(reference) if reference else None


def _words(root: "Element") -> str:
    """MathML as one line, by the reader of pages."""
    for node in list(root.iter()):
        if isinstance(node.tag, str):
            node.tag = node.tag.rpartition("}")[2]
    etree.cleanup_namespaces(root)
    found = LexborHTMLParser(etree.tostring(root, encoding="unicode", with_tail=False)).css_first("math")
    return one_line(formula(found)) if found is not None else ""
