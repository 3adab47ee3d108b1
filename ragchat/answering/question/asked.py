"""What a question is about: its content words, and among them the names, figures and identifiers that must be met.

"How many … do I get" asks for an amount, but holds no topic: such words are left out of what a text must cover. A text
about "E03" does not answer a question about "E02", however much alike the rest of it is.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ragchat.answering.grounding.overlap import Idf, terms
from ragchat.answering.question.tongues import without_function_words
from ragchat.answering.question.wording import UNHEARD, Held, share
from ragchat.language.analysis import analyze
from ragchat.language.tables import language_named

NAMED = 2.0
"""Weight of a name, figure or identifier beside that of a plain word."""

_NAME = re.compile(r"(?<!^)(?<![.!?:]\s)\b[A-Z][\w'’-]*|\b\w*\d[\w.-]*")
_PAIR = re.compile(r"(?<!^)\b(?=([A-Z][\w-]{1,40} [A-Z][\w-]{1,40}))")
"""Bounded: every hyphen may begin a name, and each would be read to the end of the word."""
_IDENTIFIER = re.compile(r"(?<![\w-])(?P<family>[A-Z]+(?:-[A-Z]+)*-?)\d[\w-]*")
_DECADE = re.compile(r"\d+s")
"""Comes beside its number: "1980s" is met by a text that says 1980."""
_YEAR = re.compile(r"(?<![\w.,-])(?:19|20)\d\d(?![\w.,]\d|\w)")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question taken apart. `wanted` are all its index terms, `topic` those with meaning, never empty unless
    `wanted` is; `names` and `figures` (terms with a digit) are subsets of `topic`; `pairs` are the terms of
    two names side by side."""

    question: str
    wanted: frozenset[str]
    topic: frozenset[str]
    names: frozenset[str]
    figures: frozenset[str]
    identifiers: frozenset[str]
    years: frozenset[str]
    pairs: tuple[tuple[str, ...], ...]

    def weighed(self, idf: Idf) -> Idf:
        """Rarity, with names and figures counted NAMED times."""
        return lambda term: idf(term) * (NAMED if term in self.names or term in self.figures else 1.0)

    def missing_figures(self, held: Held, idf: Idf) -> float:
        """The idf-weighted share of the figures that are not held; 0 where none are asked for."""
        return 1.0 - share(self.figures, held, idf) if self.figures else 0.0

    def missing_names(self, held: Held, idf: Idf) -> float:
        """The idf-weighted share of the names that are not held; 0 where none are asked for."""
        return 1.0 - share(self.names, held, idf) if self.names else 0.0

    def unknown(self, idf: Idf) -> bool:
        """Whether it names an unknown kind of something known ("the Roost Pro"): two names side by side or a figure,
        of which one stands nowhere in the corpus; `idf` is greatest for what no chunk holds."""
        never = idf(UNHEARD)
        pairs = [[idf(term) >= never for term in pair] for pair in self.pairs]
        return any(any(pair) and not all(pair) for pair in pairs) or any(
            idf(one) >= never for one in self.figures
        )


def asked(question: str, language: str = "en") -> Asked:
    """The parts of a question in a language (ISO 639-1)."""
    words = analyze(without_function_words(question), language)
    wanted = frozenset(word for word in words if not _DECADE.fullmatch(word))
    topic = wanted - _form(language) or wanted
    named = frozenset[str]().union(*(terms(one, language) for one in _NAME.findall(question))) & topic
    figures = frozenset(term for term in topic if any(c.isdigit() for c in term))
    identifiers = frozenset(match.group() for match in _IDENTIFIER.finditer(question))
    pairs = tuple(tuple(analyze(match[1], language)) for match in _PAIR.finditer(question))
    years = frozenset(_YEAR.findall(question))
    return Asked(question, wanted, topic, named - figures, figures, identifiers, years, pairs)


def _form(language: str) -> frozenset[str]:
    """Words that ask and hold no topic, as index terms."""
    return terms(" ".join(sorted(language_named(language).words.form)), language)


def of_another(asked: Asked, layers: Iterable[str]) -> bool:
    """Whether a text is about a sibling of what was asked for: E03 for E02, the T1 for a T3.

    `layers` are the text, then what stands around it, nearest first: its table's header, headings, title. The first
    that names one of the family decides.
    """
    kin = {family: _members(asked, family) for family in map(_family, asked.identifiers)}
    for text in layers:
        for family, members in kin.items():
            found = {match.group() for match in _IDENTIFIER.finditer(text) if match["family"] == family}
            if found:
                return not found & members
    return False


def _family(identifier: str) -> str:
    match = _IDENTIFIER.fullmatch(identifier)
    return match["family"] if match else identifier


def _members(asked: Asked, family: str) -> frozenset[str]:
    return frozenset(one for one in asked.identifiers if _family(one) == family)


def other_year(asked: Asked, text: str, around: str) -> bool:
    """Whether a text stands under another year than the one asked for and does not itself name that one."""
    if not asked.years or asked.years & set(_YEAR.findall(text)):
        return False
    years = set(_YEAR.findall(around))
    return bool(years) and not years & asked.years
