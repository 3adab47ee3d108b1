"""Words that must not stand for each other: opposites, colours, units of time, you and we.

A text may hold both sides ("paid" and "unpaid", "red" and "black"), so that it does not suffice to look for a
word: it is looked for where the rest of the claim's clause stands. Which words are opposites, kinds apart and
alike is each language's (tables). Every doubt is a difference.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal

from ragchat.language.analysis import analyze
from ragchat.language.language import Language, Words
from ragchat.language.tables import language_named

CLEARLY: Final = 0.34
"""By how much more must stand around the other side's word: one word three places away does not suffice."""
_TOKEN: Final = re.compile(r"[^\W_]+(?:['’.,:][^\W_]+)*|[,;.!?()|]|[–—](?=\s)")
NEAR: Final = 6
"""Words of the same clause on each side that tell a word's place; the nearer, the more."""


@dataclass(frozen=True, slots=True)
class Token:
    """A word in lower case, its index terms, and the number of its clause."""

    word: str
    terms: frozenset[str]
    clause: int


@dataclass(frozen=True, slots=True)
class Sides:
    """Words of one side and of the other. Of a row of kinds (red, green) another one read along counts too; of
    periods (day, month) and speakers (you, we) a text has many, so that only one that stands nowhere counts."""

    mine: Words
    theirs: Words
    kind: Literal["opposite", "apart", "period", "speaker"]


def tokens_of(text: str, language: str, known: Sequence[Language]) -> list[Token]:
    """Words in order; a clause ends at a mark or before a word that ends a denial's reach (and, but, which)."""
    ends = frozenset[str]().union(*(one.denial.scope_ends for one in known))
    tokens: list[Token] = []
    clause = 0
    for match in _TOKEN.finditer(text):
        word = match.group().lower().replace("’", "'")
        if not word[0].isalnum():
            clause += 1
            continue
        if word in ends:
            clause += 1
        tokens.append(Token(word, frozenset(analyze(match.group(), language)), clause))
    return tokens


def turned_round(
    claim: Sequence[Token], source: Sequence[Token], framed: frozenset[str], codes: Sequence[str]
) -> bool:
    """Whether a word of the claim stands where its source has an opposite, or another of its kind; `framed` are
    the words of title and headings, where either may stand."""
    said = frozenset(token.word for token in claim)
    there = frozenset(token.word for token in source)
    return any(
        _turned(claim, source, sides, said, there, framed)
        for code in codes
        for sides in _sides(language_named(code))
        if said & sides.mine
    )


def _turned(
    claim: Sequence[Token],
    source: Sequence[Token],
    sides: Sides,
    said: frozenset[str],
    there: frozenset[str],
    framed: frozenset[str],
) -> bool:
    if there & sides.mine:
        contested = sides.kind in ("opposite", "apart") and bool(there & sides.theirs)
        return contested and _stands_for_other(claim, source, sides)
    if framed & sides.mine:
        return False
    if sides.kind in ("opposite", "speaker"):
        return bool(there & sides.theirs) and not said & sides.theirs and _beside(claim, source, sides)
    return bool((there | framed) & sides.theirs - said)


def _beside(claim: Sequence[Token], source: Sequence[Token], sides: Sides) -> bool:
    """Whether a word of the other side stands among words that the claim has beside its own, or nothing can be
    told."""
    own = [
        around
        for at, token in enumerate(claim)
        if token.word in sides.mine and (around := _around(claim, at))
    ]
    there = [_around(source, at) for at, token in enumerate(source) if token.word in sides.theirs]
    return not own or any(around.keys() & other.keys() for around in own for other in there)


@cache
def _sides(language: Language) -> tuple[Sides, ...]:
    """Each side with its opposite: both ways for pairs, each of a row against all others."""
    opposites = language.opposites
    pairs = [
        Sides(mine - theirs, theirs - mine, "opposite")
        for one, other in opposites.pairs
        for mine, theirs in ((one, other), (other, one))
    ]
    rows = [Sides(one, _rest(row, one), "apart") for row in opposites.apart for one in row]
    periods = [Sides(one, _rest(opposites.periods, one), "period") for one in opposites.periods]
    speakers = [Sides(one, _rest(row, one), "speaker") for row in opposites.speakers for one in row]
    return (*pairs, *rows, *periods, *speakers)


def _rest(row: Sequence[Words], one: Words) -> Words:
    return frozenset[str]().union(*(other for other in row if other is not one)) - one


def _stands_for_other(claim: Sequence[Token], source: Sequence[Token], sides: Sides) -> bool:
    """Whether what is said around a word of the claim stands around one of the other side, and less of it around
    one of its own."""
    for at, token in enumerate(claim):
        if token.word in sides.mine:
            around = _around(claim, at)
            own = max(
                _nearness(around, _around(source, i)) for i, t in enumerate(source) if t.word in sides.mine
            )
            other = max(
                _nearness(around, _around(source, i)) for i, t in enumerate(source) if t.word in sides.theirs
            )
            if other > own + CLEARLY:
                return True
    return False


def _around(tokens: Sequence[Token], at: int) -> dict[str, int]:
    """For each term of the same clause near a word how many words away it is."""
    near: dict[str, int] = {}
    for i in range(max(0, at - NEAR), min(len(tokens), at + NEAR + 1)):
        if i != at and tokens[i].clause == tokens[at].clause:
            for term in tokens[i].terms:
                near[term] = min(near.get(term, NEAR), abs(i - at))
    return near


def _nearness(one: dict[str, int], other: dict[str, int]) -> float:
    return sum(1 / max(one[term], other[term]) for term in one.keys() & other.keys())


def alike(languages: Sequence[str]) -> dict[str, frozenset[str]]:
    """For each index term the terms that may stand for it; in the analysis of the first language."""
    return _alike(tuple(languages))


@cache
def _alike(languages: tuple[str, ...]) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for code in languages:
        opposites = language_named(code).opposites
        for group in (*opposites.alike, *(side for pair in opposites.pairs for side in pair)):
            terms = frozenset(term for word in group for term in analyze(word, languages[0]))
            for term in terms:
                found[term] = found.get(term, frozenset()) | terms
    return found
