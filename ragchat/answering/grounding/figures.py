"""The figures of a sentence: numbers and dates in one spelling, what they count, and whether two texts agree on them.

A figure is more than its value: "24 hours" is not "24 months", and 25 euro for a meal is not 25 euro for a hotel. What
it counts is known by the words around it, by its unit, and by no other figure fitting its place better.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from ragchat.answering.grounding.foreign_facts import NUMBERS as FOREIGN_NUMBERS
from ragchat.language.analysis import analyze
from ragchat.language.sentences import sentence_spans

_MONTH_NAMES: Final = """january jan
february feb
march mar
april apr
may
june jun
july jul
august aug
september sep sept
october oct
november nov
december dec"""
MONTHS: Final = {
    name: number for number, names in enumerate(_MONTH_NAMES.splitlines(), 1) for name in names.split()
}
_FIRST_NUMBERS: Final = """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen
fifteen sixteen seventeen eighteen nineteen twenty"""
WORD_NUMBERS: Final[dict[str, float]] = {
    word: value for value, word in enumerate(_FIRST_NUMBERS.split())
} | {
    "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90, "hundred": 100,
    "thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000, "dozen": 12, "half": 0.5, "twice": 2,
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9,
    "tenth": 10,
} | FOREIGN_NUMBERS  # fmt: skip
NEAR: Final = 7
"""Tokens on each side of a figure that say what it counts."""
TAKEN: Final = 2
"""Words by which another figure's place fits better than its own, from which a figure stands in the other's place."""
BESIDE: Final = 2
"""Tokens on each side of a figure that hold its unit."""
# Pronouns and measures as often as numbers: they prove a number in a source, but are not asked for in a claim.
_LOOSE: Final = frozenset({"one", "second", "first", "half", "hundred", "thousand", "million", "billion"})
_TOKEN: Final = re.compile(r"(?:(?<![^\s(\[])[-−])?\d+(?:[.,:]\d+)*|[^\W\d_]+(?:['’][^\W\d_]+)*|[%€$£]")
_SHORT_RANGE: Final = re.compile(r"\b(1\d|20)(\d\d)[–-](\d\d)(?![\d-])")
"""A range of years as in 2018–19, or 1998–99."""
_ISO_DATE: Final = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")
_UNIT_NAMES: Final = """% percent
€ eur euro euros
$ usd dollar dollars
£ gbp pound pounds
second seconds sec s
minute minutes min mins
hour hours h hrs
day days
week weeks
month months
year years
kg kilogram kilograms
g gram grams
mg
tonne tonnes
km kilometre kilometres kilometer kilometers
m metre metres meter meters
cm
mm millimetre millimetres
litre litres liter liters l
ml
kb
mb
gb
tb
w watt watts
kw
mw
v volt volts
ma
hz
khz
mhz
ghz
thousand
million
billion"""
_UNITS: Final = {
    name: number for number, names in enumerate(_UNIT_NAMES.splitlines()) for name in names.split()
}

_CURRENCIES: Final = frozenset(_UNITS[sign] for sign in "€$£")


@dataclass(frozen=True, slots=True)
class Figure:
    """A number or date part with the content words around it: what it counts.

    `around` may reach into the neighbouring sentences; `within` is what of it stands in the same one, `beside` what is
    next to it. `unit` has the numbers of the units of measure right before and after it.
    """

    value: str
    around: frozenset[str]
    within: frozenset[str]
    beside: frozenset[str]
    unit: frozenset[int]
    loose: bool


def figures_of(text: str, language: str = "en") -> tuple[Figure, ...]:
    """The figures of one or a few sentences, in order."""
    text = _ISO_DATE.sub(lambda date: f"{date[3]} {_month(int(date[2]))} {date[1]}", text)
    text = _SHORT_RANGE.sub(r"\1\2–\1\3", text)
    return tuple(_figures(text, language))


def _month(number: int) -> str:
    return next((name for name, value in MONTHS.items() if value == number), str(number))


def _figures(text: str, language: str) -> Iterator[Figure]:
    sentences = [_TOKEN.findall(span.of(text)) for span in sentence_spans(text)]
    tokens = [token for sentence in sentences for token in sentence]
    first = 0
    for sentence in sentences:
        for place, token in enumerate(sentence):
            value = _value(token)
            if value is not None:
                yield Figure(
                    value,
                    _terms_near(tokens, first + place, NEAR, language),
                    _terms_near(sentence, place, NEAR, language),
                    _terms_near(sentence, place, BESIDE, language),
                    _units_at(sentence, place),
                    token.lower() in _LOOSE,
                )
        first += len(sentence)


def _terms_near(tokens: Sequence[str], place: int, reach: int, language: str) -> frozenset[str]:
    near = " ".join((*tokens[max(0, place - reach) : place], *tokens[place + 1 : place + 1 + reach]))
    return frozenset(term for term in analyze(near, language) if not term[0].isdigit())


def _units_at(tokens: Sequence[str], place: int) -> frozenset[int]:
    """The unit after a figure; before it only a currency, or none where there is one after it."""
    after = _UNITS.get(tokens[place + 1].lower()) if place + 1 < len(tokens) else None
    if after is not None:
        return frozenset((after,))
    before = _UNITS.get(tokens[place - 1].lower()) if place else None
    return frozenset((before,)) if before in _CURRENCIES else frozenset()


def _value(token: str) -> str | None:
    """The figure in one spelling: 1,000.0 and 1000 are "1000", March and Mar "m3", five "5"."""
    lowered = token.lower()
    if token[0] in "-−":
        return f"-{_value(token[1:])}"
    if token[0].isdigit():
        plain = re.sub(r",(?=\d{3}(?!\d))", "", token).replace(",", ".")
        if plain.count(".") == 1:
            plain = plain.rstrip("0").rstrip(".")
        return plain.lstrip("0") or "0"
    if lowered in MONTHS and (token[0].isupper() or lowered not in ("may", "march")):
        return f"m{MONTHS[lowered]}"
    number = WORD_NUMBERS.get(lowered)
    return None if number is None else f"{number:g}"


def figures_agree(claim: Sequence[Figure], source: Sequence[Figure]) -> bool:
    """Whether every figure of the claim stands in the source and counts the same thing there."""
    said = Counter(figure.value for figure in claim if not figure.loose)
    there = Counter(figure.value for figure in source)
    enough = all(count <= there[value] for value, count in said.items())
    return enough and all(figure.loose or _stands_in(figure, source) for figure in claim)


def _stands_in(figure: Figure, source: Sequence[Figure]) -> bool:
    """Whether its value stands among two of its words, and no other of its unit fits its place clearly better."""
    own = [
        len(figure.within & other.within)
        for other in source
        if other.value == figure.value
        and (not figure.unit or not other.unit or figure.unit == other.unit)
        and len(figure.around & other.around) >= min(2, len(figure.around), len(other.around))
    ]
    others = [
        len(figure.within & other.within)
        for other in source
        if other.value != figure.value and figure.beside & other.beside
    ]
    return bool(own) and max(others, default=0) < max(own) + TAKEN
