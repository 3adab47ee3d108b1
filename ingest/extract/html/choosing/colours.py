"""Words that are drawn so that nobody sees them: in the colour of what they stand on, without size, without ink.

Only an element's own style and that of those around it is looked at here; what a sheet says is read in `faint`.
"""

import re
from typing import TYPE_CHECKING, Final

from ingest.extract.unseen import speaks_to_a_model

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

_COLOUR: Final = re.compile(r"(?:^|[;\s])color\s*:\s*([^;!]+)", re.I)
_GROUND: Final = re.compile(r"(?:^|[;\s])background(?:-color|-image)?\s*:\s*([^;!]+)", re.I)
NO_SIZE: Final = re.compile(
    r"(?:^|[;\s])font-size\s*:\s*(?:0(?:\.\d+)?|1(?:\.0+)?(?=\s{0,9}p))\s{0,9}(?:px|pt|r?em|%)?\s{0,9}(?:[;!]|$)",
    re.I,
)
NO_INK: Final = re.compile(
    r"(?:^|[;\s])(?:opacity\s*:\s{0,9}(?:0(?:\.0+)?|\.0+)\s{0,9}(?:[;!]|$)|color\s*:\s*transparent)", re.I
)
_NAMED: Final = {"white": "ffffff", "black": "000000", "#fff": "ffffff", "#000": "000000"}
_RGB: Final = re.compile(r"rgba?\(\s*(\d+)[\s,]+(\d+)[\s,]+(\d+)[^)]*\)", re.I)
PAPER: Final = "ffffff"


def way_of_hiding(node: "LexborNode") -> str:
    """How the style of an element hides its words, "" where it does not."""
    style = node.attributes.get("style") or ""
    if not style:
        return ""
    if NO_SIZE.search(style) and not _sized_inside(node):
        return "letters too small to see"
    told = _COLOUR.search(style)
    if NO_INK.search(style):
        return (
            "no ink" if speaks_to_a_model(node.text()) else ""
        )  # what fades in by a script begins so as well
    if told is None:
        return ""
    colour, ground = _colour(told[1]), _ground(node)
    if colour and colour == ground and not _painted_inside(node):
        return "the colour of its background"
    if colour != PAPER or ground or _painted_inside(node):
        return ""
    return "white text" if speaks_to_a_model(node.text()) or _is_bare(node) else ""


def said_colours(style: str) -> tuple[str, str]:
    """The colours of the words and of their ground that a style names; "" for one that is not known."""
    return colour_of(style), colour_of(style, ground=True)


def colour_of(style: str, *, ground: bool = False) -> str:
    """One of the two as six hex digits, "" for none or one that is not known."""
    told = (_GROUND if ground else _COLOUR).search(style)
    return _colour(told[1]) if told else ""


def _is_bare(node: "LexborNode") -> bool:
    """Whether the page paints nothing anywhere: it is as white as paper then."""
    above = node
    while above.parent is not None:
        above = above.parent
    if above.css_first("style, link[rel~=stylesheet], [background], [bgcolor], [class]") is not None:
        return False
    return not any(_GROUND.search(inner.attributes.get("style") or "") for inner in above.css("[style]"))


def _colour(told: str) -> str:
    """Six hex digits, "" for a colour that is not known."""
    told = told.strip().lower()
    if rgb := _RGB.fullmatch(told):
        return "".join(f"{min(int(part), 255):02x}" for part in rgb.groups())
    named = _NAMED.get(told, told.removeprefix("#"))
    if told.startswith("#") and re.fullmatch("[0-9a-f]{3}", named):
        named = "".join(digit * 2 for digit in named)
    return named if re.fullmatch("[0-9a-f]{6}", named) else ""


def _ground(node: "LexborNode") -> str:
    """The colour that the nearest style paints behind an element, "" where none does or it is not known."""
    around: LexborNode | None = node
    for _ in range(64):
        if around is None:
            break
        attributes = around.attributes
        if told := _GROUND.search(attributes.get("style") or ""):
            return _colour(told[1])
        if paint := attributes.get("bgcolor"):
            return _colour(paint)
        around = around.parent
    return ""


def _sized_inside(node: "LexborNode") -> bool:
    """A size of nothing around is a habit against gaps between boxes, which have sizes of their own."""
    return any(
        "font" in (inner.attributes.get("style") or "") or inner.attributes.get("class")
        for inner in _inner(node)
    )


def _painted_inside(node: "LexborNode") -> bool:
    return any("color" in (inner.attributes.get("style") or "") for inner in _inner(node))


def _inner(node: "LexborNode") -> "list[LexborNode]":
    return [inner for inner in node.css("[style], [class]") if inner.mem_id != node.mem_id]
