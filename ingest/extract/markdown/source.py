"""The source of a Markdown file without what is no Markdown: HTML rendered, imports and components dropped.

Text to text, line by line along the parser's tokens; code is never touched. `<details>` and the tabs of components
become `:::` containers, which the parser of the blocks knows; `titles` takes their marks away at the end.
"""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from ingest.extract.assembly.building import TextBuilder
from ingest.extract.clean import one_line
from ingest.extract.html import extract_fragment
from ingest.extract.markdown.parser import block_parser
from ingest.extract.markdown.tags import attributes_of, is_html, name_of, without_tags

if TYPE_CHECKING:
    from markdown_it.token import Token

LONGEST_TABLE: Final = 5_000
"""Lines of a table or a program that may have blank lines in them."""
DEEPEST: Final = 20
"""Containers inside each other; the outermost is marked with as many colons, each one inside with one less."""
_LEAVES: Final = frozenset({"paragraph_open", "heading_open", "table_open", "dl_open"})
_CODE: Final = frozenset({"fence", "code_block"})
_STRUCTURE: Final = re.compile(
    r"<(?P<close>/?)(?P<name>details|[A-Z][\w.]*)(?P<rest>(?:\s(?:[^<>{}]|\{[^{}]{0,2000}\}){0,4000}?)?)\s{0,20}(?P<alone>/?)>"
    r"(?:\s{0,200}<summary(?:\s[^<>]{0,500})?>(?P<summary>.{0,2000}?)</summary>)?",
    re.DOTALL,
)
_TITLES: Final = ("title", "label", "header", "summary", "name")
_NOTES: Final = {
    "note": "note", "tip": "tip", "info": "info", "warning": "warning", "danger": "danger", "caution": "caution",
    "important": "important", "callout": "", "admonition": "", "alert": "", "hint": "",
}  # fmt: skip
"""Components that are notes, with their kind; "" for those whose attribute tells it."""
_IMPORT: Final = re.compile(r"\s{0,3}import\s[^;'\"]{0,2000}?['\"][^'\"\n]{1,500}['\"];?\s*(?:\n|$)")
_EXPORT: Final = re.compile(r"\s{0,3}export\s+(?:const|let|var|default|function|class|\{)")
_DATA_REFERENCE: Final = re.compile(r"^[ \t>]{0,12}\[[^\]\n]{1,300}\]:\s{0,9}<?data:[^\n]*$", re.MULTILINE)
_BYTES: Final = re.compile(r"(?<![(<\"'])(data:[\w/+.-]{3,60};base64,)[A-Za-z0-9+/=_-]{500,}")
"""A file's bytes that stand as they are, in code or between words."""
_NOT_MARKDOWN: Final = re.compile(r"[<&]|data:|\[!|^import ", re.MULTILINE)
_ALERT: Final = re.compile(r"^([ \t]*>[ \t>]*)\[!([A-Za-z]{3,20})\][+-]?[ \t]*", re.MULTILINE)
_MARKUP: Final = re.compile(r"</?[A-Za-z!]")


def readable(source: str, *, components: bool) -> str:
    """The source as it is read; `components` for MDX, where imports, exports and JSX are no text."""
    if "data:" in source:
        source = _BYTES.sub(r"\1…", _DATA_REFERENCE.sub("", source))
    if not components and not _NOT_MARKDOWN.search(source):
        return source
    lines = source.split("\n")
    writer = _Writer(lines, components)
    position = 0
    for token, first, stop in _pieces(block_parser("components" if components else "markdown").parse(source)):
        if first < position:
            continue
        writer.copy(position, first)
        position = writer.piece(token, first, stop)
    writer.copy(position, len(lines))
    return "\n".join(writer.out)


def _pieces(tokens: "list[Token]") -> "Iterator[tuple[Token, int, int]]":
    """Leaves and HTML in the order of their lines."""
    for token in tokens:
        if token.map is not None and (
            token.type in _LEAVES or token.type in _CODE or token.type == "html_block"
        ):
            yield token, token.map[0], token.map[1]


class _Writer:
    """The lines so far; `open` are the containers under way, `last_table` the last line that closes a table."""

    def __init__(self, lines: list[str], components: bool) -> None:
        self.lines = lines
        self.components = components
        self.out: list[str] = []
        self.open: list[str] = []
        self.last_table = -1

    def copy(self, first: int, stop: int) -> None:
        self.out += self.lines[first:stop]

    def piece(self, token: "Token", first: int, stop: int) -> int:
        """Writes a stretch of lines; where to go on, behind a table or program that reaches further."""
        text = "\n".join(self.lines[first:stop])
        if token.type == "html_block" and text.lower().count("<table") > text.lower().count("</table"):
            stop = self._end_of_table(stop)
            text = "\n".join(self.lines[first:stop])
        elif self.components and _EXPORT.match(_IMPORT.sub("", text)):
            return self._end_of_program(first, stop)
        self._write(token, text, first, stop)
        return stop

    def _end_of_table(self, stop: int) -> int:
        """Behind the line that closes an HTML table with blank lines in it."""
        if self.last_table < 0:
            self.last_table = max(
                (n for n, line in enumerate(self.lines) if "</table" in line.lower()), default=0
            )
        for place in range(stop, min(stop + LONGEST_TABLE, self.last_table + 1)):
            if "</table" in self.lines[place].lower():
                return place + 1
        return stop

    def _end_of_program(self, first: int, stop: int) -> int:
        """Behind an export with blank lines in its braces."""
        text = "\n".join(self.lines[first:stop])
        depth = text.count("{") - text.count("}")
        while depth > 0 and stop < min(first + LONGEST_TABLE, len(self.lines)):
            depth += self.lines[stop].count("{") - self.lines[stop].count("}")
            stop += 1
        return stop

    def _write(self, token: "Token", text: str, first: int, stop: int) -> None:
        if token.type in _CODE:
            self.out += self.lines[first:stop]
        elif token.type == "html_block" and self._is_markup(text.lstrip()):
            self._markup(text, rendered=True)
        elif self._is_program(text):
            return
        elif self.components and token.level == 0 and re.match(r"\s{0,3}</?(?:[A-Z]|>)", text):
            self._markup(text, rendered=False)
        else:
            self.out += without_tags(_ALERT.sub(_alert, text)).split("\n")

    def _is_markup(self, text: str) -> bool:
        """HTML or a component, and no place to fill in (`<your name>`)."""
        name = name_of(text)
        return text.startswith("<") and (is_html(name) or name[:1].isupper() or text.startswith(("<!", "<?")))

    def _is_program(self, text: str) -> bool:
        """Imports and exports of a page of components."""
        return _IMPORT.match(text) is not None and not _IMPORT.sub("", text).strip()

    def _markup(self, text: str, *, rendered: bool) -> None:
        """A stretch of HTML or components: what opens and closes containers, and the rest between them."""
        margin = text[: len(text) - len(text.lstrip(" "))]
        position = 0
        for tag in _STRUCTURE.finditer(text):
            self._between(text[position : tag.start()], margin, rendered)
            position = tag.end()
            self._structure(tag, margin)
        self._between(text[position:], margin, rendered)

    def _between(self, text: str, margin: str, rendered: bool) -> None:
        if not text.strip():
            return
        written = fragment(text) if rendered else without_tags(text).strip("\n")
        if written.strip():
            self.out += ["", *(margin + line if line else line for line in written.split("\n")), ""]

    def _structure(self, tag: re.Match[str], margin: str) -> None:
        name = tag["name"].lower().rpartition(".")[2]
        if tag["alone"]:
            facts = attributes_of(tag["rest"] or "")
            words = one_line(facts.get("alt", ""))
            self.out += ["", f"{margin}[Image: {words}]", ""] if words else []
            return
        if tag["close"]:
            if name in self.open:
                closed = ""
                while closed != name:
                    closed = self.open.pop()
                    self._mark(margin)
            return
        title = self._title(name, tag)
        if title and len(self.open) < DEEPEST - 3:
            self.out += ["", f"{margin}{':' * (DEEPEST - len(self.open))}{title}", ""]
            self.open.append(name)

    def _mark(self, margin: str) -> None:
        """Closes the container that was taken from `open` last."""
        self.out += ["", margin + ":" * (DEEPEST - len(self.open)), ""]

    def _title(self, name: str, tag: re.Match[str]) -> str:
        """The opening of a container, "" for a component that only lays out."""
        facts = attributes_of(tag["rest"] or "")
        title = next((one_line(facts[key]) for key in _TITLES if facts.get(key)), "")
        if tag["summary"] is not None or name == "details":
            title = one_line(without_tags(fragment(tag["summary"] or "")) or title)
            return f"details {title}" if title else ""
        if name in _NOTES:
            kind = (
                _NOTES[name]
                or (facts.get("type") or facts.get("variant") or facts.get("status") or "note").lower()
            )
            return f"{re.sub(r'[^a-z]', '', kind) or 'note'} {title}".rstrip()
        return f"details {title}" if title else ""


def _alert(match: re.Match[str]) -> str:
    """What kind of note a quotation is, as GitHub and Obsidian show it."""
    return f"{match[1]}**{match[2].capitalize()}** "


def fragment(source: str) -> str:
    """A piece of HTML as Markdown."""
    if not _MARKUP.search(source):
        return without_tags(source)
    builder = TextBuilder()
    extract_fragment(source, builder)
    return builder.text
