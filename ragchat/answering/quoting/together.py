"""Two quotes instead of one: taken where the second may well hold what the first does not, and both are short enough
to be read.

That one of two holds the answer is told from what is known of each as if they were independent (noisy-or; Pearl,
Probabilistic Reasoning in Intelligent Systems, 1988, 4.3.2). On 1,081 answerable casual questions it says the right
thing for .673 instead of .635, with a fifth of the answers in two pieces and two words more in the mean; three pieces,
or a chance learned from pairs, say no more (bench/answering).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final, TypeAlias

import numpy as np

from ragchat.answering.quoting.widening import MOST_WORDS
from ragchat.corpus.first_stage import Scores

Wanted: TypeAlias = Callable[[Sequence[int]], Scores]
"""The chance, for each number of words, that an answer of so many is wanted."""

BEST: Final = 14
"""Candidates that may be laid side by side."""
SECOND_COSTS: Final = 0.9
"""What a second quote keeps of the worth of both: one is read with less effort. At .97 as many answers are right, and
half as many again are of two."""
ALIKE: Final = 0.7
"""Share of the shorter one's words from which two say the same."""


@dataclass(frozen=True, slots=True)
class Pick:
    """Places of what is quoted, the likelier first; `worth` in [0, 1] as that of one candidate."""

    first: int
    second: int | None
    worth: float


def picked(holds: Scores, counts: Sequence[int], texts: Sequence[str], wanted: Wanted) -> Pick:
    """The one or two candidates that are worth most. `holds[i]` is the chance that candidate i, which says `texts[i]`
    in `counts[i]` words, holds the whole answer; there is at least one."""
    worth = holds * wanted(counts)
    order = np.argsort(-worth, kind="stable").tolist()[:BEST]
    alone = Pick(order[0], None, float(worth[order[0]]))
    words = {place: frozenset(texts[place].split()) for place in order}
    pairs = [
        (one, other)
        for one, other in combinations(order, 2)
        if counts[one] + counts[other] <= MOST_WORDS and not _alike(words[one], words[other])
    ]
    if not pairs:
        return alone
    first, second = np.array(pairs).T
    either = 1 - (1 - holds[first]) * (1 - holds[second])
    both = SECOND_COSTS * either * wanted([counts[one] + counts[other] for one, other in pairs])
    best = int(np.argmax(both))
    if both[best] <= alone.worth:
        return alone
    one, other = sorted(pairs[best], key=lambda place: -holds[place])
    return Pick(one, other, float(both[best]))


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    return len(one & other) > ALIKE * min(len(one), len(other))
