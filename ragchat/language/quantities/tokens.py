"""A text cut into what figures are made of: numbers, dates, times, identifiers, words and signs, in order.

The forms here are the same in every language but for one: where numbers are grouped by blanks, three digits after a
blank belong to the number before it.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Final, Literal, NamedTuple, TypeAlias, cast

TokenKind: TypeAlias = Literal["iso", "years", "day", "clock", "name", "number", "word", "sign"]


class Token(NamedTuple):
    """`[start, end)` of a text; `years` is a range of years as in 2018–19, `day` a date in digits."""

    kind: TokenKind
    text: str
    start: int
    end: int

    @property
    def word(self) -> str:
        """As it stands in a table."""
        return self.text.lower().replace("’", "'").rstrip(".")


_MINUS: Final = r"(?:(?<![^\s(\[])[-−])?"
_HARD: Final = r"[\u00a0\u2009\u202f]"
_GROUPED: Final = rf"{_MINUS}\d{{1,3}}(?:%s\d{{3}})+(?!\d)(?:[.,]\d+)?"
_FORMS: Final = (
    ("iso", r"(?<![\w-])\d{4}-\d{2}-\d{2}(?!\d|-\d)"),
    ("years", r"(?<!\w)(?:1\d|20)\d\d[–-]\d\d(?![\w-])"),
    (
        "day",
        r"(?<![\w./])(?:\d{1,2}\.\d{1,2}\.\d{4}|\d\d\.\d\d\.\d\d)(?!\w|\.\d)|(?<![\w./])\d{1,2}/\d{1,2}/\d{4}(?![\w/])",
    ),
    ("clock", r"(?<![\w.:])\d{1,2}(?::\d{2}(?::\d{2})?|h\d{2})(?![\w:])"),
    (
        "name",
        r"(?<!\w)(?:[^\W\d_]+\d|[^\W\d_a-zß-ÿ][^\W\d_]*-\d)\w*(?:[-.]\d\w*)*|(?<![\w.,])\d+[^\W\d_]+\d\w*",
    ),
)
_NUMBER: Final = rf"{_MINUS}\d+(?:[.,'’]\d+)*"
_WORDS: Final = (
    ("word", r"[^\W\d_](?:\.[^\W\d_])+\.?|[^\W\d_]+(?:['’][^\W\d_]+)*"),
    ("sign", r"°[CF]?(?!\w)|(?:[A-Z]{1,2})?\$|[%€£¥–—-]"),
)


def tokens_of(text: str, *, blanks_group: bool) -> Iterator[Token]:
    """The tokens of a text; `blanks_group` where 20 000 is one number."""
    for match in _pattern(blanks_group).finditer(text):
        yield Token(cast(TokenKind, match.lastgroup), match.group(), match.start(), match.end())


@cache
def _pattern(blanks_group: bool) -> re.Pattern[str]:
    blank = r"[ \u00a0\u2009\u202f]" if blanks_group else _HARD
    forms = (*_FORMS, ("number", f"{_GROUPED % blank}|{_NUMBER}"), *_WORDS)
    return re.compile("|".join(f"(?P<{kind}>{form})" for kind, form in forms))
