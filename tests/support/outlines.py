"""Blocks as a test reads them: kind and words, indented by what they are part of."""

from collections.abc import Sequence

from ragchat.documents import Block
from ragchat.documents.blocks import CONTAINERS


def outline(blocks: Sequence[Block], text: str) -> list[str]:
    """One line a block: "kind: first line"; containers show their kind alone, parts of them are indented. A lead
    stands behind "<-"."""
    lines = []
    depths: list[int] = []
    for index, block in enumerate(blocks):
        inside = block.parent >= 0 and blocks[block.parent].kind != "heading"
        depths.append(depths[block.parent] + 1 if inside else 0)
        holds = any(other.parent == index for other in blocks[index + 1 :]) and block.kind in CONTAINERS
        own = (
            "" if holds and block.kind not in ("item", "step") else f": {block.span.of(text).splitlines()[0]}"
        )
        lead = f" <- {block.lead.of(text).splitlines()[0]}" if block.lead is not None else ""
        lines.append("  " * depths[index] + block.kind + own + lead)
    return lines
