"""Words that a style sheet, or a place off the page, keeps from being seen.

A sheet alone proves little: scripts, pictures and other rules change what is drawn. So of what it draws faintly only
words that speak to a language model are left out, and what one and the same rule paints in the colour of its ground.
"""

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from ingest.extract.html.choosing.colours import NO_INK, NO_SIZE, PAPER, colour_of, said_colours
from ingest.extract.html.choosing.styles import MOST_SELECTORS, drawn_by
from ingest.extract.unseen import speaks_to_a_model

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

LONGEST_FAINT: Final = 3_000
"""Characters of an element that is looked at: longer ones are pages in a colour of their own."""
MOST_ABOVE: Final = 64
"""Elements around one that are looked at."""
_NAME: Final = re.compile(r"[\w-]+")
_OFF_PAGE: Final = re.compile(
    r"(?:^|[;\s])(?:(?:left|right|top|bottom|text-indent|margin-(?:left|top))\s*:\s*-\d{3,}(?:px|pt|r?em|%|v[wh])"
    r"|clip\s*:\s*rect\(\s*[01](?:px)?[,\s]+[01](?:px)?[,\s]+[01](?:px)?[,\s]+[01](?:px)?\s*\)"
    r"|clip-path\s*:\s*inset\(\s*(?:50|100)%|transform\s*:\s*scale\(\s*0\s*\)|filter\s*:\s*opacity\(\s*0%?\s*\))",
    re.IGNORECASE,
)
_NO_ROOM: Final = re.compile(
    r"(?:^|[;\s])(?:max-)?(?:width|height)\s*:\s*[01](?:px|em)?\s*(?:[;!]|$)", re.IGNORECASE
)
_CUT_OFF: Final = re.compile(r"(?:^|[;\s])overflow\s*:\s*(?:hidden|clip)", re.IGNORECASE)


def off_page(style: str) -> bool:
    """Whether a style places an element where nobody sees it, or gives it no room."""
    return bool(_OFF_PAGE.search(style)) or bool(_NO_ROOM.search(style) and _CUT_OFF.search(style))


def faint_elements(
    page: "LexborHTMLParser", body: "LexborNode", rules: "Sequence[tuple[str, str]]"
) -> "Iterator[tuple[LexborNode, str]]":
    """Elements whose words are not seen, with how they are kept from it."""
    painted, asked = _painted_names(rules), 0
    for selector, style in rules:
        how = _way(style)
        if not how or asked >= MOST_SELECTORS:
            continue
        asked += selector.count(",") + 1
        for node in drawn_by(page, selector):
            if node.tag in ("html", "body", "main"):
                continue
            words = node.text()
            if len(words) > LONGEST_FAINT:
                continue
            if how == "the colour of its background" or (
                speaks_to_a_model(words) and not (how == "white text" and _on_paint(node, painted))
            ):
                yield node, how
    for node in body.css("[style]"):
        if off_page(node.attributes.get("style") or "") and speaks_to_a_model(node.text()[:LONGEST_FAINT]):
            yield node, "off the page"


def _way(style: str) -> str:
    """How a rule keeps words from being seen, "" where it does not."""
    colour, ground = said_colours(style)
    if colour and colour == ground:
        return "the colour of its background"
    if NO_SIZE.search(style):
        return "letters too small to see"
    if NO_INK.search(style):
        return "no ink"
    if off_page(style):
        return "off the page"
    return "white text" if colour and not ground and _is_paper(colour) else ""


def _is_paper(colour: str) -> bool:
    return all(int(colour[at : at + 2], 16) >= 0xF8 for at in (0, 2, 4)) or colour == PAPER


def _painted_names(rules: "Sequence[tuple[str, str]]") -> frozenset[str]:
    """Elements, classes and ids that any rule may paint in another colour than that of paper."""
    return frozenset(
        name
        for selector, style in rules
        if "background" in style.lower() and not _is_paper(colour_of(style, ground=True) or "000000")
        for name in _NAME.findall(selector)
    )


def _on_paint(node: "LexborNode", painted: frozenset[str]) -> bool:
    """Whether anything around an element may be painted."""
    around: LexborNode | None = node
    for _ in range(MOST_ABOVE):
        if around is None:
            break
        attributes = around.attributes
        names = {around.tag or "", attributes.get("id") or "", *(attributes.get("class") or "").split()}
        if "background" in (attributes.get("style") or "") or "bgcolor" in attributes or names & painted:
            return True
        around = around.parent
    return False
