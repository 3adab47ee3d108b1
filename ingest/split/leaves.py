"""The leaves of a document: its text in order, each stretch with the block that it belongs to.

A container's own words (an item's, before its nested list) are a leaf of it, as is whatever stands between its parts.
Leaves are cut into units here: sentences in prose, lines in code, whole rows, items and pairs.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ragchat.documents import Block, Document, Span
from ragchat.language.sentences import MAX_ITEM, MAX_UNIT, prose_spans, whole_spans


@dataclass(frozen=True, slots=True)
class Leaf:
    """`index` is the block's, -1 for text in none."""

    span: Span
    index: int


def leaves(document: Document) -> list[Leaf]:
    """Every character but white space lies in exactly one; in text order. Linear."""
    return _joined(list(_stretches(document.blocks, document.text)), document.text)


def _stretches(blocks: Sequence[Block], text: str) -> Iterator[Leaf]:
    covered = 0
    around: list[int] = []
    for index, block in enumerate(blocks):
        while around and blocks[around[-1]].span.end <= block.span.start:
            inner = around.pop()
            yield from _stretch(text, covered, blocks[inner].span.end, inner)
            covered = max(covered, blocks[inner].span.end)
        yield from _stretch(text, covered, block.span.start, around[-1] if around else -1)
        covered = max(covered, block.span.start)
        holds = index + 1 < len(blocks) and blocks[index + 1].parent == index and block.kind != "heading"
        if holds:
            around.append(index)
        else:
            yield from _stretch(text, covered, block.span.end, index)
            covered = max(covered, block.span.end)
    for inner in reversed(around):
        yield from _stretch(text, covered, blocks[inner].span.end, inner)
        covered = max(covered, blocks[inner].span.end)
    yield from _stretch(text, covered, len(text), -1)


def _stretch(text: str, start: int, end: int, index: int) -> Iterator[Leaf]:
    body = text[start:end]
    if body and not body.isspace():
        yield Leaf(Span(start + len(body) - len(body.lstrip()), start + len(body.rstrip())), index)


def _joined(found: list[Leaf], text: str) -> list[Leaf]:
    """Signs without a letter or digit between blocks go with what stands before them, at the start with what
    follows."""
    made: list[Leaf] = []
    for leaf in found:
        if made and not any(map(str.isalnum, leaf.span.of(text))):
            made[-1] = Leaf(Span(made[-1].span.start, leaf.span.end), made[-1].index)
        elif len(made) == 1 and not any(map(str.isalnum, made[0].span.of(text))):
            made[0] = Leaf(Span(made[0].span.start, leaf.span.end), leaf.index)
        else:
            made.append(leaf)
    return made


def unit_spans(leaf: Leaf, blocks: Sequence[Block], text: str) -> list[Span]:
    """What is scored and never cut, in order: no unit crosses a block's border."""
    span = leaf.span
    kind = blocks[leaf.index].kind if leaf.index >= 0 else "paragraph"
    match kind:
        case "code":
            return _lines(text, span)
        case "heading" | "header" | "row":
            return whole_spans(text, span)
        case "item" | "step" | "pair" if len(span) <= MAX_ITEM:
            return whole_spans(text, span)
        case _:
            return prose_spans(text, span.start, span.end)


def _lines(text: str, span: Span) -> list[Span]:
    """Whole lines of code, packed up to the longest unit."""
    spans: list[Span] = []
    position = span.start
    for line in span.of(text).split("\n"):
        kept = line.strip()
        if kept:
            start = position + len(line) - len(line.lstrip())
            if spans and start + len(kept) - spans[-1].start <= MAX_UNIT:
                spans[-1] = Span(spans[-1].start, start + len(kept))
            else:
                spans.append(Span(start, start + len(kept)))
        position += len(line) + 1
    return [part for unit in spans for part in whole_spans(text, unit)]
