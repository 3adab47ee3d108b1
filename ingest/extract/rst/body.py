"""The lines of reStructuredText, walked once: what begins with which sign, and how far it reaches by its indent.

A body inside of something (an item, a note) is read in the same way after its indent was taken away. Lists are in
`lists`, what begins with two dots in `explicit`.
"""

import re
from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

from ingest.extract.assembly.building import TextBuilder
from ingest.extract.assembly.listing import Listing
from ingest.extract.clean import one_line
from ingest.extract.rst import lists, tables
from ingest.extract.rst.explicit import EXPLICIT, explicit
from ingest.extract.rst.inline import inline
from ingest.extract.rst.lines import block_end, content, follows, indent_of, without_indent
from ingest.extract.rst.names import Names
from ingest.extract.tables.rows import add_table
from ragchat.documents import Scalar

Reader: TypeAlias = "Callable[[Body, Sequence[str], int, int], int]"
"""Reads from a line on, at a depth; gives the line behind."""

DEEPEST: Final = 24
_RULE: Final = re.compile(r"([!-/:-@\[-`{-~])\1{2,}\s*")
_LINE: Final = re.compile(r"\|(?:\s+(.*)|$)")
_ADDRESS: Final = re.compile(r"\]\([^()]*\)")


class Body:
    """Writes lines into a builder; `styles` are the underlines met so far, the outermost first."""

    def __init__(self, builder: TextBuilder, names: Names) -> None:
        self.builder = builder
        self.names = names
        self.listing = Listing(builder)
        self.styles: list[str] = []
        self.metadata: dict[str, Scalar] = {}

    def read(self, lines: Sequence[str], depth: int = 0) -> None:
        """Everything in the lines; headings only at the top."""
        at = 0
        while at < len(lines):
            at = self._piece(lines, at, depth) if lines[at].strip() else at + 1

    def inline(self, text: str) -> str:
        """What stands inside lines as it is read."""
        return inline(text, self.names)

    def say(self, text: str) -> None:
        """A paragraph."""
        self.listing.paragraph(self.inline(text))

    def code(self, language: str, lines: Sequence[str]) -> None:
        """A block of code."""
        code = "\n".join(lines).strip("\n")
        if code.strip():
            fence = "````" if "```" in code else "```"
            self.builder.block(f"{fence}{language.strip()}\n{code}\n{fence}", "code")
            self.listing.apart()

    def table(self, heads: int, rows: Sequence[Sequence[str]]) -> None:
        """A table with so many header rows."""
        written = [[self.inline(cell) for cell in row] for row in rows]
        add_table(self.builder, tables.one_header(heads, written))
        self.listing.apart()

    def begins(self, line: str) -> bool:
        """Whether a line begins something other than a paragraph."""
        return any(begins(line) for begins, _ in _KINDS)

    def _piece(self, lines: Sequence[str], at: int, depth: int) -> int:
        """Writes what begins at a line; the line behind it."""
        line = lines[at].rstrip()
        if depth > DEEPEST:
            self.say(one_line(" ".join(lines[at:])))
            return len(lines)
        if line.startswith(" "):
            return self._quotation(lines, at, depth)
        if depth == 0 and (after := self._heading(lines, at)):
            return after
        if _RULE.fullmatch(line) and not follows(lines, at):
            self.listing.apart()
            return at + 1
        for begins, read in _KINDS:
            if begins(line):
                return read(self, lines, at, depth)
        if lists.is_term(lines, at) and not line.endswith("::"):
            return lists.definitions(self, lines, at, depth)
        return self.paragraph(lines, at)

    def _quotation(self, lines: Sequence[str], at: int, depth: int) -> int:
        stop = block_end(lines, at, indent_of(lines[at]))
        with self.builder.within("quotation"):
            self.read(without_indent(lines[at:stop]), depth + 1)
        return stop

    def _heading(self, lines: Sequence[str], at: int) -> int:
        one, two, three = (
            lines[place].rstrip() if place < len(lines) else "" for place in (at, at + 1, at + 2)
        )
        if _RULE.fullmatch(one) and two.strip() and _RULE.fullmatch(three) and one[0] == three[0]:
            self._add_heading(one[0] * 2, two.strip())
            return at + 3
        if _RULE.fullmatch(two) and not _RULE.fullmatch(one) and len(two) + 4 >= len(one):
            self._add_heading(two[0], one)
            return at + 2
        return 0

    def _add_heading(self, style: str, title: str) -> None:
        if style not in self.styles:
            self.styles.append(style)
        self.builder.heading(self.styles.index(style) + 1, _ADDRESS.sub("]", self.inline(title)))
        self.listing.apart()

    def paragraph(self, lines: Sequence[str], at: int) -> int:
        """Lines up to a blank or indented one; behind "::" comes code."""
        stop = at
        while stop < len(lines) and lines[stop].strip() and (stop == at or not lines[stop].startswith(" ")):
            stop += 1
        text = "\n".join(line.rstrip() for line in lines[at:stop])
        if not text.endswith("::"):
            self.say(text)
            return stop
        self.say(text[:-2].rstrip() if text.endswith(" ::") or text == "::" else text[:-1])
        code, after = content(lines, stop - 1)
        self.code("", code)
        return after


def _verse(body: Body, lines: Sequence[str], at: int, depth: int) -> int:
    """Lines that end where they end."""
    said = []
    while at < len(lines) and (match := _LINE.match(lines[at])):
        said.append((match[1] or "").strip())
        at += 1
    body.say("\n".join(said))
    return at


def _session(body: Body, lines: Sequence[str], at: int, depth: int) -> int:
    """A session of Python's prompt."""
    stop = at
    while stop < len(lines) and lines[stop].strip():
        stop += 1
    body.code("pycon", lines[at:stop])
    return stop


def _drawn(body: Body, lines: Sequence[str], at: int, depth: int) -> int:
    """A table drawn with lines."""
    stop = at
    while stop < len(lines) and lines[stop][:1] in ("+", "|"):
        stop += 1
    if stop - at < 3:
        return body.paragraph(lines, at)
    body.table(*tables.grid_table(lines[at:stop]))
    return stop


def _columns(body: Body, lines: Sequence[str], at: int, depth: int) -> int:
    """A table by columns."""
    rules, stop = 0, at
    for place in range(at, len(lines)):
        if tables.SIMPLE.fullmatch(lines[place]):
            rules, stop = rules + 1, place + 1
            if rules > 1 and not follows(lines, place):
                break
    if rules < 2:
        return body.paragraph(lines, at)
    body.table(*tables.simple_table(lines[at:stop]))
    return stop


_KINDS: Final[Sequence[tuple[Callable[[str], object], Reader]]] = (
    (EXPLICIT.fullmatch, explicit),
    (tables.GRID.fullmatch, _drawn),
    (tables.SIMPLE.fullmatch, _columns),
    (lists.BULLET.match, lists.bullets),
    (lists.NUMBER.match, lists.numbers),
    (lists.FIELD.match, lists.fields),
    (lambda line: line.startswith(">>> "), _session),
    (_LINE.match, _verse),
    (lists.OPTION.fullmatch, lists.options),
)
"""How what begins with a sign is told, and what reads it."""
