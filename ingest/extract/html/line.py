"""A line of text under way, and what decides which elements are part of one.

A `Line` gathers until a block ends it; what a block inside of it means is the caller's (a paragraph ends there, a table
cell puts a semicolon). What the elements inside a line say is in `words`.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias

from ingest.extract.assembly.inline import link, struck
from ingest.extract.clean import one_line
from ingest.extract.html.addresses import is_of_use
from ingest.extract.html.choosing.hidden import Panels
from ingest.extract.html.choosing.measure import SKIPPED
from ingest.extract.html.choosing.styles import Styles
from ingest.extract.html.forms import Forms
from ingest.extract.html.notes import Notes

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

MAX_DEPTH: Final = 120
"""Element nesting that is followed; below it only the text is taken (Python's own stack is the limit)."""
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
_SEPARATOR: Final = "\0"

Block: TypeAlias = "Callable[[LexborNode, str, int], None]"
Writer: TypeAlias = "Callable[[Line, LexborNode, int], None]"


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


@dataclass(frozen=True, slots=True)
class Writers:
    """Who writes the elements inside a line: by their name, else what `other` finds for one with attributes."""

    by_name: "Mapping[str, Writer]"
    other: "Callable[[Line, LexborNode], Writer | None]"


class Line:
    """The text of a line under way; `tail` is how it ends so far."""

    def __init__(self, facts: Facts, writers: Writers, block: Block, *, links: bool = True) -> None:
        self.facts = facts
        self.links = links
        self.tail = ""
        self._writers = writers
        self._block = block
        self._parts: list[str] = []
        self._struck: list[int] = []
        self._addresses: list[str] = []
        self._read: set[int] = set()
        self._worded: dict[int, bool] = {}
        self._taken = 0

    def say(self, text: str) -> None:
        """Append text."""
        if text:
            self._parts.append(text)
            self.tail = (self.tail + text)[-40:]

    def take(self) -> str:
        """The line so far, which begins anew."""
        for place, start in enumerate(self._struck):
            self._wrap(start, struck)
            self._struck[place] = 0
        text = self._with_addresses("".join(self._parts))
        self._addresses.clear()
        self._parts.clear()
        self.tail = ""
        self._taken += 1
        return text

    def strike(self, node: "LexborNode", depth: int) -> None:
        """Everything inside of an element as struck out, also where blocks end the line in between."""
        self._struck.append(len(self._parts))
        self.children(node, depth)
        self._wrap(self._struck.pop(), struck)

    def lead_to(self, address: str, node: "LexborNode", depth: int) -> None:
        """Everything inside of an element as a link, unless blocks end the line in between."""
        start, taken = len(self._parts), self._taken
        self.children(node, depth)
        if address and taken == self._taken and "\n" not in "".join(self._parts[start:]).strip():
            self._addresses.append(address)
            place = len(self._addresses) - 1
            self._wrap(start, lambda text: f"\1{place}\2{text}\3" if text.strip() else text)

    def without_gap(self) -> None:
        """Takes the blanks back that the line ends with."""
        if self._parts:
            self._parts[-1] = self._parts[-1].rstrip()
            self.tail = self.tail.rstrip()

    def has_read(self, nodes: "Iterable[LexborNode]") -> None:
        """What was read out of turn is not read again."""
        self._read.update(node.mem_id for node in nodes)

    def _wrap(self, start: int, wrap: Callable[[str], str]) -> None:
        body = "".join(self._parts[start:])
        del self._parts[start:]
        if body:
            self._parts.append(wrap(body))

    def _with_addresses(self, text: str) -> str:
        """Links with their addresses; in the long paragraphs of an article with many of them only those of use."""
        if not self._addresses:
            return text
        all_of_them = len(text) <= SHORT_LINE or self.facts.few_links

        def written(match: re.Match[str]) -> str:
            address = self._addresses[int(match[1])]
            return link(match[2], address) if all_of_them or is_of_use(address) else match[2]

        return _ADDRESSED.sub(written, text)

    def children(self, node: "LexborNode", depth: int) -> None:
        """Everything inside of an element."""
        for child in node.iter(include_text=True):
            self.child(child, depth)

    def child(self, child: "LexborNode", depth: int) -> None:
        """One node: text, something inside the line, or a block."""
        tag = child.tag
        if tag is None or child.mem_id in self.facts.dropped or child.mem_id in self._read or tag in SKIPPED:
            return
        if tag == "-text":
            self.say(_WHITE.sub(" ", child.text_content or ""))
        elif depth >= MAX_DEPTH:
            self.say(_WHITE.sub(" ", child.text()))
        elif tag == "br":
            self.say("\n")
        elif tag.startswith(("-", "!")):
            return
        elif tag in INLINE or ("-" in tag and self.stands_in_words(child)):
            self._inline(child, tag, depth + 1)
        elif self.facts.styles.strikes(child):
            self._struck.append(len(self._parts))
            self._block(child, tag, depth + 1)
            self._wrap(self._struck.pop(), struck)
        else:
            self._block(child, tag, depth + 1)

    def _inline(self, node: "LexborNode", tag: str, depth: int) -> None:
        if node.mem_id in self.facts.panels.openers:
            return
        write = self._writers.by_name.get(tag)
        if write is None and (node.attributes or node.mem_id in self.facts.styles.drawn):
            write = self._writers.other(self, node)
        if write is not None:
            write(self, node, depth)
        else:
            self.children(node, depth)

    def stands_in_words(self, node: "LexborNode") -> bool:
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

    def plain(self, node: "LexborNode", depth: int = 0, *, links: bool = False) -> str:
        """Everything inside of an element on a line of its own; items and rows end with a semicolon."""

        def block(child: "LexborNode", tag: str, depth: int) -> None:
            mark = _SEPARATOR if tag in ("li", "tr", "dd") else " "
            line.say(mark)
            line.children(child, depth)
            if tag == "label" and (value := self.facts.forms.labelled(child)):
                line.say(f": {value}")
            line.say(mark)

        line = Line(self.facts, self._writers, block, links=links)
        line.children(node, depth)
        parts = (one_line(part) for part in line.take().split(_SEPARATOR))
        return "; ".join(filter(None, parts))
