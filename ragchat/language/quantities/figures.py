"""The figures of a text in one spelling: numbers, dates, times and identifiers, with unit, direction and place.

"20.000 Euro", "EUR 20 000" and "zwanzigtausend Euro" are one figure, "no less than 5" and "at least 5" another; what a
language writes differently stands in its table. A date is its parts (14, m5, 2024), so that "in May 2024" agrees with
"14 May 2024". What is no amount (3.11.7, XR-2000) keeps its whole name. Linear in the text's length.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from ragchat.language.language import Language
from ragchat.language.quantities.bounds import directed
from ragchat.language.quantities.figure import Figure
from ragchat.language.quantities.scan import FigureScan
from ragchat.language.quantities.tokens import tokens_of
from ragchat.language.tables import language_named


@dataclass(frozen=True, slots=True)
class Reading:
    """A text's figures in order, and the text with the phrases that direct them blanked out, as long as before."""

    figures: tuple[Figure, ...]
    rest: str


_DASHES: Final = "–—-"


def read_figures(text: str, language: str) -> Reading:
    """The figures of a text in a language (its ISO 639-1 code)."""
    known = language_named(language)
    tokens = list(tokens_of(text, blanks_group=" " in known.numbers.grouping))
    figures = _ranged(list(FigureScan(text, tokens, known).figures()), text, known)
    bounds, rest = directed(text, [(figure.start, figure.through) for figure in figures], known)
    return Reading(
        tuple(replace(figure, bound=bounds.get(at, "exactly")) for at, figure in enumerate(figures)), rest
    )


def _ranged(figures: Sequence[Figure], text: str, language: Language) -> list[Figure]:
    """Both ends of a range have the unit that stands at one of them: "5 to 7 days"."""
    found = list(figures)
    for at in range(len(found) - 1):
        one, other = found[at], found[at + 1]
        between = text[one.through : other.start].strip().lower()
        if between in language.numbers.ranges or (between and between in _DASHES):
            unit = one.unit or other.unit
            if one.kind == other.kind == "number" and not (one.unit and other.unit):
                found[at], found[at + 1] = replace(one, unit=unit), replace(other, unit=unit)
    return found
