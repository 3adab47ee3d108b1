"""What is drawn in texts, on slides and upon sheets: frames, boxes, shapes, groups; what an author says of pictures."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ingest.extract.clean import one_line
from ingest.extract.odf.names import DRAW, LOEXT, MAX_DEPTH, SVG, TABLE, TEXT

if TYPE_CHECKING:
    from lxml.etree import _Element as Element  # type: ignore[import-untyped]

_FILE_NAME: Final = re.compile(r"\S+\.(?:png|jpe?g|gif|bmp|tiff?|svg|emf|wmf|webp)", re.IGNORECASE)
_INSIDE: Final = (DRAW + "a", DRAW + "g", DRAW + "frame")
_NO_SHAPES: Final = frozenset(
    DRAW + name
    for name in ("page-thumbnail", "control", "glue-point", "enhanced-geometry", "image", "plugin")
)
OBJECTS: Final = (DRAW + "object", DRAW + "object-ole")


@dataclass(frozen=True, slots=True)
class Drawn:
    """A piece of a drawing: the description of a picture; or a node: a table, an object, one with paragraphs."""

    description: str = ""
    node: "Element | None" = None


def pieces(node: "Element", depth: int = 0) -> Iterator[Drawn]:
    """What a drawing shows, in its order; nothing of one that only shows on paper or not at all."""
    if depth > MAX_DEPTH or node.get(DRAW + "display") in ("none", "printer") or node.tag in _NO_SHAPES:
        return
    if words := described(node):
        yield Drawn(words)
    if node.tag not in _INSIDE:
        yield Drawn(node=node)
        return
    for child in node:
        if child.tag in (DRAW + "text-box", TABLE + "table", *OBJECTS):
            yield Drawn(node=child)
        elif isinstance(child.tag, str) and child.tag.startswith(DRAW):
            yield from pieces(child, depth + 1)


def described(node: "Element") -> str:
    """Title and description of a drawing; "" for a decoration and for the name of a file."""
    if node.get(LOEXT + "decorative") == "true":
        return ""
    told = (one_line(node.findtext(SVG + name) or "") for name in ("title", "desc"))
    return ": ".join(dict.fromkeys(words for words in told if words and not _FILE_NAME.fullmatch(words)))


def has_words(node: "Element") -> bool:
    """Whether a drawing holds paragraphs with words, so that it stands by itself."""
    return any("".join(paragraph.itertext()).strip() for paragraph in node.iter(TEXT + "p", TEXT + "h"))
