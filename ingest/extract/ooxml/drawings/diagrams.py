"""SmartArt: the words of a diagram in their order and depth, from its data model (not from the drawing of it)."""

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from ingest.extract.clean import one_line
from ingest.extract.ooxml.names import DGM, A

if TYPE_CHECKING:
    from lxml.etree import _Element as Element  # type: ignore[import-untyped]

MAX_DEPTH: Final = 12
MOST_NODES: Final = 500
"""Words of a diagram that are read in their order."""
_NODES: Final = ("node", "asst")


def diagram_lines(root: "Element") -> list[tuple[int, str]]:
    """(depth from 0, words) of each node that says anything."""
    words: dict[str, str] = {}
    top: list[str] = []
    for point in root.iter(DGM + "pt"):
        kind, name = point.get("type", "node"), point.get("modelId") or ""
        if kind in _NODES:
            words[name] = _words(point)
        elif kind == "doc":
            top.append(name)
    below: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for link in root.iter(DGM + "cxn"):
        if link.get("type", "parOf") == "parOf":
            order = link.get("srcOrd") or "0"
            below[link.get("srcId") or ""].append(
                (int(order) if order.isdecimal() else 0, link.get("destId") or "")
            )
    seen: set[str] = set()
    lines = [line for name in top for line in _below(name, words, below, 0, seen)]
    said = {text for _, text in lines}
    return lines + [(0, text) for text in words.values() if text and text not in said]


def _below(
    name: str, words: dict[str, str], below: dict[str, list[tuple[int, str]]], depth: int, seen: set[str]
) -> Iterator[tuple[int, str]]:
    if name in seen or len(seen) > MOST_NODES:
        return
    seen.add(name)
    for _, child in sorted(below[name]):
        text = words.get(child, "")
        if text:
            yield min(depth, MAX_DEPTH), text
        yield from _below(child, words, below, depth + bool(text), seen)


def _words(point: "Element") -> str:
    paragraphs = ("".join(node.text or "" for node in p.iter(A + "t")) for p in point.iter(A + "p"))
    return " ".join(filter(None, map(one_line, paragraphs)))
