"""What a unit is part of, and what stands beside it: the wider forms of a candidate."""

import re
from collections.abc import Iterator, Sequence
from typing import Final, Literal, TypeAlias

from ragchat.documents import Span
from ragchat.retrieval.units import CONTEXT, Unit

Wider: TypeAlias = Literal["next", "run", "rest", "section", "list", "table", "introduced"]
"""next: with the block after it; run: with all that follows, up to the next paragraph that announces something; rest:
with all that follows under its heading, as far as there is room; section: all that stands under its heading; list,
table: the whole that it is part of; introduced: with the whole paragraph before it."""

MOST_WORDS, MOST_LISTED = 150, 250
"""Words of a candidate, and of one that is a procedure, list or table."""
_WORD: Final = re.compile(r"[^\W_]\S*")
_ANNOUNCING: Final = (":", "：")


def count_words(text: str) -> int:
    """Words that a reader reads: rules and marks are none."""
    return len(_WORD.findall(text))


def wider(unit: Unit, lead: Span | None) -> Iterator[tuple[Wider, Sequence[Span | None]]]:
    """What the unit is part of, and what stands beside it."""
    if unit.index < 0:
        return
    outline = unit.window.outline
    blocks = outline.blocks
    parent = blocks[unit.index].parent
    if parent >= 0 and blocks[parent].kind == "list":
        yield "list", (blocks[parent].lead, blocks[parent].span)
    if parent >= 0 and blocks[parent].kind == "table":
        yield "table", (blocks[parent].lead, blocks[parent].span)
    above = outline.at(lead.start) if lead is not None else -1
    if above >= 0 and blocks[above].kind == "paragraph":
        yield "introduced", (blocks[above].span, unit.span)
    after = outline.following(unit.index)
    if after >= 0 and blocks[after].kind not in CONTEXT:
        yield "next", (lead, unit.span, blocks[after].span)
    if (body := _section(unit)) is not None:
        yield "section", (body,)
    run, rest = _following(unit, count_words(unit.text))
    yield "run", (lead, unit.span, *run)
    yield "rest", (lead, unit.span, *rest)


def _following(unit: Unit, words: int) -> tuple[list[Span], list[Span]]:
    """The blocks after it, while there is room: up to the first that announces something, and to their section's
    end."""
    outline = unit.window.outline
    run: list[Span] = []
    rest: list[Span] = []
    at, running = outline.following(unit.index), True
    while at >= 0 and (block := outline.blocks[at]).kind not in CONTEXT and unit.window.holds(block.span):
        text = unit.window.of(block.span)
        words += count_words(text)
        if words > MOST_WORDS:
            break
        running = running and (block.kind != "paragraph" or not text.rstrip().endswith(_ANNOUNCING))
        if running:
            run.append(block.span)
        rest.append(block.span)
        at = outline.following(at)
    return run, rest


def _section(unit: Unit) -> Span | None:
    """All that stands under the unit's heading, without the heading; None when it is long or was not read."""
    outline = unit.window.outline
    heading = outline.heading(unit.index)
    section = outline.section(heading, 12 * MOST_LISTED) if heading >= 0 else None
    if section is None or not unit.window.holds(section) or heading + 1 >= len(outline.blocks):
        return None
    start = outline.blocks[heading + 1].span.start
    return Span(start, section.end) if start < section.end else None
