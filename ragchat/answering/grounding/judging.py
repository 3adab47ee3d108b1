"""How likely it is that a claim says what its evidence says: a logistic model over a few numbers that a person can
read.

It judges paraphrase only. What must not differ at all (figures, names, negations, directions, places in a table) is
checked before, and no likelihood makes up for it. Weights and threshold are data (checking.json, which says on which
fold they were fitted); `python -m bench.answering.checking` fits them.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache
from importlib.resources import files
from math import exp, log1p
from typing import Final

from ragchat.answering.grounding.overlap import Idf, covered

_FILE: Final = "checking.json"
AGAIN, IN_ORDER, UNSAID = 0.98, 0.9, 0.35
"""A claim whose words all stand in the evidence, in its order, and leave little of it out, says it again."""
LONGEST: Final = 120
"""Terms of a claim or a source that are laid side by side."""


@dataclass(frozen=True, slots=True)
class Compared:
    """Claim and evidence as terms in order; `held` are the terms of the evidence, `framed` those read along,
    `alike` for a term of the claim the ones that may stand for it."""

    claim: Sequence[str]
    evidence: Sequence[str]
    held: frozenset[str]
    framed: frozenset[str]
    alike: dict[str, frozenset[str]]
    meaning: float
    grade: float | None = None


FEATURES: Final = (
    "meaning", "coverage", "own_coverage", "loose_coverage", "foreign", "foreign_share", "heaviest_foreign", "replaced",
    "in_order", "length", "unsaid", "grade",
)  # fmt: skip
UNGRADED: Final = 0.0
"""Grade of evidence that no second reader read: its weights leave the grade out."""


def features_of(one: Compared, idf: Idf) -> tuple[float, ...]:
    """The numbers in the order of FEATURES."""
    words = frozenset(one.claim)
    known = one.held | one.framed
    loose = frozenset(word for word in words if word in known or one.alike.get(word, frozenset()) & known)
    foreign = words - loose
    total = sum(idf(word) for word in words) or 1.0
    in_order, replaced = _side_by_side(one, loose)
    return (
        one.meaning,
        covered(words, known, idf),
        covered(words, one.held, idf),
        covered(words, loose, idf),
        log1p(len(foreign)),
        sum(idf(word) for word in foreign) / total,
        max((idf(word) for word in foreign), default=0.0),
        log1p(replaced),
        in_order,
        log1p(len(words)),
        1.0 - covered(one.held, words, idf),
        UNGRADED if one.grade is None else one.grade,
    )


def _side_by_side(one: Compared, loose: frozenset[str]) -> tuple[float, int]:
    """Share of the claim's terms that stand in the evidence in the same order, and how many unknown ones stand in the
    place of others."""
    claim, evidence = list(one.claim[:LONGEST]), list(one.evidence[:LONGEST])
    matcher = SequenceMatcher(None, claim, evidence, autojunk=False)
    same = sum(block.size for block in matcher.get_matching_blocks())
    replaced = sum(
        sum(term not in loose for term in claim[start:end])
        for kind, start, end, _, _ in matcher.get_opcodes()
        if kind == "replace"
    )
    return same / max(1, len(claim)), replaced


@dataclass(frozen=True, slots=True)
class Judge:
    """Weights in the order of FEATURES, and the likelihood from which a claim is supported."""

    bias: float
    weights: tuple[float, ...]
    threshold: float

    def supported(self, features: Sequence[float]) -> bool:
        """Whether it is likely enough, or the evidence said again: then a short sentence needs no likelihood, of which
        longer ones have more."""
        told = dict(zip(FEATURES, features, strict=True))
        again = told["loose_coverage"] >= AGAIN and told["in_order"] >= IN_ORDER and told["unsaid"] <= UNSAID
        return again or self.likelihood(features) >= self.threshold

    def likelihood(self, features: Sequence[float]) -> float:
        """In [0, 1]."""
        total = self.bias + sum(w * f for w, f in zip(self.weights, features, strict=True))
        return 1 / (1 + exp(-max(-50.0, min(50.0, total))))


@cache
def shipped_judge(*, graded: bool) -> Judge:
    """The one of the package, for evidence that a second reader graded and for such that none did."""
    fitted = json.loads(files("ragchat.answering.grounding").joinpath(_FILE).read_text("utf-8"))
    mine = fitted["graded" if graded else "ungraded"]
    weights = tuple(float(mine["weights"].get(name, 0.0)) for name in FEATURES)
    return Judge(float(mine["bias"]), weights, float(mine["threshold"]))
