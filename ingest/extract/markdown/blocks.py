"""The blocks of Markdown, as its parser sees them: headings, lists with their items, tables, code, notes, tabs.

The text is not changed, so that every block is a range of its lines; what the parser swallows without a token (link
definitions) becomes a footnote. Also read for the text of formats that are written out as Markdown. What only the
words of a paragraph tell (questions, turns, fields) is found afterwards, in `paragraphs`.
"""

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from ingest.extract.assembly.paragraphs import told_apart
from ingest.extract.markdown.gaps import without_gaps
from ingest.extract.markdown.headings import headings_of
from ingest.extract.markdown.parser import Flavour, block_parser
from ragchat.documents import Block, BlockKind, Heading, Span
from ragchat.language.sentences import prose_spans

if TYPE_CHECKING:
    from markdown_it.token import Token

INTRODUCED: Final = frozenset({"list", "code", "table"})
_OPENS: Final[dict[str, BlockKind]] = {
    "bullet_list_open": "list",
    "ordered_list_open": "list",
    "blockquote_open": "quotation",
    "table_open": "table",
}
_LEAVES: Final[dict[str, BlockKind]] = {
    "paragraph_open": "paragraph",
    "fence": "code",
    "code_block": "code",
    "html_block": "paragraph",
}
_TITLED: Final = frozenset({"indented_open", "container_named_open"})
_CLOSING: Final = frozenset(
    {
        "bullet_list_close",
        "ordered_list_close",
        "blockquote_close",
        "table_close",
        "list_item_close",
        "indented_close",
        "container_named_close",
    }
)
_PANEL: Final = re.compile(
    r"[\s{]*(?:details|dropdown|tab(?:-item|item)?|collapse|question|faq|accordion)\b", re.I
)
_DIRECTIVE: Final = re.compile(r"\{([\w:-]+)\}")
_PROSE_DIRECTIVES: Final = frozenset(
    """admonition attention caution danger error hint important note tip warning seealso todo versionadded
    versionchanged deprecated dropdown tab-item card sidebar topic margin epigraph""".split()  # noqa: SIM905
)
"""MyST directives whose body is Markdown; the body of any other fence is code."""


MOST_NESTED: Final = 20
"""Containers inside each other that a fence with prose is still read in (each is parsed once more)."""


@dataclass(slots=True)
class _Open:
    """A container under way: its block's number, whether its own words (an item's first paragraph) are still due, and
    the title that its paragraphs are read under."""

    index: int
    own: bool = False
    title: Span | None = None


@dataclass(slots=True)
class _Walk:
    """The state of one pass over the tokens; `under` holds (level, block) of the headings in force."""

    text: str
    starts: list[int]
    blocks: list[Block] = field(default_factory=list)
    open: list[_Open] = field(default_factory=list)
    under: list[tuple[int, int]] = field(default_factory=list)

    def run(self, tokens: Sequence["Token"], shift: int = 0) -> None:
        """Tokens of the text from line `shift` on."""
        at = 0
        while at < len(tokens):
            token = tokens[at]
            if token.type in ("dl_open", "footnote_reference_open"):
                stop = _closing(tokens, at)
                self._lines(tokens[at : stop + 1], shift)
                at = stop
            elif token.nesting < 0:
                if self.open and token.type in _CLOSING:
                    self.open.pop()
            elif token.map is not None:
                self._token(token, token.map[0] + shift, token.map[1] + shift)
            at += 1

    def _token(self, token: "Token", first: int, stop: int) -> None:
        kind, span = token.type, self._span(first, stop)
        if span is None:
            if kind in _OPENS or kind in _TITLED or kind == "list_item_open":
                self.open.append(_Open(-1))
        elif kind == "heading_open":
            self._heading(int(token.tag[1:]), span)
        elif kind in _OPENS:
            self._container(_OPENS[kind], span)
        elif kind == "list_item_open":
            self._container("step" if token.markup in (".", ")") else "item", span, own=True)
        elif kind in _TITLED:
            self._titled(_is_panel(token), first, span)
        elif kind == "tr_open":
            self._row(span)
        elif kind == "fence" and _is_prose(token.info) and len(self.open) < MOST_NESTED:
            self._titled(_PANEL.match(token.info) is not None, first, span)
            self.run(block_parser("markdown").parse(token.content), first + 1)
            self.open.pop()
        elif kind in _LEAVES:
            self._leaf(_LEAVES[kind], span)

    def _lines(self, tokens: Sequence["Token"], shift: int) -> None:
        """A definition list as pairs, a footnote as one block, from the lines that its tokens lie on."""
        groups: list[list[int]] = []
        for token in tokens:
            if token.map is not None and token.nesting >= 0 and token.type != "dl_open":
                if token.type == "dt_open" or not groups:
                    groups.append([token.map[0] + shift, token.map[0] + shift + 1])
                groups[-1][1] = max(groups[-1][1], token.map[1] + shift)
        spans = [span for first, stop in groups if (span := self._span(first, stop)) is not None]
        if not spans:
            return
        if tokens[0].type != "dl_open":
            self._leaf("footnote", spans[0])
            return
        self._container("list", Span(spans[0].start, spans[-1].end))
        for span in spans:
            self._definition(span)
        self.open.pop()

    def _definition(self, span: Span) -> None:
        """A term with its definitions; where the term is a question, they are its answer."""
        term, _, rest = span.of(self.text).partition("\n")
        if not term.rstrip("*_ ").endswith("?") or not rest.strip():
            self._leaf("pair", span)
            return
        question = Span(span.start, span.start + len(term.rstrip()))
        self._leaf("question", question)
        start = span.end - len(rest.lstrip())
        self.blocks.append(Block("answer", Span(start, span.end), self._parent(), question))

    def _span(self, first: int, stop: int) -> Span | None:
        """The characters of lines `[first, stop)` without white space at the ends; None for blank ones."""
        start, end = self.starts[first], self.starts[min(stop, len(self.starts) - 1)]
        body = self.text[start:end]
        left = len(body) - len(body.lstrip())
        return Span(start + left, start + len(body.rstrip())) if body.strip() else None

    def _parent(self) -> int:
        inside = next((one.index for one in reversed(self.open) if one.index >= 0), -1)
        if inside >= 0:
            return inside
        return self.under[-1][1] if self.under else -1

    def _heading(self, level: int, span: Span) -> None:
        if self.open:
            self._leaf("paragraph", span)
            return
        while self.under and self.under[-1][0] >= level:
            self.under.pop()
        self.blocks.append(Block("heading", span, self._parent()))
        self.under.append((level, len(self.blocks) - 1))

    def _container(self, kind: BlockKind, span: Span, *, own: bool = False) -> None:
        self.blocks.append(Block(kind, span, self._parent(), self._lead(kind, span)))
        self.open.append(_Open(len(self.blocks) - 1, own))

    def _titled(self, panel: bool, first: int, span: Span) -> None:
        """A note is a quotation with its opening line as title, a tab or what unfolds an answer to it."""
        title = self._span(first, first + 1)
        body = self._span(first + 1, self._lines_of(span))
        if title is None or body is None:
            self._leaf("paragraph", span)
            self.open.append(_Open(-1))
        elif panel:
            self._leaf("question", title)
            self.blocks.append(Block("answer", body, self._parent(), title))
            self.open.append(_Open(len(self.blocks) - 1))
        else:
            self._container("quotation", span)
            self._leaf("paragraph", title)
            self.open[-1].title = title

    def _lines_of(self, span: Span) -> int:
        """The number of the line behind the one that a span ends on."""
        return bisect_left(self.starts, span.end)

    def _leaf(self, kind: BlockKind, span: Span) -> None:
        lead = self._lead(kind, span)
        if self.open and self.open[-1].own:
            self.open[-1].own = False
            if kind == "paragraph":
                return  # an item's own words
        if lead is None and self.open and kind == "paragraph":
            lead = self.open[-1].title
        self.blocks.append(Block(kind, span, self._parent(), lead))

    def _row(self, span: Span) -> None:
        table = self._parent()
        header = self.blocks[table + 1] if table + 1 < len(self.blocks) else None
        if header is None:
            rule = self.text.find("\n", span.end + 1)
            end = rule if rule >= 0 else len(self.text)
            end = min(end, self.blocks[table].span.end)
            self.blocks.append(Block("header", Span(span.start, len(self.text[:end].rstrip())), table))
        else:
            self.blocks.append(Block("row", span, table, header.span))

    def _lead(self, kind: BlockKind, span: Span) -> Span | None:
        """The last sentence of the paragraph right above what hangs on one; the words of the item that it stands in."""
        if kind not in INTRODUCED or not self.blocks:
            return None
        parent, above = self._parent(), self.blocks[-1]
        if above.kind == "paragraph" and above.parent == parent:
            return introduction(self.text, above.span, span.start)
        if len(self.blocks) - 1 == parent and above.kind in ("item", "step"):
            own = Span(above.span.start, min(above.span.end, span.start))
            return introduction(self.text, own, span.start)
        return None


def _closing(tokens: Sequence["Token"], at: int) -> int:
    """The place of the token that closes the one at `at`."""
    depth = 0
    for place in range(at, len(tokens)):
        depth += tokens[place].nesting
        if depth == 0:
            return place
    return len(tokens) - 1


def _is_panel(token: "Token") -> bool:
    """Whether it is folded away or chosen by its title: a tab, `???`, details."""
    return token.markup[:1] in ("?", "=") or _PANEL.match(token.info) is not None


def _is_prose(info: str) -> bool:
    """Whether a fence is a directive of Sphinx with prose in it."""
    directive = _DIRECTIVE.match(info)
    return directive is not None and directive[1].lower() in _PROSE_DIRECTIVES


def introduction(text: str, above: Span, before: int) -> Span | None:
    """The last sentence of a span that ends before an offset."""
    spans = prose_spans(text, above.start, min(above.end, before))
    return spans[-1] if spans else None


@dataclass(frozen=True, slots=True)
class Build:
    """What a text is built of."""

    blocks: tuple[Block, ...] = ()
    headings: tuple[Heading, ...] = ()


def markdown_build(text: str, flavour: Flavour = "markdown") -> Build:
    """The headings and blocks that the marks of a text tell; they keep what `check_blocks` checks. Linear."""
    if not text.strip():
        return Build()
    starts = [0, *(match.end() for match in re.finditer("\n", text)), len(text) + 1]
    tokens = block_parser(flavour).parse(text)
    walk = _Walk(text, starts)
    walk.run(tokens)
    return Build(without_gaps(walk.blocks, text), headings_of(tokens, starts))


def read_build(text: str, flavour: Flavour = "markdown") -> Build:
    """As `markdown_build`, with what the words of paragraphs tell beside it."""
    build = markdown_build(text, flavour)
    return Build(told_apart(build.blocks, text), build.headings)


def markdown_blocks(text: str, flavour: Flavour = "markdown") -> tuple[Block, ...]:
    """The blocks of `read_build`."""
    return read_build(text, flavour).blocks
