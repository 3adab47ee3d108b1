"""Words that turn what a sentence says without denying it: how little, only in part, by whose fault, wrongly.

"It has a minor effect" holds every other word of "It has an effect". Such a word in a claim must be answered by one of
its kind in the source. The kinds are those that let false claims with known labels through (bench/answering).
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Kind:
    """`asks` are the words of a claim that need one of `asks` or `answers` in the source."""

    asks: frozenset[str]
    answers: frozenset[str] = frozenset()


def _kind(asks: str, answers: str = "") -> Kind:
    return Kind(frozenset(asks.split()), frozenset(answers.split()))


_KINDS: Final = (
    _kind("minor minuscule marginal marginally negligible insignificant slight slightly little tiny trivial minimal",
          "small low few hardly barely"),
    _kind("partly partially somewhat", "part parts some"),
    _kind("because cause causes caused causing blame blamed owing attributed attributable",
          "since so therefore thus hence as reason reasons why due lead leads leading led result results resulted"
          " responsible make makes made by"),
    _kind("unfounded baseless false wrong incorrect untrue hoax fraud myth debunked flawed misleading exaggerated"
          " overestimated overstated underestimated understated", "not no error errors mistake mistaken"),
)  # fmt: skip


def slant_agrees(claim: frozenset[str], source: frozenset[str]) -> bool:
    """Whether each kind of turning word in the claim is in the source too; both are lower-case words."""
    return all(not claim & kind.asks or source & (kind.asks | kind.answers) for kind in _KINDS)
