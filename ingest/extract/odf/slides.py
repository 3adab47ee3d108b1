"""Slides: a page each, its title as heading, then everything else from top to bottom, then what the speaker notes."""

import re
from typing import TYPE_CHECKING, Final

from ingest.extract.assembly.building import TextBuilder
from ingest.extract.odf.body.drawings import pieces
from ingest.extract.odf.body.flow import Flow
from ingest.extract.odf.held import Held, left_out
from ingest.extract.odf.names import DRAW, MAX_DEPTH, OFFICE, PRESENTATION, SVG
from ingest.extract.odf.opening import Opened

if TYPE_CHECKING:
    from lxml.etree import _Element as Element  # type: ignore[import-untyped]

_CLASS: Final = PRESENTATION + "class"
_FURNITURE: Final = ("page", "handout", "header", "footer", "date-time", "page-number")
_LENGTH: Final = re.compile(r"(-?\d+(?:\.\d+)?|-?\.\d+)(cm|mm|in|pt|pc|px)")
_MILLIMETRES: Final = {"cm": 10.0, "mm": 1.0, "in": 25.4, "pt": 25.4 / 72, "pc": 25.4 / 6, "px": 25.4 / 96}
_MOVED: Final = re.compile(r"translate\s*\(\s*([^\s,)]+)[\s,]+([^\s)]+)\s*\)")
BAND: Final = 5.0
"""Millimetres in which shapes stand beside each other."""


def read_slides(opened: Opened, body: "Element") -> Held:
    """The title that they tell: that of the first slide that has one."""
    builder = TextBuilder()
    flow = Flow(opened, builder, tight=True)
    hidden = 0
    for page in body.iterchildren(DRAW + "page"):
        builder.page()
        if _is_hidden(flow, page):
            hidden += 1
        else:
            _slide(flow, page)
    first = builder.headings[0].title if builder.headings else ""
    return Held(builder, "no text on the slides", first, left_out(hidden, "slide"))


def _is_hidden(flow: Flow, page: "Element") -> bool:
    style = page.get(DRAW + "style-name")
    return flow.styles.value("drawing-page", style, "drawing-page", PRESENTATION + "visibility") == "hidden"


def _slide(flow: Flow, page: "Element") -> None:
    shapes = [node for node in page if isinstance(node.tag, str) and node.tag.startswith(DRAW)]
    shown = [shape for shape in shapes if not _is_empty_or_furniture(shape)]
    title = next((shape for shape in shown if shape.get(_CLASS) == "title" and flow.lines.words(shape)), None)
    if title is not None:
        flow.builder.heading(1, flow.lines.words(title))
    for shape in sorted((shape for shape in shown if shape is not title), key=_order):
        flow.draw(shape)
    for comment in page.iterchildren(OFFICE + "annotation"):
        flow.builder.block(flow.lines.comment(comment), "footnote")
    for notes in page.iterchildren(PRESENTATION + "notes"):
        _notes(flow, notes)


def _is_empty_or_furniture(shape: "Element") -> bool:
    """Whether a shape only says what is to be filled in, or what stands on every slide."""
    return shape.get(PRESENTATION + "placeholder") == "true" or shape.get(_CLASS) in _FURNITURE


def _notes(flow: Flow, notes: "Element") -> None:
    """What the speaker notes on a slide."""
    for shape in notes:
        if isinstance(shape.tag, str) and shape.tag.startswith(DRAW) and not _is_empty_or_furniture(shape):
            nodes = [piece.node for piece in pieces(shape) if piece.node is not None]
            words = "\n".join(filter(None, (flow.lines.words(node, "\n") for node in nodes)))
            flow.builder.block(f"Notes: {words}" if words else "")


def _order(shape: "Element") -> tuple[int, float]:
    """Top to bottom in bands, then left to right; what has no place keeps its turn at the top."""
    left, top = _place(shape, 0)
    return int(top // BAND), left


def _place(shape: "Element", depth: int) -> tuple[float, float]:
    """Left and top in millimetres; those of a group are those of its first shapes."""
    if shape.tag in (DRAW + "g", DRAW + "a") and depth < MAX_DEPTH:
        inside = [_place(child, depth + 1) for child in shape if str(child.tag).startswith(DRAW)]
        return min((left for left, _ in inside), default=0.0), min((top for _, top in inside), default=0.0)
    x, y = shape.get(SVG + "x") or shape.get(SVG + "x1"), shape.get(SVG + "y") or shape.get(SVG + "y1")
    if (x is None or y is None) and (moved := _MOVED.search(shape.get(DRAW + "transform") or "")):
        x, y = moved[1], moved[2]
    return _millimetres(x), _millimetres(y)


def _millimetres(length: str | None) -> float:
    match = _LENGTH.fullmatch((length or "").strip())
    return float(match[1]) * _MILLIMETRES[match[2]] if match else 0.0
