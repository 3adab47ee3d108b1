"""The builder that extractors put a document together with: canonical text, pages, headings and blocks in one pass.

An extractor says what a thing is when it adds it; offsets, parents and leads come out right by themselves. Containers
are opened and closed around their parts; one that ends up empty was never there.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice

from ingest.extract.clean import clean, one_line
from ragchat.documents import Block, BlockKind, Heading, Span
from ragchat.language.sentences import prose_spans

INTRODUCED: frozenset[BlockKind] = frozenset({"list", "code", "table"})
"""Kinds that hang on the last sentence of the paragraph right above them."""


@dataclass(slots=True)
class _Part:
    """A block under way; `start` is None until something of it was added."""

    kind: BlockKind
    parent: int
    lead: Span | None
    start: int | None = None
    end: int = 0


@dataclass(slots=True)
class TextBuilder:
    """Puts clean blocks one after the other, a blank line between them; headings become "## Title" lines."""

    parts: list[str] = field(default_factory=list)
    length: int = 0
    pages: list[int] = field(default_factory=list)
    headings: list[Heading] = field(default_factory=list)
    _page_due: bool = False
    _blocks: list[_Part] = field(default_factory=list)
    _open: list[int] = field(default_factory=list)
    _under: list[tuple[int, int]] = field(default_factory=list)

    def block(
        self, text: str, kind: BlockKind = "paragraph", *, gap: str = "\n\n", lead: Span | None = None
    ) -> int:
        """Append a block, `gap` before it; its offset. Nothing is appended for an empty one."""
        text = clean(text)
        if not text:
            return self.length
        self.begin(kind, lead=lead)
        start = self.write(text, gap=gap)
        self.end()
        return start

    def begin(self, kind: BlockKind, *, lead: Span | None = None) -> None:
        """What is added until `end` is part of this block. Without `lead` lists, code and tables take the last sentence
        of a paragraph right above them."""
        if lead is None and kind in INTRODUCED:
            lead = self._introduction()
        self._blocks.append(_Part(kind, self._parent(), lead))
        self._open.append(len(self._blocks) - 1)

    def end(self) -> None:
        """Closes the block begun last; it vanishes when nothing was added."""
        index = self._open.pop()
        part = self._blocks[index]
        if part.start is None:
            del self._blocks[index:]
        else:
            part.end = self.length

    def inside(self, *kinds: BlockKind) -> bool:
        """Whether the block begun last is of one of these kinds."""
        return bool(self._open) and self._blocks[self._open[-1]].kind in kinds

    @contextmanager
    def within(self, kind: BlockKind, *, lead: Span | None = None) -> Iterator[None]:
        """`begin` and `end` around a container's parts."""
        self.begin(kind, lead=lead)
        try:
            yield
        finally:
            self.end()

    def write(self, text: str, *, gap: str = "\n\n") -> int:
        """Append text to the block that was begun last (an item's own words), `gap` before it; its offset."""
        text = clean(text)
        if not text:
            return self.length
        if self.length:
            self._append(gap)
        start = self.length
        if self._page_due:
            self.pages[-1] = start
            self._page_due = False
        self._append(text)
        inked = start + len(text) - len(text.lstrip())
        for index in self._open:
            if self._blocks[index].start is None:
                self._blocks[index].start = inked
        return start

    def heading(self, level: int, title: str, text: str = "") -> None:
        """Append a heading line and remember it; `level` 1 is the outermost, `text` how the line reads where it is not
        "## Title". Inside of a container it is a paragraph of it."""
        title = one_line(title)
        if not title:
            return
        level = min(max(level, 1), 6)
        if self._open:
            self.block(text or title)
            return
        while self._under and self._under[-1][0] >= level:
            self._under.pop()
        start = self.block(text or f"{'#' * level} {title}", "heading")
        self._under.append((level, len(self._blocks) - 1))
        self.headings.append(Heading(start, level, title))

    def page(self) -> None:
        """A new page begins with the next block; a page without text starts where the text so far ends."""
        self.pages.append(self.length)
        self._page_due = True

    def append(self, text: str, headings: Sequence[Heading], blocks: Sequence[Block]) -> None:
        """A finished text with its headings and blocks (a chapter), behind what is there; at the top."""
        if not text:
            return
        self._under.clear()
        begin = len(self._blocks)
        if self.length:
            self._append("\n\n")
        start = self.length
        self._append(text)
        self.headings.extend(Heading(start + h.offset, h.level, h.title) for h in headings)
        for block in blocks:
            lead = block.lead.shifted(start) if block.lead is not None else None
            parent = begin + block.parent if block.parent >= 0 else -1
            span = block.span.shifted(start)
            self._blocks.append(_Part(block.kind, parent, lead, span.start, span.end))

    @property
    def text(self) -> str:
        """The canonical text so far."""
        return "".join(self.parts)

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The finished blocks, in text order."""
        return tuple(
            Block(part.kind, Span(part.start, part.end), part.parent, part.lead)
            for part in self._blocks
            if part.start is not None
        )

    @property
    def last(self) -> Span | None:
        """The span of the block that was finished last at this place, None where a heading or nothing stands."""
        return self._last_sibling("heading")

    def _append(self, text: str) -> None:
        self.parts.append(text)
        self.length += len(text)

    def _parent(self) -> int:
        if self._open:
            return self._open[-1]
        return self._under[-1][1] if self._under else -1

    def _last_sibling(self, *barred: BlockKind) -> Span | None:
        parent = self._parent()
        for part in reversed(self._blocks):
            if part.parent == parent and part.start is not None and part.end:
                return None if part.kind in barred else Span(part.start, part.end)
            if part.parent < parent:
                break
        return None

    def _introduction(self) -> Span | None:
        """The last sentence of the paragraph right above, or of the item's own words."""
        parent = self._parent()
        if self.inside("item", "step") and parent == len(self._blocks) - 1:
            return self._own_words(self._blocks[parent])
        later = islice(reversed(self._blocks), len(self._blocks) - parent - 1)
        above = next((part for part in later if part.parent == parent and part.end), None)
        if above is None or above.kind != "paragraph" or above.start is None or not self.parts:
            return None
        text = self.parts[-1]
        offset = self.length - len(text)
        if offset > above.start:
            return Span(above.start, above.end)
        spans = prose_spans(text, above.start - offset, above.end - offset)
        return spans[-1].shifted(offset) if spans else None

    def _own_words(self, item: _Part) -> Span | None:
        if item.start is None or not self.parts:
            return None
        offset = self.length - len(self.parts[-1])
        spans = prose_spans(self.parts[-1], max(item.start - offset, 0), len(self.parts[-1]))
        return spans[-1].shifted(offset) if spans else None
