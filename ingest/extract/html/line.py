"""What stands inside a line: text with its powers, fractions, notes, struck words, links and the values of forms.

A `Line` gathers until a block ends it; what a block inside of it means is the caller's (a paragraph ends there, a table
cell puts a semicolon).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final, TypeAlias
from urllib.parse import urljoin, urlsplit

from ingest.extract.clean import one_line
from ingest.extract.detect import MEDIA_TYPES
from ingest.extract.html.forms import Forms
from ingest.extract.html.formulas import formula
from ingest.extract.html.hidden import Panels
from ingest.extract.html.measure import SKIPPED
from ingest.extract.html.notes import Notes, is_reference, is_way_back
from ingest.extract.html.styles import Styles, struck_by_class
from ingest.extract.inline import fraction, is_power, link, lowered, note_mark, raised, struck

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

MAX_DEPTH: Final = 120
"""Element nesting that is followed; below it only the text is taken (Python's own stack is the limit)."""
LONGEST_ADDRESS: Final = 300
SHORT_LINE: Final = 200
"""Characters of a paragraph, item or cell whose links keep the addresses of other pages."""

_INLINE_TAGS: Final = """a abbr acronym b bdi bdo big button cite code data del dfn em font i img input ins kbd mark
    math meter mjx-container nobr output picture progress q rp rt rb ruby s samp select small source span strike strong
    sub sup textarea time tt u var wbr ac:link ac:link-body ac:plain-text-link-body ri:page ri:blog-post ri:attachment
    ri:url"""
INLINE: Final = frozenset(_INLINE_TAGS.split())
_TITLES: Final = frozenset({"h1", "h2", "h3", "h4", "h5", "h6", "summary", "dt"})
_WHITE: Final = re.compile(r"[ \t\r\n\f\0-\3]+")
_ADDRESSED: Final = re.compile("\1(\\d+)\2([^\3]*)\3")
"""A link whose address is due: its number and its text. No text of a page holds these signs."""
_SLASH: Final = re.compile(r"\s*[/⁄∕]\s*")
_FILES: Final = frozenset(MEDIA_TYPES) - {".html", ".htm", ".xhtml"} | {
    ".zip",
    ".doc",
    ".xls",
    ".ppt",
    ".odt",
    ".ods",
}
_BRACKETED: Final = re.compile(r"\[\w{1,4}\]")
_TEX: Final = re.compile(r"(?:^|[\s_-])(?:math|tex|latex|formula)(?=$|[\s_-])", re.IGNORECASE)
_SEPARATOR: Final = "\0"

Block: TypeAlias = "Callable[[LexborNode, str, int], None]"


@dataclass(slots=True)
class Facts:
    """What is known of a page before it is written out."""

    dropped: set[int]
    panels: Panels
    styles: Styles
    notes: Notes
    forms: Forms
    base: str = ""
    few_links: bool = False
    explained: set[str] = field(default_factory=set)


class Line:
    """The text of a line under way."""

    def __init__(self, facts: Facts, block: Block, *, links: bool = True) -> None:
        self.facts = facts
        self._block = block
        self._links = links
        self._parts: list[str] = []
        self._tail = ""
        self._struck: list[int] = []
        self._done: set[int] = set()
        self._worded: dict[int, bool] = {}
        self._taken = 0
        self._addresses: list[str] = []

    def say(self, text: str) -> None:
        """Append text."""
        if text:
            self._parts.append(text)
            self._tail = (self._tail + text)[-40:]

    def take(self) -> str:
        """The line so far, which begins anew."""
        for place, start in enumerate(self._struck):
            self._wrap(start, struck)
            self._struck[place] = 0
        text = self._with_addresses("".join(self._parts))
        self._addresses.clear()
        self._parts.clear()
        self._tail = ""
        self._taken += 1
        return text

    def _with_addresses(self, text: str) -> str:
        """Links with their addresses; in the long paragraphs of an article with many of them only those of files and
        people."""
        if not self._addresses:
            return text
        short = len(text) <= SHORT_LINE or self.facts.few_links

        def written(match: re.Match[str]) -> str:
            address = self._addresses[int(match[1])]
            useful = (
                short or not address.startswith("http") or PurePosixPath(address).suffix.lower() in _FILES
            )
            return link(match[2], address) if useful else match[2]

        return _ADDRESSED.sub(written, text)

    def children(self, node: "LexborNode", depth: int) -> None:
        """Everything inside of an element."""
        for child in node.iter(include_text=True):
            self.child(child, depth)

    def child(self, child: "LexborNode", depth: int) -> None:
        """One node: text, something inside the line, or a block."""
        tag = child.tag
        if tag is None or child.mem_id in self.facts.dropped or child.mem_id in self._done or tag in SKIPPED:
            return
        if tag == "-text":
            self.say(_WHITE.sub(" ", child.text_content or ""))
        elif depth >= MAX_DEPTH:
            self.say(_WHITE.sub(" ", child.text()))
        elif tag == "br":
            self.say("\n")
        elif tag.startswith(("-", "!")):
            return
        elif tag in INLINE or ("-" in tag and self._stands_in_words(child)):
            self._inline(child, tag, depth + 1)
        else:
            self._block(child, tag, depth + 1)

    def _inline(self, node: "LexborNode", tag: str, depth: int) -> None:
        if node.mem_id in self.facts.panels.openers:
            return
        write = _WRITERS.get(tag)
        if write is not None:
            write(self, node, depth)
            return
        if node.attributes:
            if self._says_otherwise(node):
                return
            if (
                "title" in node.attributes
                and node.text().strip().isupper()
                and len(node.text().strip()) <= 12
            ):
                self._abbreviation(node, depth)
                return
            effect = self._effect(node)
            if effect is not None:
                effect(node, depth)
                return
        self.children(node, depth)

    def _says_otherwise(self, node: "LexborNode") -> bool:
        """An element whose meaning stands in an attribute: a drawn picture, an abbreviation that is no `abbr`."""
        attributes = node.attributes
        words = one_line(attributes.get("aria-label") or "")
        if attributes.get("role") == "img" and len(words.split()) >= 3:
            self.say(f" [Image: {words}] ")
            return True
        return False

    def _effect(self, node: "LexborNode") -> "Callable[[LexborNode, int], None] | None":
        """What style makes of an element."""
        styles, names = self.facts.styles, node.attributes.get("class") or ""
        if styles.effect(node, "struck") or struck_by_class(names):
            return self._strike
        if styles.effect(node, "raised"):
            return self._raise
        if styles.effect(node, "lowered"):
            return self._lower
        if "frac" in names and self._is_fraction(node):
            return self._fraction
        return None

    def _plain(self, node: "LexborNode", depth: int) -> str:
        """The text of an element on one line, without addresses."""
        return inline_text(node, self.facts, links=False, depth=depth)

    def _code(self, node: "LexborNode", depth: int) -> None:
        text = _WHITE.sub(" ", node.text()).strip()
        self.say(f"`{text}`" if text and "`" not in text else text)

    def _raise(self, node: "LexborNode", depth: int) -> None:
        text = self._plain(node, depth)
        label = node.text().strip("[]() ")
        reference = node.css_first("a[href]")
        listed = label in self.facts.notes.numbered and not is_power(self._tail, label)
        listed = listed or _BRACKETED.fullmatch(text.strip()) is not None
        if (reference is not None and is_reference(reference)) or listed:
            for one in filter(None, re.split(r"[\s,;]+", label)):
                self.say(note_mark(one))
            return
        lower = self._lower_part(node, text, depth)
        if lower is not None:
            self.say(fraction(text, lower, self._tail))
        else:
            self.say(raised(text, self._tail))

    def _lower_part(self, node: "LexborNode", top: str, depth: int) -> str | None:
        """The denominator behind a raised numerator; None where there is none. What it takes is not read again."""
        following, taken = node.next, list[int]()
        slash = (
            following is not None
            and following.tag == "-text"
            and _SLASH.fullmatch(following.text_content or "")
        )
        if slash and following is not None:
            taken.append(following.mem_id)
            following = following.next
        if following is None or following.tag != "sub":
            return None
        bottom = self._plain(following, depth)
        if not slash and (
            not (top.isdigit() and bottom.isdigit()) or self._tail[-1:].isalpha() or self._tail[-1:] == ")"
        ):
            return None
        self._done.update((*taken, following.mem_id))
        return bottom

    def _lower(self, node: "LexborNode", depth: int) -> None:
        self.say(lowered(self._plain(node, depth), self._tail))

    def _is_fraction(self, node: "LexborNode") -> bool:
        parts = [child for child in node.iter() if (child.text() or "").strip(" /⁄")]
        return len(parts) == 2 and all(len(part.text().strip()) <= 12 for part in parts)

    def _fraction(self, node: "LexborNode", depth: int) -> None:
        top, bottom = [child for child in node.iter() if (child.text() or "").strip(" /⁄")]
        self.say(fraction(self._plain(top, depth), self._plain(bottom, depth), self._tail))

    def _strike(self, node: "LexborNode", depth: int) -> None:
        self._struck.append(len(self._parts))
        self.children(node, depth)
        self._wrap(self._struck.pop(), struck)

    def _wrap(self, start: int, wrap: Callable[[str], str]) -> None:
        body = "".join(self._parts[start:])
        del self._parts[start:]
        if body:
            self._parts.append(wrap(body))

    def _link(self, node: "LexborNode", depth: int) -> None:
        if is_reference(node):
            self.say(note_mark(node.text()))
            return
        if is_way_back(node):
            return
        start, taken = len(self._parts), self._taken
        self.children(node, depth)
        address = self._address(node.attributes.get("href") or "") if self._links else ""
        if address and taken == self._taken and "\n" not in "".join(self._parts[start:]).strip():
            self._addresses.append(address)
            place = len(self._addresses) - 1
            self._wrap(start, lambda text: f"\1{place}\2{text}\3" if text.strip() else text)

    def _address(self, target: str) -> str:
        """An address that leads somewhere without the page: absolute ones, mail, telephone, files beside it."""
        target = "".join(target.split())
        scheme = target.partition(":")[0].lower()
        if scheme in ("mailto", "tel"):
            return target.partition("?")[0]
        if scheme not in ("http", "https", "ftp"):
            try:
                path = urlsplit(target).path
            except ValueError:
                return ""
            if ":" in target.partition("/")[0] or PurePosixPath(path).suffix.lower() not in _FILES:
                return ""
            target = urljoin(self.facts.base, target) if self.facts.base else target
        short = target if len(target) <= LONGEST_ADDRESS else target.partition("?")[0]
        return short if len(short) <= LONGEST_ADDRESS else ""

    def _image(self, node: "LexborNode", depth: int) -> None:
        """The description of a picture that stands alone; between words only a short one."""
        words = one_line(node.attributes.get("alt") or "")
        names = node.attributes.get("class") or ""
        if words and _TEX.search(names):
            self.say("" if self._has_formula(node) else words)
            return
        if not words or PurePosixPath(words).suffix.lower() in (
            ".png",
            ".jpg",
            ".jpeg",
            ".gif",
            ".svg",
            ".webp",
        ):
            return
        before, after = self._tail.strip(" "), node.next
        if before and not before.endswith("\n") and after is not None and (after.text() or "").strip():
            self.say(words if len(words) <= 40 else "")
        elif len(words.split()) >= 3:
            self.say(f" [Image: {words}] ")

    def _has_formula(self, node: "LexborNode") -> bool:
        """Whether a picture of a formula stands beside the formula itself."""
        around = node.parent
        return around is not None and around.css_first("math") is not None

    def _formula(self, node: "LexborNode", depth: int) -> None:
        self.say(formula(node))

    def _typeset(self, node: "LexborNode", depth: int) -> None:
        """A formula of MathJax: the one that is written for readers of screens."""
        math = node.css_first("math")
        self.say(
            formula(math) if math is not None else one_line(node.attributes.get("aria-label") or node.text())
        )

    def _gauge(self, node: "LexborNode", depth: int) -> None:
        """A meter or progress bar: its words, else its value."""
        if node.text().strip():
            self.children(node, depth)
        elif value := node.attributes.get("value"):
            most = node.attributes.get("max")
            self.say(f"{value}/{most}" if most else value)

    def _abbreviation(self, node: "LexborNode", depth: int) -> None:
        self.children(node, depth)
        meant = one_line(node.attributes.get("title") or "")
        if (
            meant
            and meant.lower() not in self.facts.explained
            and meant.lower() != node.text().strip().lower()
        ):
            self.facts.explained.add(meant.lower())
            self.say(f" ({meant})")

    def _time(self, node: "LexborNode", depth: int) -> None:
        self.children(node, depth)
        date = one_line(node.attributes.get("datetime") or "").partition("T")[0]
        if date[:4].isdigit() and not any(map(str.isdigit, node.text())):
            self.say(f" ({date})")

    def _button(self, node: "LexborNode", depth: int) -> None:
        """A button's words belong to the sentence that they stand in, or to the title."""
        if self._stands_in_words(node):
            self.children(node, depth)

    def _stands_in_words(self, node: "LexborNode") -> bool:
        """Whether there is text around an element, or a title around it."""
        parent = node.parent
        if parent is None:
            return False
        if parent.mem_id not in self._worded:
            texts = (
                part.text_content or "" for part in parent.iter(include_text=True) if part.tag == "-text"
            )
            self._worded[parent.mem_id] = parent.tag in _TITLES or any(map(str.strip, texts))
        return self._worded[parent.mem_id]

    def _field(self, node: "LexborNode", depth: int) -> None:
        value = self.facts.forms.value(node)
        if not value:
            return
        tail = self._tail.rstrip()
        if value.startswith("[") or not tail:
            self.say(value)
        else:
            self._parts[-1] = self._parts[-1].rstrip()
            self.say(f" {value} " if tail.endswith((":", "?")) else f": {value} ")

    def _reading(self, node: "LexborNode", depth: int) -> None:
        """How a word is read stands in brackets behind it."""
        self.say("(")
        self.children(node, depth)
        self.say(")")

    def _page_link(self, node: "LexborNode", depth: int) -> None:
        """A link of Confluence: its own words, else the title or file that it leads to."""
        body = node.css_first("ac\\:link-body, ac\\:plain-text-link-body") if node.tag == "ac:link" else None
        if body is not None and body.text().strip():
            self.children(body, depth)
            return
        names = node.attributes
        self.say(names.get("ri:content-title") or names.get("ri:filename") or names.get("ri:value") or "")
        self.children(node, depth)


_WRITERS: "Final[dict[str, Callable[[Line, LexborNode, int], None]]]" = {
    "a": Line._link,
    "abbr": Line._abbreviation,
    "acronym": Line._abbreviation,
    "button": Line._button,
    "code": Line._code,
    "kbd": Line._code,
    "del": Line._strike,
    "s": Line._strike,
    "strike": Line._strike,
    "img": Line._image,
    "input": Line._field,
    "select": Line._field,
    "textarea": Line._field,
    "math": Line._formula,
    "mjx-container": Line._typeset,
    "meter": Line._gauge,
    "progress": Line._gauge,
    "dfn": Line._abbreviation,
    "sub": Line._lower,
    "sup": Line._raise,
    "rp": lambda line, node, depth: None,
    "rt": Line._reading,
    "time": Line._time,
    "ac:link": Line._page_link,
    "ri:page": Line._page_link,
    "ri:blog-post": Line._page_link,
    "ri:attachment": Line._page_link,
    "ri:url": Line._page_link,
}


def inline_text(node: "LexborNode", facts: Facts, *, links: bool = True, depth: int = 0) -> str:
    """Everything inside of an element on one line: items and rows end with a semicolon, other blocks with a blank."""

    def block(child: "LexborNode", tag: str, depth: int) -> None:
        mark = _SEPARATOR if tag in ("li", "tr", "dd") else " "
        line.say(mark)
        if tag == "label" and (value := facts.forms.labelled(child)):
            line.children(child, depth)
            line.say(f": {value}")
        else:
            line.children(child, depth)
        line.say(mark)

    line = Line(facts, block, links=links)
    line.children(node, depth)
    parts = (one_line(part) for part in line.take().split(_SEPARATOR))
    return "; ".join(filter(None, parts))
