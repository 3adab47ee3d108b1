"""Questions about all of something, which passages can never show to be all there is; the words are the language's.

Counting what a table lists is one of them: rows would be quoted as answers, but nobody counted them. "How many error
codes are there?" finds rows of error codes, and three of them are no number of them. A number that a row states
("tickets_opened: 612", "24 hours") is an answer like any other. Only records and Markdown rows are looked at; prose is
never held back here.
"""

import re
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import takewhile

from ragchat.answering.grounding.overlap import terms
from ragchat.answering.question.asked import Asked, asked
from ragchat.language.phrases import anywhere, beginning
from ragchat.language.tables import language_named

_NUMBER = re.compile(r"(?<![\w.,:/-])[~≈]?[$€£]?\d[\d.,]*\+?(?![\w/:-]|[.,]\d)")
"""A number by itself: no part of a date, a time or an identifier."""
_STATED = re.compile(rf"{_NUMBER.pattern}(?P<what>(?: [^\W\d_][\w-]*){{1,3}})")


_FIELDS = re.compile(r"^[\w ()/%.-]{1,40}: [^;\n]*; [\w ()/%.-]{1,40}: ")
"""A line of a data file as its extractor writes it out: "code: E02; meaning: …"."""


def asks_over_everything(question: str, language: str) -> bool:
    """Whether it wants a count or a list over the documents of the collection."""
    pattern = anywhere(language_named(language).collection.everything)
    return pattern is not None and pattern.search(question) is not None


def asks_for_all(question: str, language: str) -> bool:
    """Whether it wants all of something, which a list or a table of a document may hold."""
    pattern = beginning(language_named(language).collection.all_of)
    return pattern is not None and pattern.match(question.strip()) is not None


def only_listed(question: str, quoted: Sequence[str], language: str = "en") -> bool:
    """Whether the question counts, and most of what would be quoted are rows that state no such number."""
    if (counted := _counted(question, language)) is None:
        return False
    whole = asked(question, language)
    bare = sum(_lists(unit, counted, whole, language) for unit in quoted)
    return bare * 2 > len(quoted)


def _counted(question: str, language: str) -> frozenset[str] | None:
    """The terms of what is to be counted; None when the question does not count."""
    words = language_named(language).collection
    match = _counting(words.counts).search(question) if words.counts else None
    if match is None:
        return None
    what = takewhile(lambda word: word.lower() not in words.counted_ends, match["counted"].split())
    return terms(" ".join(what), language)


@cache
def _counting(counts: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{'|'.join(counts)})\s*\b(?P<counted>\w[\w-]*(?: \w[\w-]*){{0,3}})", re.I)


def _lists(unit: str, counted: frozenset[str], whole: Asked, language: str) -> bool:
    """Whether the unit is a row without the number asked for."""
    if _FIELDS.match(unit):
        return not _states(_fields(unit), unit, counted, whole, language)
    return unit.startswith("|") and not _NUMBER.search(unit)


def _states(
    fields: Iterable[tuple[str, str]], unit: str, counted: frozenset[str], whole: Asked, language: str
) -> bool:
    numbers = [name for name, value in fields if _NUMBER.match(value)]
    if any(counted & terms(name.replace("_", " "), language) for name in numbers):
        return True
    if any(counted & terms(match["what"], language) for match in _STATED.finditer(unit)):
        return True
    # "How many people can use the Ketch?" of a row about it: whether its "seats: 25" are meant is for the reader.
    return bool(numbers) and bool((whole.names | whole.figures) & terms(unit, language))


def _fields(record: str) -> list[tuple[str, str]]:
    pairs = (field.partition(": ") for field in record.split("; "))
    return [(name, value) for name, _, value in pairs]
