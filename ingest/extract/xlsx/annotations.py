"""What lies upon the cells of a sheet: comments, the addresses of links, text boxes, descriptions of pictures."""

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from ingest.extract.assembly.inline import link
from ingest.extract.clean import one_line
from ingest.extract.ooxml.drawings.pictures import described
from ingest.extract.ooxml.names import XDR, A, S, local
from ingest.extract.ooxml.parts import Package
from ingest.extract.tables.grid import Place
from ingest.extract.xlsx.sheet import Sheet, area_of
from ingest.extract.xlsx.workbook import rich_text

if TYPE_CHECKING:
    from lxml.etree import _Element as Element  # type: ignore[import-untyped]

_THREADED: Final = "[Threaded comment]"
"""How Excel begins the old comment that stands in for a new one."""
MOST_LINKED: Final = 1000
"""Cells of one link at most."""


def annotate(package: Package, part: str, sheet: Sheet) -> None:
    """Adds comments and addresses to the texts of their cells."""
    relations = package.relations(part)
    for (first_row, first_column, last_row, last_column), target in sheet.links:
        if target not in relations or not relations[target].external:
            continue
        for row in range(first_row, min(last_row, first_row + MOST_LINKED) + 1):
            for column in range(first_column, last_column + 1):
                if text := sheet.cells.get(row, {}).get(column):
                    sheet.cells[row][column] = link(text, relations[target].target)
    for (row, column), text in _comments(package, part).items():
        if row in sheet.hidden_rows or column in sheet.hidden_columns:
            continue
        held = sheet.cells.setdefault(row, {})
        held[column] = f"{held[column]} (note: {text})" if column in held else f"(note: {text})"


def _comments(package: Package, part: str) -> dict[Place, str]:
    found: dict[Place, list[str]] = defaultdict(list)
    for root in package.roots(part, "comments"):
        for comment in root.iter(S + "comment"):
            text = comment.find(S + "text")
            words = _without_author(rich_text(text)) if text is not None else ""
            if (area := area_of(comment.get("ref"))) and words and not words.startswith(_THREADED):
                found[area[0], area[1]].append(words)
    for root in package.roots(part, "threadedComment"):
        for comment in root:
            words = one_line("".join(node.text or "" for node in comment if local(node.tag) == "text"))
            if (area := area_of(comment.get("ref"))) and words:
                found[area[0], area[1]].append(words)
    return {place: "; ".join(texts) for place, texts in found.items()}


def _without_author(text: str) -> str:
    """Excel writes who commented on a line of its own before the words."""
    first, _, rest = text.partition("\n")
    return one_line(rest) if first.rstrip().endswith(":") and rest.strip() else one_line(text)


def boxes(package: Package, part: str) -> list[str]:
    """The texts of boxes and the descriptions of pictures, in the order of the drawing."""
    found: list[str] = []
    for root in package.roots(part, "drawing"):
        for shape in root.iter(XDR + "sp", XDR + "pic"):
            text = _box(shape)
            if text and text not in found:
                found.append(text)
    return found


def _box(shape: "Element") -> str:
    if shape.tag == XDR + "pic":
        words = described(shape.find(f"{XDR}nvPicPr/{XDR}cNvPr"))
        return f"[Image: {words}]" if words else ""
    paragraphs = ["".join(node.text or "" for node in p.iter(A + "t")) for p in shape.iter(A + "p")]
    return "\n".join(filter(None, map(one_line, paragraphs)))
