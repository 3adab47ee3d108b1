"""The blocks of Markdown, as markdown-it sees them: headings, lists with their items, tables, code, quotations.

Canonical text is the source, so that every block is a range of its lines; what the parser swallows without a token
(link definitions) becomes a footnote. Also read for the text of formats that are written out as Markdown.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from ragchat.documents import Block, BlockKind, Span
from ragchat.language.sentences import sentence_spans

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

Flavour: TypeAlias = Literal["markdown", "loose", "plain"]
"""loose: text that may be Markdown or not, where a ruler under a line makes no heading; plain: prose, where lists are
seen but neither headings, tables nor indented code."""

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
_DEFINITION: Final = re.compile(r"\s{0,3}\[[^\]]{1,300}\]:")


@dataclass(slots=True)
class _Open:
    """A container under way: its block's number, and whether its own words (an item's first paragraph) are still
    due."""

    index: int
    end: int
    own: bool = False


@dataclass(slots=True)
class _Walk:
    """The state of one pass over the tokens; `under` holds (level, block) of the headings in force."""

    text: str
    starts: list[int]
    blocks: list[Block] = field(default_factory=list)
    open: list[_Open] = field(default_factory=list)
    under: list[tuple[int, int]] = field(default_factory=list)

    def run(self, tokens: Sequence["Token"]) -> None:
        for token in tokens:
            if token.nesting < 0:
                if self.open and token.type.removesuffix("_close") in _CLOSING:
                    self.open.pop()
            elif token.map is not None:
                self._token(token, self._span(token.map[0], token.map[1]))

    def _token(self, token: "Token", span: Span | None) -> None:
        kind = token.type
        if span is None:
            if kind in _OPENS or kind == "list_item_open":
                self.open.append(_Open(-1, 0))
            return
        if kind == "heading_open":
            self._heading(int(token.tag[1:]), span)
        elif kind in _OPENS:
            self._container(_OPENS[kind], span)
        elif kind == "list_item_open":
            numbered = token.markup in (".", ")")
            self._container("step" if numbered else "item", span, own=True)
        elif kind == "tr_open":
            self._row(span)
        elif kind in _LEAVES:
            self._leaf(_LEAVES[kind], span)

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
        self.open.append(_Open(len(self.blocks) - 1, span.end, own))

    def _leaf(self, kind: BlockKind, span: Span) -> None:
        if self.open and self.open[-1].own:
            self.open[-1].own = False
            if kind == "paragraph":
                return  # an item's own words
        self.blocks.append(Block(kind, span, self._parent(), self._lead(kind, span)))

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


_CLOSING: Final = frozenset({"bullet_list", "ordered_list", "blockquote", "table", "list_item"})


def introduction(text: str, above: Span, before: int) -> Span | None:
    """The last sentence of a span that ends before an offset."""
    spans = sentence_spans(text, above.start, min(above.end, before))
    return spans[-1] if spans else None


def markdown_blocks(text: str, flavour: Flavour = "markdown") -> tuple[Block, ...]:
    """The blocks of a whole document; they keep what `check_blocks` checks. Linear in the text."""
    if not text.strip():
        return ()
    starts = [0, *(match.end() for match in re.finditer("\n", text)), len(text) + 1]
    walk = _Walk(text, starts)
    walk.run(_parser(flavour).parse(text))
    return tuple(_whole(walk.blocks, text))


def _whole(blocks: Sequence[Block], text: str) -> Iterator[Block]:
    """The blocks, and one for each stretch between them that holds a letter but was no token."""
    covered, moved = 0, list(range(len(blocks)))
    placed: list[Block] = []
    for index, block in enumerate(blocks):
        if (block.span.start > covered and block.parent < 0) or _under_heading(blocks, block):
            placed += _between(text, covered, block.span.start, block.parent, moved, blocks)
        moved[index] = len(placed)
        parent = moved[block.parent] if block.parent >= 0 else -1
        placed.append(Block(block.kind, block.span, parent, block.lead))
        covered = max(covered, block.span.end)
    last = len(blocks) - 1
    top = -1 if last < 0 else _heading_of(blocks, last)
    placed += _between(text, covered, len(text), top, moved, blocks)
    return iter(placed)


def _under_heading(blocks: Sequence[Block], block: Block) -> bool:
    return block.parent >= 0 and blocks[block.parent].kind == "heading"


def _heading_of(blocks: Sequence[Block], index: int) -> int:
    while index >= 0 and blocks[index].kind != "heading":
        index = blocks[index].parent
    return index


def _between(
    text: str, start: int, end: int, parent: int, moved: Sequence[int], blocks: Sequence[Block]
) -> Iterator[Block]:
    gap = text[start:end]
    if not any(map(str.isalnum, gap)):
        return
    left = len(gap) - len(gap.lstrip())
    span = Span(start + left, start + len(gap.rstrip()))
    under = moved[parent] if parent >= 0 and blocks[parent].span.end <= span.start else -1
    kind: BlockKind = "footnote" if _DEFINITION.match(gap) else "paragraph"
    yield Block(kind, span, under)


@cache
def _parser(flavour: Flavour) -> "MarkdownIt":
    """Block structure only."""
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark").enable("table").disable("inline")
    match flavour:
        case "markdown":
            return parser
        case "loose":
            return parser.disable("lheading")
        case "plain":
            return parser.disable(["lheading", "heading", "code", "html_block", "table", "reference", "hr"])
