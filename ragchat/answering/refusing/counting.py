"""Questions that count what a table lists: rows would be quoted as answers, but nobody counted them.

"How many error codes are there?" finds rows of error codes, and three of them are no number of them. A number that a
row states ("tickets_opened: 612", "24 hours") is an answer like any other. Only records and Markdown rows are looked
at; prose is never held back here.
"""

import re
from collections.abc import Iterable, Sequence

from ragchat.answering.grounding.overlap import terms
from ragchat.answering.question.asked import Asked, asked

_COUNTS = re.compile(
    r"\bhow many (?:different |distinct |kinds of |types of )?(?P<counted>\w[\w-]*(?: \w[\w-]*){0,3})"
    r"|\b(?:the|total) (?:number|count) of (?P<number>\w[\w-]*(?: \w[\w-]*){0,3})"
    r"|\bwie viele (?P<viele>\w[\w-]*)|\b(?:die )?anzahl (?:der|von) (?P<anzahl>\w[\w-]*)"
    r"|\bcombien d(?:e |')(?P<combien>\w[\w-]*)",
    re.I,
)
_NOT_COUNTED = re.compile(
    r" (?:is|are|was|were|do|does|did|has|have|had|can|could|may|must|should|will|would|in|on|of|for|from|per|with"
    r"|there|to|at|by|that|which)\b.*",
    re.I | re.S,
)
_NUMBER = re.compile(r"(?<![\w.,:/-])[~≈]?[$€£]?\d[\d.,]*\+?(?![\w/:-]|[.,]\d)")
"""A number by itself: no part of a date, a time or an identifier."""
_STATED = re.compile(rf"{_NUMBER.pattern}(?P<what>(?: [^\W\d_][\w-]*){{1,3}})")


_FIELDS = re.compile(r"^[\w ()/%.-]{1,40}: [^;\n]*; [\w ()/%.-]{1,40}: ")
"""A line of a data file as its extractor writes it out: "code: E02; meaning: …"."""


def only_listed(question: str, quoted: Sequence[str], language: str = "en") -> bool:
    """Whether the question counts, and most of what would be quoted are rows that state no such number."""
    if (counted := _counted(question, language)) is None:
        return False
    whole = asked(question, language)
    bare = sum(_lists(unit, counted, whole, language) for unit in quoted)
    return bare * 2 > len(quoted)


def _counted(question: str, language: str) -> frozenset[str] | None:
    """The terms of what is to be counted; None when the question does not count."""
    match = _COUNTS.search(question)
    if match is None:
        return None
    words = next(group for group in match.groups() if group)
    return terms(_NOT_COUNTED.sub("", words), language)


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
