"""Two things of a sentence in each other's place: every word is there, and what is said is another thing.

Looked for between clauses ("mail after twelve months, chat after five years"), and word by word where all words of the
claim stand in the source and only two of them need to be exchanged back.
"""

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import combinations
from typing import Final

from ragchat.answering.grounding.opposites import Token

LONGEST: Final = 24
"""Terms of a claim up to which exchanged words are looked for."""
RESTATED: Final = 0.9
"""Share of the claim's terms that stand in the source in the same order once two are exchanged back."""


def changed_places(claim: Sequence[Token], source: Sequence[Token]) -> bool:
    """Whether two words of the claim, in two of its clauses, stand in each other's clause in the source: "mail after
    twelve months, chat after five years" of "chat after twelve months, mail after five years"."""
    said, there = _clauses(claim), _clauses(source)
    if len(said) < 2 or len(there) < 2:
        return False
    moved = [(at, *places) for at, words in enumerate(said) for places in _moved(words, there)]
    return any(
        at != other and (home, to) == (back, other_home)
        for at, home, to in moved
        for other, other_home, back in moved
    )


def _clauses(tokens: Sequence[Token]) -> list[frozenset[str]]:
    clauses: dict[int, set[str]] = {}
    for token in tokens:
        clauses.setdefault(token.clause, set()).update(token.terms)
    return [frozenset(words) for words in clauses.values() if len(words) > 1]


def _home(words: frozenset[str], there: Sequence[frozenset[str]]) -> int | None:
    """The clause of the source that holds most of the words; None where two do."""
    held = sorted(((len(words & other), -at) for at, other in enumerate(there)), reverse=True)
    return -held[0][1] if held and held[0][0] and (len(held) == 1 or held[0][0] > held[1][0]) else None


def _moved(words: frozenset[str], there: Sequence[frozenset[str]]) -> Iterator[tuple[int, int]]:
    """The home of a claim's clause without one of its words, and the other clause, where that word stands alone."""
    for word in words:
        home = _home(words - {word}, there)
        places = [at for at, other in enumerate(there) if word in other]
        if home is not None and len(places) == 1 and places[0] != home:
            yield home, places[0]


def exchanged(claim: Sequence[str], source: Sequence[str]) -> bool:
    """Whether the claim says the source's words in their order but for two that stand in each other's place. Neighbours
    may be written either way ("EUR 19", "paid annual leave"), unless both are numbers."""
    if len(claim) > LONGEST or not frozenset(claim) <= frozenset(source):
        return False
    kept, apart = _in_order(claim, source)
    if not apart:
        return False
    for one, other in combinations(range(len(claim)), 2):
        if claim[one] == claim[other] or not {one, other} & apart or not _may_be_exchanged(claim, one, other):
            continue
        swapped = list(claim)
        swapped[one], swapped[other] = claim[other], claim[one]
        now, _ = _in_order(swapped, source)
        if now > kept and now >= RESTATED * len(claim):
            return True
    return False


def _may_be_exchanged(claim: Sequence[str], one: int, other: int) -> bool:
    return other - one > 1 or (claim[one][0].isdigit() and claim[other][0].isdigit())


def _in_order(claim: Sequence[str], source: Sequence[str]) -> tuple[int, frozenset[int]]:
    """How many terms stand in the source in the same order, and the places of those that do not."""
    blocks = SequenceMatcher(None, list(claim), list(source), autojunk=False).get_matching_blocks()
    held = {block.a + i for block in blocks for i in range(block.size)}
    return len(held), frozenset(range(len(claim))) - held
