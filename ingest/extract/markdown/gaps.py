"""Text between the tokens of Markdown's parser: what it swallows (link definitions) is a block all the same."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from ragchat.documents import Block, BlockKind, Span

_DEFINITION: Final = re.compile(r"\s{0,3}\[[^\]]{1,300}\]:")


def without_gaps(blocks: Sequence[Block], text: str) -> tuple[Block, ...]:
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
    return tuple(placed)


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
