"""Headers and footers, each text once: number, version and owner of a document often stand nowhere else."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from ingest.extract.clean import one_line
from ingest.extract.docx.line import LineReader
from ingest.extract.docx.styles import Styles, val
from ingest.extract.ooxml.names import R, W
from ingest.extract.ooxml.parts import Package

if TYPE_CHECKING:
    from lxml.etree import _Element as Element  # type: ignore[import-untyped]

_OFF: Final = ("0", "false")
MOST_SECTIONS: Final = 50


def furniture(package: Package, main: str, root: "Element", styles: Styles) -> list[str]:
    """The texts of headers, then of footers, without page numbers."""
    found: dict[str, None] = {}
    for kind in ("headerReference", "footerReference"):
        for part in dict.fromkeys(_parts(package, main, root, kind)):
            for line in _lines(package, part, styles):
                found[line] = None
    return list(found)


def _parts(package: Package, main: str, root: "Element", kind: str) -> Iterator[str]:
    """Those that are shown: a first page of its own and even pages only where the document has them."""
    relations = package.relations(main)
    even = any(
        val(setting) not in _OFF
        for settings in package.roots(main, "settings")
        for setting in settings.iter(W + "evenAndOddHeaders")
    )
    for section in list(root.iter(W + "sectPr"))[:MOST_SECTIONS]:
        title = section.find(W + "titlePg")
        for reference in section.iterchildren(W + kind):
            known = relations.get(reference.get(R + "id") or "")
            hidden = {
                "first": title is None or val(title) in _OFF,
                "even": not even,
            }.get(reference.get(W + "type") or "default", False)
            if known is not None and not known.external and not hidden:
                yield known.target


def _lines(package: Package, part: str, styles: Styles) -> Iterator[str]:
    root = package.part(part)
    if root is None:
        return
    reader = LineReader(package, part, styles, None, pages=False)
    for row in _rows(root):
        texts = [one_line(reader.read(paragraph).text) for paragraph in row]
        line = " ".join(filter(None, texts))
        if sum(map(str.isalpha, line)) > 1 and not _is_page_number(row):
            yield line


def _rows(root: "Element") -> "Iterator[list[Element]]":
    """Paragraphs; those of a table's row together."""
    for paragraph in root.iter(W + "p"):
        row = next(paragraph.iterancestors(W + "tr"), None)
        if row is None:
            yield [paragraph]
        elif paragraph is next(row.iter(W + "p")):
            yield list(row.iter(W + "p"))


def _is_page_number(row: "list[Element]") -> bool:
    """Whether hardly more than a word stands beside a page's number ("Page 3 of 9")."""
    instructions = [
        (node.text or node.get(W + "instr") or "").split()[:1]
        for paragraph in row
        for node in paragraph.iter(W + "instrText", W + "fldSimple")
    ]
    if ["PAGE"] not in instructions:
        return False
    words = " ".join("".join(node.text or "" for node in p.iter(W + "t")) for p in row).split()
    return len([word for word in words if not word.isdecimal()]) <= 2
