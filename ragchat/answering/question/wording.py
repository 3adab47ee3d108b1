"""Which words of a question a text holds: the word itself, a relative ("expansion" for "expand"), or what it misspells.

Index terms are stemmed, but a stemmer keeps "africa" and "african" apart. A misspelling is only seen in a word that
stands nowhere in the corpus, so that "stream" never answers for a known "steam"; figures and identifiers never have
relatives. What both are worth stands in bench/answering/README.md.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ragchat.answering.grounding.overlap import Idf

UNHEARD = "\0"
"""A term that no analysis gives: its idf is that of a word in no chunk."""
SHORTEST_SLIP = 6
"""Letters of an index term from which one slip leaves no doubt: "beach" is no misspelt "bench"."""
ROOT, ROOT_SHARE, KIN = 5, 0.65, 0.6
"""Words with so many first letters in common, and so great a share of the longer one, are related; what a relative
counts for beside the word itself."""

Held = Mapping[str, float]
"""The wanted words that a text holds, each with what it counts for, in (0, 1]."""


@dataclass(frozen=True, slots=True)
class Wording:
    """The words of a question in one passage: which of the passage's words are relatives or meant by a slip."""

    wanted: frozenset[str]
    kin: Mapping[str, frozenset[str]]
    slips: Mapping[str, str]

    @staticmethod
    def of(wanted: frozenset[str], passage: frozenset[str], idf: Idf) -> "Wording":
        """`wanted` and `passage` are index terms."""
        return Wordings.of(wanted, passage, idf).within(passage)

    def held(self, text: frozenset[str]) -> Held:
        """What a part of the passage holds, by its index terms."""
        held = {word: KIN for word, near in self.kin.items() if not near.isdisjoint(text)}
        held.update((word, 1.0) for word, meant in self.slips.items() if meant in text)
        held.update((word, 1.0) for word in self.wanted & text)
        return held


@dataclass(frozen=True, slots=True)
class Wordings:
    """The same over many passages that share most of their words: looked at once, told for each."""

    wanted: frozenset[str]
    kin: Mapping[str, frozenset[str]]
    slips: Mapping[str, frozenset[str]]

    @staticmethod
    def of(wanted: frozenset[str], words: frozenset[str], idf: Idf) -> "Wordings":
        """`words` are the index terms of all passages."""
        long = [word for word in wanted if len(word) >= ROOT and word.isalpha()]
        never = idf(UNHEARD)
        misspelt = [word for word in long if len(word) >= SHORTEST_SLIP and idf(word) >= never]
        return Wordings(
            wanted,
            {word: near for word in long if (near := _relatives(word, words) - {word})},
            {word: meant for word in misspelt if (meant := _meant(word, words) - {word})},
        )

    def within(self, passage: frozenset[str]) -> Wording:
        """Of one passage. A word that stands in it has neither relatives nor slips there."""
        kin = {word: near & passage for word, near in self.kin.items() if word not in passage}
        slips = {word: meant & passage for word, meant in self.slips.items() if word not in passage}
        return Wording(
            self.wanted,
            {word: near for word, near in kin.items() if near},
            {word: min(meant) for word, meant in slips.items() if meant},
        )


@dataclass(frozen=True, slots=True)
class Weights:
    """What each word of a question weighs, and all of them."""

    of_word: Mapping[str, float]
    total: float

    @staticmethod
    def of(words: Iterable[str], idf: Idf) -> "Weights":
        weights = {word: idf(word) for word in words}
        return Weights(weights, sum(weights.values()))

    def share(self, held: Held) -> float:
        """The share in [0, 1] of the words that is held; 0 when there are none."""
        weight = self.of_word.get
        return (
            sum(weight(word, 0.0) * part for word, part in held.items()) / self.total if self.total else 0.0
        )


def together(one: Held, other: Held) -> Held:
    """What two texts hold side by side."""
    return {word: max(one.get(word, 0.0), other.get(word, 0.0)) for word in one.keys() | other.keys()}


def share(wanted: Iterable[str], held: Held, idf: Idf) -> float:
    """The idf-weighted share in [0, 1] of `wanted` that is held; 0 when nothing is wanted."""
    return Weights.of(wanted, idf).share(held)


def _relatives(word: str, passage: frozenset[str]) -> frozenset[str]:
    root = word[:ROOT]
    return frozenset(one for one in passage if one.startswith(root) and _related(word, one))


def _related(one: str, other: str) -> bool:
    longest = max(len(one), len(other))
    return _common(one, other) >= ROOT_SHARE * longest


def _common(one: str, other: str) -> int:
    """Length of the common beginning."""
    for at, (mine, theirs) in enumerate(zip(one, other, strict=False)):
        if mine != theirs:
            return at
    return min(len(one), len(other))


def _meant(word: str, passage: frozenset[str]) -> frozenset[str]:
    near = (one for one in passage if one[:1] == word[:1] and abs(len(one) - len(word)) < 2)
    return frozenset(one for one in near if one_slip(word, one))


def one_slip(one: str, other: str) -> bool:
    """Whether a letter more, less, different, or two swapped make one of the other (Damerau, 1964)."""
    if len(one) < len(other):
        one, other = other, one
    same = _common(one, other)
    mine, theirs = one[same:], other[same:]
    if len(one) > len(other):
        return mine[1:] == theirs
    return mine[1:] == theirs[1:] or (mine[2:] == theirs[2:] and mine[:2] == theirs[1::-1])
