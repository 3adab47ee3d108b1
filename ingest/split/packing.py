"""Units (sentences, rows, code lines) into chunks: the cheapest cuts, not the first that fit.

Greedy packing leaves a stump at the end of every section and cuts paragraphs that a cut one sentence earlier would
have kept. A section is cut at the places of least cost instead, by dynamic programming over its few dozen units.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from ingest.split.measure import estimated_tokens
from ragchat.documents import Span

PARAGRAPH_CUT, LINE_CUT, SENTENCE_CUT, TORN_CUT = 0.0, 0.15, 0.3, 2.0
"""What a cut costs, beside 1.0 for a chunk that is empty and 0.0 for one that is full (quadratic between them). Torn: a
lead-in from its first item, a header from its first row, a question from its answer, a heading from its text."""

_BLANK_LINE = re.compile(r"\n[^\S\n]*\n")


@dataclass(frozen=True, slots=True)
class Unit:
    """A span that is not cut; `cut_cost` is the cost of a cut before it.

    `context` is what a chunk that begins here is read under (the header of a table, a lead-in), which takes up
    `context_tokens` of its room.
    """

    span: Span
    tokens: int
    cut_cost: float
    context: tuple[str, ...] = ()
    context_tokens: int = 0


def units_of(text: str, spans: Sequence[Span]) -> list[Unit]:
    """Units with the cost of a cut before each, from the white space between them."""
    units: list[Unit] = []
    end = spans[0].start if spans else 0
    for span in spans:
        units.append(Unit(span, estimated_tokens(span.of(text)), cut_cost(text[end : span.start])))
        end = span.end
    return units


def cut_cost(gap: str) -> float:
    """What a cut costs between two sentences, from the white space between them."""
    if _BLANK_LINE.search(gap):
        return PARAGRAPH_CUT
    return LINE_CUT if "\n" in gap else SENTENCE_CUT


def pack(units: Sequence[Unit], limit: int) -> list[Sequence[Unit]]:
    """Runs of units of at most `limit` tokens each (a longer unit stands alone), at the least total cost."""
    sums = [0, *accumulate(unit.tokens for unit in units)]
    costs, starts = [0.0], [0]
    for end in range(1, len(units) + 1):
        best, best_start = float("inf"), end - 1
        for start in range(end - 1, -1, -1):
            own = sums[end] - sums[start]
            if own > limit and start < end - 1:
                break
            tokens = own + units[start].context_tokens
            if tokens > limit and start < end - 1:
                continue
            room = max(0.0, 1 - tokens / limit)
            cost = costs[start] + room * room + (units[start].cut_cost if start else 0.0)
            if cost < best:
                best, best_start = cost, start
        costs.append(best)
        starts.append(best_start)
    runs: list[Sequence[Unit]] = []
    end = len(units)
    while end:
        runs.append(units[starts[end] : end])
        end = starts[end]
    return runs[::-1]


def windows(units: Sequence[Unit], limit: int, overlap: int) -> list[Sequence[Unit]]:
    """Runs of at most `limit` tokens that repeat the last `overlap` tokens of the run before, in whole units."""
    runs: list[Sequence[Unit]] = []
    start = 0
    while start < len(units):
        end, tokens = start, 0
        while end < len(units) and (end == start or tokens + units[end].tokens <= limit):
            tokens += units[end].tokens
            end += 1
        runs.append(units[start:end])
        if end == len(units):
            break
        following, shared = end, 0
        while following > start + 1 and shared + units[following - 1].tokens <= overlap:
            following -= 1
            shared += units[following].tokens
        start = following
    return runs
