"""Which segments a new generation links as they are and which it writes anew. Decisions only, no I/O.

Adding one document to a million chunks must not rewrite a million vectors; yet segments must not grow without
number, and what was removed must leave the disk soon.
"""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from ragchat.corpus.local.files.tuning import Tuning


@dataclass(frozen=True, slots=True)
class SegmentLoad:
    """Rows of a segment and how many of them live in the generation being built."""

    rows: int
    living: int


@dataclass(frozen=True, slots=True)
class Plan:
    """Positions in the list of loads: `linked` stay, each of `groups` becomes new files, the others are all dead."""

    linked: tuple[int, ...]
    groups: tuple[tuple[int, ...], ...]


def plan(loads: Sequence[SegmentLoad], tuning: Tuning, *, everything: bool = False) -> Plan:
    """`everything` writes every segment that has a dead row anew, whatever it costs (purge)."""
    anew = _to_rewrite(loads, tuning, everything=everything)
    tiers: dict[int, list[int]] = defaultdict(list)
    for position, load in enumerate(loads):
        if load.living and load.living < tuning.segment_rows // 2:
            tiers[_tier(load.living, tuning)].append(position)
    groups = [tuple(group) for group in tiers.values() if len(group) >= tuning.merge_fanout]
    grouped = {position for group in groups for position in group}
    groups += [(position,) for position in sorted(anew - grouped)]
    linked = [
        position
        for position, load in enumerate(loads)
        if load.living and position not in grouped and position not in anew
    ]
    return Plan(tuple(linked), tuple(groups))


def _to_rewrite(loads: Sequence[SegmentLoad], tuning: Tuning, *, everything: bool) -> set[int]:
    budget = tuning.rewrite_rows
    chosen: set[int] = set()
    for position, load in enumerate(loads):
        dead = load.rows - load.living
        if not load.living or not dead:
            continue
        if everything or dead >= tuning.dead_share * load.rows:
            chosen.add(position)
        elif load.living <= budget:
            chosen.add(position)
            budget -= load.living
    return chosen


def _tier(living: int, tuning: Tuning) -> int:
    return int(math.log(living, tuning.merge_fanout))
