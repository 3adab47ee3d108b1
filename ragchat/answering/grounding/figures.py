"""Whether two texts agree on their figures: the same values, counting the same things, directed the same way.

A figure is more than its value: "24 hours" is not "24 months", and 25 euro for a meal is not 25 euro for a hotel. What
it counts is known by the words around it, by its unit, and by no other figure fitting its place better. How figures
are read, in whatever language, is ragchat.language.quantities.figures'.
"""

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ragchat.documents import Span
from ragchat.language.analysis import analyze
from ragchat.language.detection import language_of_statement
from ragchat.language.full_stops import split_at_stops, words_before_stops
from ragchat.language.language import Bound
from ragchat.language.quantities.figure import Figure
from ragchat.language.quantities.figures import Reading, read_figures
from ragchat.language.sentences import sentence_spans

NEAR: Final = 7
"""Words on each side of a figure that say what it counts."""
TAKEN: Final = 2
"""Words by which another figure's place fits better than its own, from which a figure stands in the other's place."""
BESIDE: Final = 2
"""Words on each side of a figure that hold its unit."""
_WORD: Final = re.compile(r"\d+(?:[.,:]\d+)*|[^\W\d_]+(?:['’][^\W\d_]+)*|[%€$£]")
_AGAINST: Final[Mapping[Bound, frozenset[Bound]]] = {
    "exactly": frozenset(),
    "at_least": frozenset({"at_most", "more_than", "less_than"}),
    "at_most": frozenset({"at_least", "more_than", "less_than"}),
    "more_than": frozenset({"at_least", "at_most", "less_than"}),
    "less_than": frozenset({"at_least", "at_most", "more_than"}),
}
"""A plain figure may stand for a directed one and the other way about; two directions must be the same."""


@dataclass(frozen=True, slots=True)
class CountedFigure:
    """A figure with the content words around it: what it counts.

    `around` may reach into the neighbouring sentences; `within` is what of it stands in the same one, `beside` what is
    next to it.
    """

    figure: Figure
    around: frozenset[str]
    within: frozenset[str]
    beside: frozenset[str]

    @property
    def value(self) -> str:
        return self.figure.value

    def same_value(self, other: "CountedFigure") -> bool:
        """Whether both may be written for the same value."""
        mine, theirs = self.figure, other.figure
        return mine.value == theirs.value or mine.value in theirs.also or theirs.value in mine.also

    def may_be(self, other: "CountedFigure") -> bool:
        """Whether both may be written for the same value, unit and direction."""
        mine, theirs = self.figure, other.figure
        units = not mine.unit or not theirs.unit or mine.unit == theirs.unit
        return self.same_value(other) and units and theirs.bound not in _AGAINST[mine.bound]


def figures_of(text: str, language: str = "en") -> tuple[CountedFigure, ...]:
    """The figures of one or a few sentences, in order; `language` is the collection's, whose terms are compared."""
    return counted(text, read_figures(text, language_of_statement(text, language)), language)


def counted(text: str, reading: Reading, language: str) -> tuple[CountedFigure, ...]:
    """The figures that were read in a text, with the index terms of a language around them."""
    return tuple(_counted(text, reading, language)) if reading.figures else ()


def _counted(text: str, reading: Reading, language: str) -> Iterator[CountedFigure]:
    words = list(_WORD.finditer(reading.rest))
    starts, ends = [word.start() for word in words], [word.end() for word in words]
    sentences = _sentences(text)
    begins = [span.start for span in sentences]
    for figure in reading.figures:
        sentence = sentences[max(0, bisect_right(begins, figure.start) - 1)]
        before, after = bisect_right(ends, figure.start), bisect_left(starts, figure.end)
        first, last = bisect_left(starts, sentence.start), bisect_right(ends, sentence.end)

        def near(reach: int, low: int, high: int, before: int = before, after: int = after) -> frozenset[str]:
            around = (*words[max(low, before - reach) : before], *words[after : min(high, after + reach)])
            return _terms(" ".join(word.group() for word in around), language)

        yield CountedFigure(
            figure, near(NEAR, 0, len(words)), near(NEAR, first, last), near(BESIDE, first, last)
        )


def _sentences(text: str) -> list[Span]:
    """Split at every stop: a list's item, one unit elsewhere, may say two things of two figures."""
    words = words_before_stops()
    return [
        part for span in sentence_spans(text) for part in split_at_stops(text, span.start, span.end, words)
    ]


def _terms(near: str, language: str) -> frozenset[str]:
    return frozenset(term for term in analyze(near, language) if not term[0].isdigit())


def figures_agree(claim: Sequence[CountedFigure], source: Sequence[CountedFigure]) -> bool:
    """Whether every figure of the claim stands in the source, counts the same thing there and is directed alike.

    Identifiers are left out: they are names (facts.py), which may stand in a title.
    """
    claim, source = _amounts(claim), _amounts(source)
    told = [one for one in claim if not one.figure.loose]
    said = Counter(one.value for one in told)
    enough = all(said[one.value] <= sum(map(one.same_value, source)) for one in told)
    return enough and all(
        _loosely(one, source) if one.figure.loose else _stands_in(one, source) for one in claim
    )


def _amounts(figures: Sequence[CountedFigure]) -> list[CountedFigure]:
    return [one for one in figures if not is_identifier(one.figure)]


def is_identifier(figure: Figure) -> bool:
    """Whether it has letters in it: XR-2000, but not 3.11.7."""
    return figure.kind == "name" and any(character.isalpha() for character in figure.value)


def _loosely(one: CountedFigure, source: Sequence[CountedFigure]) -> bool:
    """A pronoun as often as a number: it only must not be directed otherwise than all of its like."""
    like = [other for other in source if other.value == one.value]
    return not like or any(other.figure.bound not in _AGAINST[one.figure.bound] for other in like)


def _stands_in(one: CountedFigure, source: Sequence[CountedFigure]) -> bool:
    """Whether it stands among two of its words, and no other of its unit fits its place clearly better."""
    own = [
        len(one.within & other.within)
        for other in source
        if one.may_be(other) and len(one.around & other.around) >= min(2, len(one.around), len(other.around))
    ]
    others = [
        len(one.within & other.within)
        for other in source
        if other.value != one.value and one.beside & other.beside
    ]
    return bool(own) and max(others, default=0) < max(own) + TAKEN
