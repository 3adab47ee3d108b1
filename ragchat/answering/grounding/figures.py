"""Whether two texts agree on their figures: the same values, counting the same things, directed the same way.

A figure is more than its value: "24 hours" is not "24 months", and 25 euro for a meal is not 25 euro for a hotel.
What it counts is known by the words around it, by its unit, and by no other figure fitting its place better. How
figures are read, in whatever language, is ragchat.language.quantities.figures'.
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
YEAR: Final = 4
"""Digits of a year."""
BESIDE: Final = 2
"""Words on each side of a figure that hold its unit."""
_WORD: Final = re.compile(r"\d+(?:[.,:]\d+)*|[^\W\d_]+(?:['’][^\W\d_]+)*|[%€$£]")
_JOIN: Final = re.compile(r"[^\W\d_]+|[,;()|]")
_MARKS: Final = frozenset(",;()|")
_PERIODS: Final = frozenset({"second", "minute", "hour", "day", "workday", "week", "month", "year"})
ELLIPTIC: Final = 2
"""Terms up to which a clause leaves its subject to the clause before it: "… and 14:30 on Fridays"."""
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

    `around` may reach into the neighbouring sentences; `within` is what of it stands in the same one, `beside`
    what is next to it; `clause` is what is said of it up to the next mark or "and", `counts` what
    stands right after it, `line` its whole sentence, which begins at `sentence`.
    """

    figure: Figure
    around: frozenset[str]
    within: frozenset[str]
    beside: frozenset[str]
    clause: frozenset[str] = frozenset()
    counts: frozenset[str] = frozenset()
    line: frozenset[str] = frozenset()
    sentence: int = 0

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


def counted(
    text: str, reading: Reading, language: str, joining: frozenset[str] = frozenset()
) -> tuple[CountedFigure, ...]:
    """The figures that were read in a text, with the index terms of a language around them; clauses end before a
    word of `joining`."""
    return tuple(_counted(text, reading, language, joining)) if reading.figures else ()


def _counted(text: str, reading: Reading, language: str, joining: frozenset[str]) -> Iterator[CountedFigure]:
    words = list(_WORD.finditer(reading.rest))
    starts, ends = [word.start() for word in words], [word.end() for word in words]
    sentences = _sentences(text)
    begins = [span.start for span in sentences]
    cuts = _cuts(text, reading, joining)
    rest = _without(reading)
    for figure in reading.figures:
        sentence = sentences[max(0, bisect_right(begins, figure.start) - 1)]
        before, after = bisect_right(ends, figure.start), bisect_left(starts, figure.end)
        first, last = bisect_left(starts, sentence.start), bisect_right(ends, sentence.end)

        def near(reach: int, low: int, high: int, before: int = before, after: int = after) -> frozenset[str]:
            around = (*words[max(low, before - reach) : before], *words[after : min(high, after + reach)])
            return _terms(" ".join(word.group() for word in around), language)

        beyond = bisect_left(starts, figure.through)
        clause = bisect_right(cuts, figure.start)
        said = rest[max(sentence.start, cuts[clause - 1]) : min(sentence.end, cuts[clause])]
        yield CountedFigure(
            figure,
            near(NEAR, 0, len(words)),
            near(NEAR, first, last),
            near(BESIDE, first, last),
            _terms(said, language),
            _terms(" ".join(word.group() for word in words[beyond : min(last, beyond + 1)]), language),
            _terms(rest[sentence.start : sentence.end], language),
            sentence.start,
        )


def _without(reading: Reading) -> str:
    """The text without its figures and their units; identifiers stay, they are names."""
    parts = list(reading.rest)
    for figure in (one for one in reading.figures if not is_identifier(one)):
        parts[figure.start : figure.through] = " " * (figure.through - figure.start)
    return "".join(parts)


def _cuts(text: str, reading: Reading, joining: frozenset[str]) -> list[int]:
    """Where clauses begin, the text's ends included; never inside a figure."""
    inside = sorted((figure.start, figure.through) for figure in reading.figures)
    ends = sorted(
        match.start()
        for match in _JOIN.finditer(text)
        if (match.group() in _MARKS or match.group().lower() in joining)
        and not _within(match.start(), inside)
        and not _between(match, inside, text)
    )
    return [0, *ends, len(text)]


def _within(place: int, figures: Sequence[tuple[int, int]]) -> bool:
    """Whether it lies inside one of the figures, which come in order."""
    before = bisect_left(figures, (place, 0)) - 1
    return before >= 0 and place < figures[before][1]


def _between(match: re.Match[str], figures: Sequence[tuple[int, int]], text: str) -> bool:
    """Whether it only joins two figures: "1 and 30 November". Only the nearest can stand beside it."""
    after = bisect_left(figures, (match.start(), 0))
    beside = figures[max(0, after - 1) : after + 1]
    before = any(
        through <= match.start() and not text[through : match.start()].strip() for _, through in beside
    )
    return before and any(
        start >= match.end() and not text[match.end() : start].strip() for start, _ in beside
    )


def _sentences(text: str) -> list[Span]:
    """Split at every stop: a list's item, one unit elsewhere, may say two things of two figures."""
    words = words_before_stops()
    return [
        part for span in sentence_spans(text) for part in split_at_stops(text, span.start, span.end, words)
    ]


def _terms(near: str, language: str) -> frozenset[str]:
    return frozenset(term for term in analyze(near, language) if not term[0].isdigit())


def figures_agree(
    claim: Sequence[CountedFigure],
    source: Sequence[CountedFigure],
    framed: Sequence[CountedFigure] = (),
    words: frozenset[str] = frozenset(),
) -> bool:
    """Whether every figure of the claim stands in the source, counts the same thing there and is directed alike.

    Years, dates and versions may stand in what is read along (`framed`: title, headings; `words`: its terms).
    Identifiers are left out: they are names (facts.py), which may stand there too.
    """
    named = {one.value for one in framed if _names(one.figure)}
    along = frozenset[str]().union(*(one.around for one in framed), words)
    source = _amounts(source)
    from_frame = [
        one for one in claim if _names(one.figure) and one.value in named and not _said_in(one, source)
    ]
    claim = [one for one in _amounts(claim) if one not in from_frame]
    told = [one for one in claim if not one.figure.loose]
    said = Counter(one.value for one in told)
    enough = all(said[one.value] <= sum(map(one.same_value, source)) for one in told)
    return enough and all(
        _loosely(one, source) if one.figure.loose else _stands_in(one, claim, source, along) for one in claim
    )


def _said_in(one: CountedFigure, source: Sequence[CountedFigure]) -> bool:
    return any(map(one.same_value, source))


def _names(figure: Figure) -> bool:
    """Whether it tells which one, and not how much: a date, a version, a year. The number of a chapter tells
    neither."""
    year = (
        figure.kind == "number" and not figure.unit and len(figure.value) == YEAR and figure.value.isdigit()
    )
    return figure.kind in ("date", "name") or year


def _amounts(figures: Sequence[CountedFigure]) -> list[CountedFigure]:
    return [one for one in figures if not is_identifier(one.figure)]


def is_identifier(figure: Figure) -> bool:
    """Whether it has letters in it: XR-2000, but not 3.11.7."""
    return figure.kind == "name" and any(character.isalpha() for character in figure.value)


def _loosely(one: CountedFigure, source: Sequence[CountedFigure]) -> bool:
    """A pronoun as often as a number: it only must not be directed otherwise than all of its like."""
    like = [other for other in source if other.value == one.value]
    return not like or any(other.figure.bound not in _AGAINST[one.figure.bound] for other in like)


def _stands_in(
    one: CountedFigure, claim: Sequence[CountedFigure], source: Sequence[CountedFigure], along: frozenset[str]
) -> bool:
    """Whether it stands among two of its words, and no other of its unit fits its place clearly better."""
    source = _told(one, source)
    own = [other for other in source if one.may_be(other) and not _counts_else(one, other, along)]
    if not own or _in_anothers_place(one, claim, source):
        return False
    near = [
        other for other in own if len(one.line & (other.line | other.around | along)) >= min(2, len(one.line))
    ]
    return bool(near) and not any(
        one.beside & other.beside and all(_clearly(one, other, this) for this in near)
        for other in source
        if other.value != one.value
    )


def _clearly(one: CountedFigure, other: CountedFigure, own: CountedFigure) -> bool:
    """Whether another's place fits by so many words more that it must be meant."""
    if own.sentence == other.sentence and len(one.clause & own.clause) > len(one.clause & other.clause):
        return False
    return len(one.within & other.within) >= len(one.within & own.within) + TAKEN


def _counts_else(one: CountedFigure, own: CountedFigure, along: frozenset[str]) -> bool:
    """Whether a figure with a unit would rest on one that counts something the claim does not name: 6 days on 6
    chairs."""
    bare = bool(one.figure.unit) and not own.figure.unit
    return bare and bool(own.counts) and not own.counts & (one.line | along)


def _told(one: CountedFigure, source: Sequence[CountedFigure]) -> Sequence[CountedFigure]:
    """Without words that may be no numbers, where a number says the same: "second class, above two hours"."""
    sure = [other for other in source if not other.figure.loose]
    return sure if any(map(one.same_value, sure)) else source


def _in_anothers_place(
    one: CountedFigure, claim: Sequence[CountedFigure], source: Sequence[CountedFigure]
) -> bool:
    """Whether another figure of the source is meant: it counts what the claim counts, or more of what the claim
    says is said of it alone than of this one alone."""
    alone = not any(other is not one and _comparable(one.figure, other.figure) for other in claim)
    said = one.clause | (one.within if alone else frozenset())
    own = [other for other in source if one.may_be(other)]
    others = [
        other
        for other in source
        if not one.same_value(other)
        and (_comparable(one.figure, other.figure) or any(_elliptic(other, this) for this in own))
    ]
    return any(all(_fits_better(one, said, other, this) for this in own) for other in others)


def _fits_better(one: CountedFigure, said: frozenset[str], other: CountedFigure, own: CountedFigure) -> bool:
    if one.counts and one.counts & other.counts and own.counts and not one.counts & own.counts:
        return True
    there, here = said & other.clause - own.clause, said & own.clause - other.clause
    named, own_named = _identifying(there), _identifying(here)
    if named != own_named:
        return named > own_named
    if (
        own.sentence == other.sentence
        and own.figure.start > other.figure.start
        and len(own.clause) <= ELLIPTIC
    ):
        return False
    if (
        own.sentence == other.sentence
        and own.figure.start < other.figure.start
        and len(other.clause) <= ELLIPTIC
    ):
        return bool(there)
    return len(there) > len(here)


def _elliptic(other: CountedFigure, own: CountedFigure) -> bool:
    """Whether the other leaves its unit to one before it: "six days, … two"."""
    plain = other.figure.kind == "number" and not other.figure.unit and not other.figure.loose
    return (
        plain
        and own.figure.unit != ""
        and own.sentence == other.sentence
        and own.figure.start < other.figure.start
    )


def _identifying(terms: frozenset[str]) -> int:
    """How many of the terms have letters and figures in them: T3."""
    return sum(any(c.isdigit() for c in term) and any(c.isalpha() for c in term) for term in terms)


def _comparable(one: Figure, other: Figure) -> bool:
    """Whether one could stand in the other's place."""
    if one.kind != other.kind:
        return False
    if one.kind == "date":
        return one.value[0].isdigit() == other.value[0].isdigit() and len(one.value) == len(other.value)
    return one.unit == other.unit or (one.unit in _PERIODS and other.unit in _PERIODS)
