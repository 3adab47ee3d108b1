"""What a cell looks like, without knowing its language: a number, a measure with its unit, a date, a code, words.

Columns are told from their names by this alone: names of columns look different from what stands below them. Every
test is linear in the length of the cell.
"""

import re
from functools import lru_cache
from typing import Final, TypeAlias

Shape: TypeAlias = str
"""NUMBER, YEAR, DATE, CODE, WORDS, EMPTY, or "measure" with its unit ("measure kg")."""
EMPTY: Final = ""
NUMBER: Final = "number"
YEAR: Final = "year"
DATE: Final = "date"
CODE: Final = "code"
WORDS: Final = "words"
MEASURE: Final = "measure "

_LONGEST: Final = 60
"""Characters of a number, a measure or a date at most."""
_AROUND: Final = " \t+-\u2212\u2013()%~<>=\u2264\u2265\u00b1"
_CURRENCY: Final = "$\u20ac\u00a3\u00a5\u20a4\u20b9\u20bd\u20a9\u20ba\u20ab"
_NUMERIC: Final = frozenset("0123456789.,' \u2019\u00a0/:" + _AROUND + _CURRENCY)
_YEAR: Final = re.compile(r"(?:[^\W\d_]{1,4}[ .'/-]?)?(?:19|20)\d\d(?:[/\u2013-]\d{2,4})?(?: ?[^\W\d_])?")
_PERIOD: Final = re.compile(
    r"(?:[QHTS]|KW|CW)[ -]?\d{1,2}(?:[ /'-]?\d{2,4})?|\d{1,2}[QH][ '-]?\d{2,4}", re.IGNORECASE
)
_DATE: Final = re.compile(
    r"(?:\d{4}[-/.]\d{1,2}(?:[-/.]\d{1,2})?|\d{1,2}[-/.]\d{1,2}[-/.](?:\d{2}|\d{4})?)(?:[ T]\d{1,2}:\d{2}(?::\d{2})?)?"
    r"|\d{1,2}:\d{2}(?::\d{2})?"
    r"|(?:\d{1,2}\.? )?[^\W\d_]{3,9}\.?,? (?:\d{1,2}, )?(?:19|20)\d\d|\d{1,2}[ -][^\W\d_]{3,9}\.?(?:[ -]\d{2,4})?"
)
_MEASURE: Final = re.compile(r"(?:([^\W\d_]{1,4}\.?) )?\d[\d.,/' \u2019\u00a0]*([^\d]{0,12})")


@lru_cache(50_000)
def shape_of(text: str) -> Shape:
    """The shape of a cell's text."""
    text = text.strip()
    if not text:
        return EMPTY
    if len(text) > _LONGEST or not any(map(str.isdigit, text)):
        return WORDS
    if _YEAR.fullmatch(text) or _PERIOD.fullmatch(text):
        return YEAR
    if _DATE.fullmatch(text):
        return DATE
    if _NUMERIC.issuperset(text):
        return NUMBER
    if match := _MEASURE.fullmatch(text.strip(_AROUND)):
        before, unit = match[1] or "", match[2].strip(_AROUND)
        if (not before or not unit) and len(unit.split()) <= 2:
            return MEASURE + (before + unit).casefold()
    return CODE if text.count(" ") <= 3 else WORDS


def is_value(shape: Shape) -> bool:
    """Whether it is no name: a number, a measure, a date."""
    return shape in (NUMBER, DATE) or shape.startswith(MEASURE)


def whole_number(text: str) -> int | None:
    """A short whole number without signs."""
    text = text.strip()
    return int(text) if text.isdecimal() and len(text) <= 6 else None
