"""Two things of a sentence in each other's place: every word is there, and what is said is another thing.

Looked for between clauses ("mail after twelve months, chat after five years"), word by word where all words of the
claim stand in the source and only two of them need to be exchanged back, and phrase by phrase around what stands
between them ("Ann replaces Tom": "Tom replaces Ann").
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import combinations
from typing import Final

from ragchat.answering.grounding.opposites import Token
from ragchat.language.language import Language

LONGEST: Final = 24
"""Terms of a claim up to which exchanged words are looked for."""
RESTATED: Final = 0.9
"""Share of the claim's terms that stand in the source in the same order once two are exchanged back."""
SAME_WORDS: Final = 0.9
"""Share of the claim's words, small ones counted, that the source must have for phrases to be laid side by side: who
puts a thing in other words may turn it round and say the same ("you need a certificate": "a certificate is needed")."""


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


def turned_about(claim: Sequence[Token], source: Sequence[Token], known: Sequence[Language]) -> bool:
    """Whether two phrases stand in each other's place around the same words, all else being in its order: "copied from
    the cache to the server" of "copied from the server to the cache". Both are single sentences.

    Around words that only link ("red and black", "ten minutes is the default") either may come first, and of two texts
    of which one says by whom something is done, the other says it the other way round; so does one that makes a clause
    of a phrase ("the lab, which Ann runs, is closed").
    """
    words = frozenset(_key(token) for token in source)
    same = sum(_key(token) in words for token in claim)
    said, there = _shared(claim, source)
    if same < SAME_WORDS * len(claim) or len(said) > LONGEST or _clauses_of(said) != _clauses_of(there):
        return False
    agents = frozenset[str]().union(*(one.opposites.agents for one in known))
    if _names_agent(claim, agents) != _names_agent(source, agents):
        return False
    linking = frozenset[str]().union(*(one.opposites.linking for one in known))
    mine, theirs = list(map(_key, said)), list(map(_key, there))
    return mine != theirs and any(not linking.issuperset(between) for between in _between(mine, theirs))


def _shared(claim: Sequence[Token], source: Sequence[Token]) -> tuple[list[Token], list[Token]]:
    """Words of both that each has once, in the order of each."""
    said, there = Counter(map(_key, claim)), Counter(map(_key, source))
    once = {word for word in said if said[word] == there[word] == 1}
    return [token for token in claim if _key(token) in once], [
        token for token in source if _key(token) in once
    ]


def _clauses_of(tokens: Sequence[Token]) -> int:
    return len({token.clause for token in tokens})


def _key(token: Token) -> str:
    return min(token.terms, default=token.word)


def _names_agent(tokens: Sequence[Token], agents: frozenset[str]) -> bool:
    return any(token.word in agents for token in tokens)


def _between(said: list[str], there: list[str]) -> Iterator[list[str]]:
    """What stands between two phrases that are exchanged: `said` is A X M Y B where `there` is A Y M X B. Both have the
    same words."""
    first = next(i for i, (one, other) in enumerate(zip(said, there, strict=True)) if one != other)
    last = len(said) - next(
        i for i, (one, other) in enumerate(zip(reversed(said), reversed(there), strict=True)) if one != other
    )
    mine, theirs = said[first:last], there[first:last]
    size = len(mine)
    for x in range(1, size - 1):
        for y in range(1, size - x):
            between = mine[x : size - y]
            if theirs == [*mine[size - y :], *between, *mine[:x]]:
                yield between
