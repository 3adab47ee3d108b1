"""Which units of a document may be quoted: not headings, headers without a row, labels, questions or page furniture.

Units are what ragchat.language.sentences gives. A unit that may not be quoted can still be shown beside one that may:
a header above its row, a lead-in above its item.
"""

import re
from collections.abc import Sequence
from typing import Literal

FEWEST_WORDS = 4
"""A shorter unit says nothing by itself ("7.3 Battery", "T3", "Yes."), unless it is a row or an item of a list."""
CASELESS_WORD = 3
"""Characters that count as a word in scripts written without spaces."""

_ITEM = re.compile(r"(?:[-*+•‣▪◦·–—]|\(?\d{1,3}[.)]|\(?[a-z]\))\s")
_NUMBERED = re.compile(r"\(?(?:\d{1,3}|[a-z])[.)]\s")
_RULED = re.compile(r"\n[|\s:+=-]+$")
_QUESTION = re.compile(r"[?？][\"'”’»)\]*_]*$")
_MARKS = re.compile(r"[#*_`|\s]+")
_LINK = re.compile(r"(?<=\])\([^()\s]*\)")
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_LABEL = re.compile(r"(?P<mark>\*\*|__|\*|_)[^*_]{1,60}(?P=mark)[.:]?")
_PAGE = re.compile(
    r"^(?:page|seite|p\.) \d+\b|©|\ball rights reserved\b|^\*?(?:last (?:updated|changed)|version)\b", re.I
)
_SPEAKER = re.compile(r"(?:\*\*|__)?(?P<who>[^\W\d_][\w .'-]{0,24}):(?:\*\*|__)?\s")
_ASKER = re.compile(
    r"(?:customer|client|user|caller|reporter|requester|question|q|asked|kunde|kundin|frage|anrufer|client|utilisateur)"
    r"(?: \w{1,20})?",
    re.I,
)
_BYLINE = re.compile(r"(?P<mark>[*_])[^*_\n]+ [·•|] [^*_\n]+(?P=mark)")
_FIELDS = re.compile(r"^[\w ()/%.-]{1,40}: [^;\n]*; [\w ()/%.-]{1,40}: ")


def is_row(unit: str) -> bool:
    """Whether the unit is a row of a table, as ragchat.language.sentences sees it."""
    return unit.startswith("|") or (" | " in unit and "\n" not in unit.strip()) or has_rule(unit)


def has_rule(unit: str) -> bool:
    """Whether the unit is a header with the rule below it."""
    return " | " in unit and _RULED.search(unit) is not None


def is_record(unit: str) -> bool:
    """Whether the unit is a line of a data file written out: "code: E02; meaning: …"."""
    return _FIELDS.match(unit) is not None


def is_item(unit: str) -> bool:
    """Whether the unit is an item of a list."""
    return _ITEM.match(unit) is not None


def is_step(unit: str) -> bool:
    """Whether the unit is an item of a numbered list."""
    return _NUMBERED.match(unit) is not None


def is_question(unit: str) -> bool:
    """Whether the unit only asks: a question is never the answer, what follows it may be."""
    return _QUESTION.search(unit) is not None


def speaker(unit: str) -> Literal["asker", "other"] | None:
    """Who a unit that opens with a name and a colon lets speak: one who asks ("Customer: …") or another; else None."""
    found = _SPEAKER.match(unit)
    if found is None:
        return None
    return "asker" if _ASKER.fullmatch(found["who"]) else "other"


def is_byline(unit: str) -> bool:
    """Whether the unit is a line about the document itself, as set under a title: *Version 2 · May 2026*."""
    return _BYLINE.fullmatch(unit) is not None


def quotable(unit: str, headings: Sequence[str] = ()) -> bool:
    """Whether the unit says something by itself. `headings` are those that it stands under."""
    plain = _LINK.sub("", unit)
    if not any(c.isalnum() for c in plain) or unit.startswith("#") or has_rule(unit) or is_question(unit):
        return False
    if _LABEL.fullmatch(plain) or _PAGE.search(plain) or _bare(plain) in {_bare(one) for one in headings}:
        return False
    if is_row(unit):
        return sum(any(c.isalnum() for c in cell) for cell in unit.split("|")) > 1
    return is_record(unit) or _words(plain) >= (FEWEST_WORDS - 1 if is_item(unit) else FEWEST_WORDS)


def _bare(unit: str) -> str:
    return _MARKS.sub(" ", unit).strip(" .:").casefold()


def _words(unit: str) -> int:
    spaced = [word for word in unit.split() if any(c.isalnum() for c in word)]
    return len(spaced) + len(_UNSPACED.findall(unit)) // CASELESS_WORD
