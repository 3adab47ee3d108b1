"""HTML and components inside the lines of Markdown: as Markdown where it has a sign for them, else without their tags.

Code spans, escapes and addresses in angle brackets stay as they are. Linear in the text.
"""

import re
from bisect import bisect_right
from collections import defaultdict
from html import unescape
from typing import Final

from ingest.extract.assembly.inline import fraction, link, lowered, raised, struck
from ingest.extract.clean import one_line

_TOKEN: Final = re.compile(
    r"(?P<escape>\\[\\`<&])"
    r"|(?P<ticks>`+)"
    r"|(?P<address><(?:[A-Za-z][A-Za-z0-9+.-]{1,31}:[^\s<>]*|[\w.!#$%&'*+/=?^`{|}~-]+@[\w.-]+)>)"
    r"|(?P<tag></?[A-Za-z][\w.:-]*(?:\s[^<>]{0,4000})?\s{0,20}/?>|</?>)"
    r"|(?P<picture>!\[(?P<alt>[^\]\n]{0,500})\]\(\s{0,4}<?data:[^()\s]*>?[^()\n]{0,200}\))"
    r"|(?P<data>data:[\w/+.-]{3,60};base64,[A-Za-z0-9+/=_-]{60,})"
    r"|(?P<entity>&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});)"
    r"|(?P<comment>\{/\*[^*]{0,4000}\*/\})"
)
_ATTRIBUTE: Final = re.compile(
    r"""(?<![\w:.-])([\w:.-]+)\s{0,9}=\s{0,9}\{?\s{0,9}(?:"([^"]*)"|'([^']*)'|`([^`]*)`|([^\s"'>{}]+))"""
)
_NAME: Final = re.compile(r"</?([\w.:-]*)")
_SIGNS: Final = {
    "b": "**",
    "strong": "**",
    "i": "*",
    "em": "*",
    "s": "~~",
    "del": "~~",
    "strike": "~~",
    "code": "`",
    "kbd": "`",
}
_ELEMENTS: Final = frozenset(
    """a abbr acronym address area article aside audio b base bdi bdo big blockquote body br button canvas caption
    center cite code col colgroup data datalist dd del details dfn dialog div dl dt em embed fieldset figcaption
    figure font footer form h1 h2 h3 h4 h5 h6 head header hgroup hr html i iframe img input ins kbd label legend
    li link main map mark math menu meta meter nav nobr noscript object ol optgroup option output p param
    picture pre progress q rp rt ruby s samp script section select small source span strike strong style sub
    summary sup svg table tbody td template textarea tfoot th thead time title tr track tt u ul var video wbr""".split()  # noqa: SIM905
)
_WORDS: Final = frozenset(
    """address area base body code data font form head header image label legend link main map mark menu meta object
    option output param section source style summary table template time title track var""".split()  # noqa: SIM905
)
_BREAKS: Final = frozenset(
    {"p", "div", "br", "tr", "li", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "table", "ul", "ol"}
)
_ROW: Final = re.compile(r"^[ \t>]*\|", re.MULTILINE)


def attributes_of(tag: str) -> dict[str, str]:
    """Attributes of a tag as written; values of components without their braces."""
    return {
        match[1].lower(): unescape(match[2] or match[3] or match[4] or match[5] or "")
        for match in _ATTRIBUTE.finditer(tag)
    }


def name_of(tag: str) -> str:
    """The element's or component's name."""
    match = _NAME.match(tag)
    return match[1] if match else ""


class _Cleaner:
    """One pass over the lines of a leaf; `open` holds what awaits its closing tag: name, place and address or
    style."""

    def __init__(self, text: str, row: bool) -> None:
        self.text = text
        self.row = row
        self.out: list[str] = []
        self.tail = ""
        self.open: list[tuple[str, int, str]] = []
        self.ticks: dict[int, list[int]] = defaultdict(list)
        for run in re.finditer("`+", text):
            self.ticks[len(run[0])].append(run.start())

    def run(self) -> str:
        position = 0
        while match := _TOKEN.search(self.text, position):
            self.say(self.text[position : match.start()])
            position = self._token(match)
        self.say(self.text[position:])
        return "".join(self.out)

    def say(self, text: str) -> None:
        if text:
            self.out.append(text)
            self.tail = (self.tail + text)[-40:]

    def _token(self, match: re.Match[str]) -> int:
        """Writes what the token becomes; where to go on."""
        kind = match.lastgroup if match.lastgroup != "alt" else "picture"
        match kind:
            case "escape" | "address":
                self.say(match[0])
            case "ticks":
                return self._code(match)
            case "tag":
                self._tag(match[0])
            case "picture":
                words = one_line(match["alt"] or "")
                self.say(f"[Image: {words}]" if words else "")
            case "entity":
                self.say(unescape(match[0]).replace("\N{NO-BREAK SPACE}", " "))
        return match.end()

    def _code(self, match: re.Match[str]) -> int:
        places = self.ticks[len(match[0])]
        following = bisect_right(places, match.start())
        end = places[following] + len(match[0]) if following < len(places) else match.end()
        self.say(self.text[match.start() : end])
        return end

    def _tag(self, tag: str) -> None:
        name = name_of(tag).lower()
        closing = tag.startswith("</")
        if name and not (self._is_component(tag) if name not in _ELEMENTS else self._is_element(name, tag)):
            self.say(tag)
        elif name in _SIGNS:
            self.say(_SIGNS[name])
        elif name in ("sup", "sub", "a", "span"):
            facts = attributes_of(tag) if name in ("a", "span") and not closing else {}
            self._pair(name, closing, facts.get("href") or facts.get("style") or "")
        elif name in ("img", "image"):
            facts = attributes_of(tag)
            source = facts.get("src", "")
            words = one_line(facts.get("alt", ""))
            if source.startswith("data:") or not source:
                self.say(f"[Image: {words}]" if words else "")
            else:
                self.say(f"![{words}]({source})")
        elif name in _BREAKS and not self.tail.endswith(("\n", " ")):
            self.say(" " if self.row else "\n" if name == "br" else " ")

    def _is_component(self, tag: str) -> bool:
        """A capital, and an end: `<Badge>new</Badge>`, `<Icon />`."""
        name = name_of(tag)
        ends = tag.endswith("/>") or tag.startswith("</") or f"</{name}>" in self.text
        return name[:1].isupper() and (ends or "=" in tag)

    def _is_element(self, name: str, tag: str) -> bool:
        """Names that people also write for what is to be filled in (`<source>`) need an attribute or an end."""
        return name not in _WORDS or " " in tag or tag.startswith("</") or f"</{name}" in self.text.lower()

    def _pair(self, name: str, closing: bool, address: str) -> None:
        if not closing:
            self.open.append((name, len(self.out), address))
            return
        if not any(other == name for other, _, _ in self.open[-8:]):
            return
        while self.open:
            other, start, address = self.open.pop()
            if other == name:
                break
        body = "".join(self.out[start:])
        del self.out[start:]
        before = "".join(self.out[-3:])[-40:]
        self.tail = before
        if name == "a":
            self.say(link(body, address) if address and not address.startswith("#") else body)
        elif name == "span":
            self.say(struck(body) if "line-through" in address else body)
        elif name == "sup":
            self.say(raised(body, before))
        else:
            self._lowered(body, before)

    def _lowered(self, body: str, before: str) -> None:
        """A subscript behind a raised numerator and a slash is its denominator."""
        over = re.search(r"(?<![⁰¹²³⁴⁵⁶⁷⁸⁹])([⁰¹²³⁴⁵⁶⁷⁸⁹]+)\s?[/⁄]$", before)
        if over is None:
            self.say(lowered(body, before))
            return
        top = over[1].translate(str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789"))
        kept = "".join(self.out)[: -len(over[0])] if over[0] else ""
        self.out = [kept]
        self.tail = kept[-40:]
        self.say(fraction(top, body, kept))


def is_html(name: str) -> bool:
    """Whether an element is one of HTML's; any other name in angle brackets may be a place to fill in."""
    return name.lower() in _ELEMENTS


def without_tags(text: str) -> str:
    """Lines of a paragraph, heading or table without HTML and components."""
    if "<" not in text and "&" not in text and "data:" not in text and "{/*" not in text:
        return text
    return _Cleaner(text, _ROW.search(text) is not None).run()
