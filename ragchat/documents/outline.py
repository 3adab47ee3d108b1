"""Ways through the blocks of one document: what stands at a place, what it is part of, what belongs to it.

Works on any sequence of blocks in text order; looks are logarithmic, so that a lazily decoded sequence stays lazy.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ragchat.documents.blocks import Block
from ragchat.documents.spans import Span


def _start(block: Block) -> int:
    return block.span.start


@dataclass(frozen=True, slots=True)
class Outline:
    """The blocks of a document as a tree. Indices are those of the blocks."""

    blocks: Sequence[Block]

    def at(self, offset: int) -> int:
        """The innermost block that holds the offset, -1 where none does."""
        index = bisect_right(self.blocks, offset, key=_start) - 1
        while index >= 0 and self.blocks[index].span.end <= offset:
            index = self._container(index)
        return index

    def overlapping(self, span: Span) -> list[int]:
        """Every block that shares a character with the span, in text order."""
        first = bisect_left(self.blocks, span.start, key=_start)
        stop = bisect_left(self.blocks, span.end, lo=first, key=_start)
        above: list[int] = []
        index = first - 1
        while index >= 0:
            if self.blocks[index].span.end > span.start:
                above.append(index)
            index = self._container(index)
        return [*reversed(above), *range(first, stop)]

    def parts(self, index: int) -> list[int]:
        """What is directly part of a container or stands directly under a heading."""
        return [below for below in range(index + 1, self.end(index)) if self.blocks[below].parent == index]

    def end(self, index: int) -> int:
        """One past the last block that belongs to it, at any depth."""
        stop = index + 1
        while stop < len(self.blocks) and self.blocks[stop].parent >= index:
            stop += 1
        return stop

    def section(self, index: int, most: int) -> Span | None:
        """From the start of a block to the end of the last that belongs to it: a heading's section. None when that is
        longer than `most` code points."""
        start, end = self.blocks[index].span.start, self.blocks[index].span.end
        below = index + 1
        while below < len(self.blocks) and (block := self.blocks[below]).parent >= index:
            end = max(end, block.span.end)
            if end - start > most:
                return None
            below += 1
        return Span(start, end) if end - start <= most else None

    def above(self, index: int) -> Iterator[int]:
        """What it is part of or stands under, innermost first."""
        index = self.blocks[index].parent
        while index >= 0:
            yield index
            index = self.blocks[index].parent

    def heading(self, index: int) -> int:
        """The heading that it stands under, -1 for none; of a heading the one above it."""
        return next((above for above in self.above(index) if self.blocks[above].kind == "heading"), -1)

    def following(self, index: int) -> int:
        """The next block with the same parent, -1 where there is none."""
        after = self.end(index)
        same = after < len(self.blocks) and self.blocks[after].parent == self.blocks[index].parent
        return after if same else -1

    def _container(self, index: int) -> int:
        """The block that it is part of, -1 for one that only stands under a heading."""
        parent = self.blocks[index].parent
        return -1 if parent < 0 or self.blocks[parent].kind == "heading" else parent
