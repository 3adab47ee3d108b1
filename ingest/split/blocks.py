"""A document's blocks as units to pack: what a cut before each costs, and what a chunk that begins there is read under.

A chunk of rows is read under the header of their table, later items under the lead-in of their list, the rest of an
answer under its question: that text is repeated before the chunk where it is embedded and searched, not in the chunk.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ingest.split.leaves import Leaf, leaves, unit_spans
from ingest.split.measure import estimated_tokens
from ingest.split.packing import LINE_CUT, PARAGRAPH_CUT, TORN_CUT, Unit, cut_cost
from ingest.split.recursive import recursive_spans
from ragchat.documents import Block, BlockKind, Document, Span

ALIKE = frozenset[BlockKind]({"item", "step", "row", "pair"})
LONGEST_CONTEXT = 240
"""Code points of a lead that is repeated; a longer one is left where it is."""


@dataclass(frozen=True, slots=True)
class BlockUnits:
    """Cuts the leaves of one document into units, section by section."""

    document: Document
    leaves: Sequence[Leaf]
    limit: int

    @classmethod
    def of(cls, document: Document, limit: int) -> "BlockUnits":
        return cls(document, leaves(document), limit)

    def within(self, section: Span) -> list[Unit]:
        """The units of a section; what crosses its border is cut there."""
        text, units = self.document.text, list[Unit]()
        before: Leaf | None = None
        for leaf in self._leaves(section):
            context = self._context(leaf)
            room = sum(map(estimated_tokens, context))
            cost = self._cut_between(before, leaf)
            for span, tokens in self._spans(leaf):
                units.append(Unit(span, tokens, cost, context, room))
                following = text[span.end : span.end + 3]
                cost = cut_cost(following[: len(following) - len(following.lstrip())])
            before = leaf
        return units

    def _leaves(self, section: Span) -> Iterator[Leaf]:
        first = bisect_right(self.leaves, section.start, key=lambda leaf: leaf.span.start) - 1
        last = bisect_left(self.leaves, section.end, key=lambda leaf: leaf.span.start)
        for leaf in self.leaves[max(first, 0) : last]:
            start, end = max(leaf.span.start, section.start), min(leaf.span.end, section.end)
            body = self.document.text[start:end]
            if body.strip():
                inked = Span(start + len(body) - len(body.lstrip()), start + len(body.rstrip()))
                yield Leaf(inked, leaf.index)

    def _spans(self, leaf: Leaf) -> Iterator[tuple[Span, int]]:
        text = self.document.text
        for span in unit_spans(leaf, self.document.blocks, text):
            tokens = estimated_tokens(span.of(text))
            if tokens <= self.limit:
                yield span, tokens
            else:
                for part in recursive_spans(text, span, self.limit, 0, None):
                    yield part, estimated_tokens(part.of(text))

    def _block(self, leaf: Leaf) -> Block:
        return self.document.blocks[leaf.index] if leaf.index >= 0 else Block("paragraph", leaf.span)

    def _cut_between(self, before: Leaf | None, leaf: Leaf) -> float:
        """What is torn apart by a cut between two leaves that follow each other."""
        if before is None:
            return PARAGRAPH_CUT
        above, block = self._block(before), self._block(leaf)
        if above.kind in ("heading", "header", "question") or self._leads(before, leaf):
            return TORN_CUT
        alike = block.kind in ALIKE and above.kind in ALIKE
        return LINE_CUT if alike else PARAGRAPH_CUT

    def _leads(self, before: Leaf, leaf: Leaf) -> bool:
        """Whether what stands before is the lead of the block, or of a container that begins with it."""
        blocks, index = self.document.blocks, leaf.index
        while index >= 0 and blocks[index].span.start <= leaf.span.start:
            lead = blocks[index].lead
            if lead is not None and before.span.start <= lead.start and lead.end <= before.span.end:
                return True
            if blocks[index].span.start < leaf.span.start:
                return False
            index = _container(blocks, index)
        return False

    def _context(self, leaf: Leaf) -> tuple[str, ...]:
        """Leads of the block and of all that it is part of, the outermost first."""
        blocks, index = self.document.blocks, leaf.index
        found: list[str] = []
        while index >= 0:
            lead = blocks[index].lead
            if lead is not None and len(lead) <= LONGEST_CONTEXT:
                words = as_context(lead.of(self.document.text))
                if words and words not in found:
                    found.append(words)
            index = _container(blocks, index)
        return tuple(reversed(found))


def _container(blocks: Sequence[Block], index: int) -> int:
    parent = blocks[index].parent
    return -1 if parent < 0 or blocks[parent].kind == "heading" else parent


def as_context(lead: str) -> str:
    """A lead on one line: the cells of a header row without its frame, words without the marks of Markdown."""
    lines = [line.strip().strip("|").strip() for line in lead.splitlines()]
    words = " ".join(line for line in lines if any(map(str.isalnum, line)))
    return " ".join(words.strip("*_#>=!?-` ").split())
