"""What the elements inside a line say: powers and notes, links, pictures, values, what only an attribute tells.

Each is a function of the line, the element and its depth; `WRITERS` holds them by the element's name, and by style or
attribute for elements that mean nothing by themselves.
"""

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

from ingest.extract.assembly.inline import fraction, is_power, lowered, note_mark, raised, struck
from ingest.extract.clean import one_line
from ingest.extract.html.addresses import outward
from ingest.extract.html.formulas import formula
from ingest.extract.html.line import Block, Facts, Line, Writer, Writers
from ingest.extract.html.notes import is_reference, is_way_back

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

_SLASH: Final = re.compile(r"\s*[/⁄∕]\s*")
_BRACKETED: Final = re.compile(r"\[\w{1,4}\]")
_TEX: Final = re.compile(r"(?:^|[\s_-])(?:math|tex|latex|formula)(?=$|[\s_-])", re.IGNORECASE)
_PICTURES: Final = frozenset({".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp"})
LONGEST_BETWEEN_WORDS: Final = 40
FEWEST_WORDS: Final = 3
"""Words of a description that says more than that there is a picture."""


def line_of(facts: Facts, block: Block) -> Line:
    """A new line of a page."""
    return Line(facts, WRITERS, block)


def inline_text(node: "LexborNode", facts: Facts, *, links: bool = True) -> str:
    """Everything inside of an element on one line."""
    text = Line(facts, WRITERS, lambda *_: None).plain(node, links=links)
    return struck(text) if facts.styles.strikes(node) else text


def _code(line: Line, node: "LexborNode", depth: int) -> None:
    text = one_line(node.text())
    line.say(f"`{text}`" if text and "`" not in text else text)


def _raise(line: Line, node: "LexborNode", depth: int) -> None:
    text = line.plain(node, depth)
    label = node.text().strip("[]() ")
    reference = node.css_first("a[href]")
    listed = label in line.facts.notes.numbered and not is_power(line.tail, label)
    if listed or _BRACKETED.fullmatch(text.strip()) or (reference is not None and is_reference(reference)):
        for one in filter(None, re.split(r"[\s,;]+", label)):
            line.say(note_mark(one))
    elif (bottom := _denominator(line, node, text, depth)) is not None:
        line.say(fraction(text, bottom, line.tail))
    else:
        line.say(raised(text, line.tail))


def _denominator(line: Line, node: "LexborNode", top: str, depth: int) -> str | None:
    """What stands below a raised numerator, behind a slash or right behind it; None where nothing does."""
    slash = node.next
    if slash is None or slash.tag != "-text" or not _SLASH.fullmatch(slash.text_content or ""):
        slash = None
    below = slash.next if slash is not None else node.next
    if below is None or below.tag != "sub":
        return None
    bottom = line.plain(below, depth)
    numbers = top.isdigit() and bottom.isdigit() and not line.tail[-1:].isalpha() and line.tail[-1:] != ")"
    if slash is None and not numbers:
        return None
    line.has_read(part for part in (slash, below) if part is not None)
    return bottom


def _lower(line: Line, node: "LexborNode", depth: int) -> None:
    line.say(lowered(line.plain(node, depth), line.tail))


def _parts_of_fraction(node: "LexborNode") -> "list[LexborNode]":
    return [child for child in node.iter() if (child.text() or "").strip(" /⁄")]


def _is_fraction(node: "LexborNode") -> bool:
    parts = _parts_of_fraction(node)
    return len(parts) == 2 and all(len(part.text().strip()) <= 12 for part in parts)


def _fraction(line: Line, node: "LexborNode", depth: int) -> None:
    top, bottom = (line.plain(part, depth) for part in _parts_of_fraction(node))
    line.say(fraction(top, bottom, line.tail))


def _strike(line: Line, node: "LexborNode", depth: int) -> None:
    line.strike(node, depth)


def _link(line: Line, node: "LexborNode", depth: int) -> None:
    if is_reference(node):
        line.say(note_mark(node.text()))
    elif not is_way_back(node):
        target = node.attributes.get("href") or "" if line.links else ""
        line.lead_to(outward(target, line.facts.base), node, depth)


def _image(line: Line, node: "LexborNode", depth: int) -> None:
    """The description of a picture that stands alone; between words only a short one; the source of a formula."""
    words = one_line(node.attributes.get("alt") or node.attributes.get("title") or "")
    around, after = node.parent, node.next
    if words and _TEX.search(node.attributes.get("class") or ""):
        line.say("" if around is not None and around.css_first("math") is not None else words)
    elif not words or PurePosixPath(words).suffix.lower() in _PICTURES:
        return
    elif (
        line.tail.strip(" ")
        and not line.tail.rstrip(" ").endswith("\n")
        and after is not None
        and after.text().strip()
    ):
        line.say(words if len(words) <= LONGEST_BETWEEN_WORDS else "")
    elif len(words.split()) >= FEWEST_WORDS:
        line.say(f" [Image: {words}] ")
    elif around is not None and around.tag in ("td", "th") and not around.text().strip():
        line.say(words)  # a sign that is all that the cell says


def _sign(line: Line, node: "LexborNode", depth: int) -> None:
    """What an icon without words says: the label that readers of screens hear."""
    if node.text().strip():
        line.children(node, depth)
    elif node.parent is not None and node.parent.tag in ("td", "th") and not node.parent.text().strip():
        line.say(one_line(node.attributes.get("aria-label") or node.attributes.get("title") or ""))


def _drawing(line: Line, node: "LexborNode", depth: int) -> None:
    line.say(f" [Image: {one_line(node.attributes.get('aria-label') or '')}] ")


def _formula(line: Line, node: "LexborNode", depth: int) -> None:
    line.say(formula(node))


def _typeset(line: Line, node: "LexborNode", depth: int) -> None:
    """A formula of MathJax: the one that is written for readers of screens."""
    math = node.css_first("math")
    line.say(
        formula(math) if math is not None else one_line(node.attributes.get("aria-label") or node.text())
    )


def _gauge(line: Line, node: "LexborNode", depth: int) -> None:
    """A meter or progress bar: its words, else its value."""
    value, most = node.attributes.get("value"), node.attributes.get("max")
    if node.text().strip():
        line.children(node, depth)
    elif value:
        line.say(f"{value}/{most}" if most else value)


def _abbreviation(line: Line, node: "LexborNode", depth: int) -> None:
    """What it stands for, the first time."""
    line.children(node, depth)
    meant = one_line(node.attributes.get("title") or "")
    explained = line.facts.explained
    if meant and meant.lower() not in explained and meant.lower() != node.text().strip().lower():
        explained.add(meant.lower())
        line.say(f" ({meant})")


def _time(line: Line, node: "LexborNode", depth: int) -> None:
    line.children(node, depth)
    date = one_line(node.attributes.get("datetime") or "").partition("T")[0]
    if date[:4].isdigit() and not any(map(str.isdigit, node.text())):
        line.say(f" ({date})")


def _button(line: Line, node: "LexborNode", depth: int) -> None:
    """A button's words belong to the sentence that they stand in, or to the title."""
    if line.stands_in_words(node):
        line.children(node, depth)


def _field(line: Line, node: "LexborNode", depth: int) -> None:
    value = line.facts.forms.value(node)
    if not value or value.startswith("[") or not line.tail.strip():
        line.say(value)
        return
    line.without_gap()
    line.say(f" {value} " if line.tail.endswith((":", "?")) else f": {value} ")


def _reading(line: Line, node: "LexborNode", depth: int) -> None:
    """How a word is read stands in brackets behind it."""
    line.say("(")
    line.children(node, depth)
    line.say(")")


def _page_link(line: Line, node: "LexborNode", depth: int) -> None:
    """A link of Confluence: its own words, else the title or file that it leads to."""
    body = node.css_first("ac\\:link-body, ac\\:plain-text-link-body") if node.tag == "ac:link" else None
    if body is not None and body.text().strip():
        line.children(body, depth)
        return
    names = node.attributes
    line.say(names.get("ri:content-title") or names.get("ri:filename") or names.get("ri:value") or "")
    line.children(node, depth)


def _by_attributes(line: Line, node: "LexborNode") -> "Writer | None":
    """Who writes an element whose meaning stands in its attributes or style."""
    attributes, styles = node.attributes, line.facts.styles
    if attributes.get("role") == "img" and len((attributes.get("aria-label") or "").split()) >= FEWEST_WORDS:
        return _drawing
    if "title" in attributes and len(words := node.text().strip()) <= 12 and words.isupper():
        return _abbreviation
    if styles.strikes(node):
        return _strike
    if styles.effect(node, "raised"):
        return _raise
    if styles.effect(node, "lowered"):
        return _lower
    return _fraction if "frac" in (attributes.get("class") or "") and _is_fraction(node) else None


WRITERS: Final = Writers(
    {
        "a": _link,
        "abbr": _abbreviation,
        "acronym": _abbreviation,
        "button": _button,
        "code": _code,
        "del": _strike,
        "i": _sign,
        "dfn": _abbreviation,
        "img": _image,
        "input": _field,
        "kbd": _code,
        "math": _formula,
        "meter": _gauge,
        "mjx-container": _typeset,
        "progress": _gauge,
        "rp": lambda line, node, depth: None,
        "rt": _reading,
        "s": _strike,
        "select": _field,
        "strike": _strike,
        "sub": _lower,
        "sup": _raise,
        "textarea": _field,
        "time": _time,
        "ac:link": _page_link,
        "ri:page": _page_link,
        "ri:blog-post": _page_link,
        "ri:attachment": _page_link,
        "ri:url": _page_link,
    },
    _by_attributes,
)
