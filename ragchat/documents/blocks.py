"""Blocks: what an extractor knew of a document's build, kept so that nothing has to guess it back from the text.

A block is a span with a kind, the block that it is part of or stands under, and what has to be read along with it. They
come in text order, a container before what it contains; `docs/adr/0011` tells how extractors tell them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from ragchat.documents.spans import Span

BlockKind: TypeAlias = Literal[
    "heading", "paragraph", "list", "item", "step", "table", "header", "row", "code", "quotation", "question",
    "answer", "pair", "footnote",
]  # fmt: skip
"""item: of a list without numbers; step: of a numbered one; header: the header rows of a table; pair: a key with its
value (a definition, a field of a form); question and answer: of a dialogue or a list of questions, also the title of a
tab or of what a click unfolds, and that."""

CONTAINERS: frozenset[BlockKind] = frozenset({"list", "item", "step", "table", "quotation", "answer"})
"""Kinds that may hold other blocks; the span of a container holds the spans of its parts."""


@dataclass(frozen=True, slots=True)
class Block:
    """`span` has no white space at its ends.

    `parent` is the index (in the document's blocks) of the container that it is part of, else of the heading that it
    stands under, -1 at the top. `lead` is what a reader needs before it: the lead-in of a list or of code, the header
    of a row, the caption or lead-in of a table, the question of an answer; it ends where the block begins or before.
    """

    kind: BlockKind
    span: Span
    parent: int = -1
    lead: Span | None = None


def check_blocks(blocks: Sequence[Block], text: str) -> None:
    """Raises ValueError, naming the block, unless all that is promised of blocks holds: spans, order, parents, leads,
    and that every letter and digit lies in one of them."""
    covered = 0
    for index, block in enumerate(blocks):
        span = block.span
        body = span.of(text)
        if not body or body[0].isspace() or body[-1].isspace() or span.end > len(text):
            raise ValueError(f"block {index} ({block.kind}) is empty, blank at an end or outside the text")
        if index and span.start < blocks[index - 1].span.start:
            raise ValueError(f"block {index} ({block.kind}) starts before the one above it")
        if not -1 <= block.parent < index:
            raise ValueError(f"block {index} ({block.kind}) comes before its parent {block.parent}")
        _check_parent(index, block, blocks)
        if block.lead is not None and not 0 <= block.lead.start < block.lead.end <= span.start:
            raise ValueError(f"block {index} ({block.kind}) has a lead that does not stand before it")
        if any(map(str.isalnum, text[covered : span.start])):
            raise ValueError(f"text before block {index} ({block.kind}) is in no block")
        covered = max(covered, span.end)
    if any(map(str.isalnum, text[covered:])):
        raise ValueError("the end of the text is in no block")


def _check_parent(index: int, block: Block, blocks: Sequence[Block]) -> None:
    if block.parent < 0:
        return
    parent = blocks[block.parent]
    if parent.kind == "heading":
        if block.span.start < parent.span.end:
            raise ValueError(f"block {index} ({block.kind}) does not stand under its heading {block.parent}")
    elif parent.kind not in CONTAINERS or block.span.end > parent.span.end:
        raise ValueError(
            f"block {index} ({block.kind}) is not inside its parent {block.parent} ({parent.kind})"
        )
