"""Number formats: a stored number as Excel shows it, with its currency, unit, percent sign, leading zeros.

Dates are the exception: they are written as 2026-03-01, whatever order of day and month the format has, because
03/04 says nothing without knowing whose file it is. A format that would hide the sign keeps it here.
"""

from decimal import Decimal, InvalidOperation
from typing import Final

from ingest.extract.ooxml.dates import shown_date
from ingest.extract.ooxml.digits import in_digits, plain
from ingest.extract.ooxml.sections import Section, sections_of

BUILTIN: Final = {
    0: "General", 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00", 12: "# ?/?",
    13: "# ??/??", 14: "yyyy-mm-dd", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm", 19: "h:mm:ss", 20: "h:mm",
    21: "h:mm:ss", 22: "yyyy-mm-dd h:mm", 37: "#,##0;(#,##0)", 38: "#,##0;(#,##0)", 39: "#,##0.00;(#,##0.00)",
    40: "#,##0.00;(#,##0.00)", 41: "#,##0", 42: '"$"#,##0', 43: "#,##0.00", 44: '"$"#,##0.00', 45: "mm:ss",
    46: "[h]:mm:ss", 47: "mm:ss.0", 48: "##0.0E+0", 49: "@",
}  # fmt: skip
"""Formats that files name by number only; 27 to 36 and 50 to 58 are dates of East Asia."""
EAST_ASIAN_DATES: Final = frozenset([*range(27, 37), *range(50, 59)])
LONGEST: Final = 255
"""Characters of a format at most."""


def shown_number(value: float, code: str, *, from_1904: bool = False) -> str:
    """A number as its format shows it; as it is, where the format is not understood."""
    sections = sections_of(code[:LONGEST])
    number = Decimal(f"{value:.15g}") if value == value and abs(value) < 1e300 else None
    if number is None:
        return str(value)
    section, signed = _chosen(sections, number)
    if section.has("date"):
        text = shown_date(value, "".join(text for kind, text in section.tokens if kind == "date"), from_1904)
        return plain(number) if text is None else text
    if not section.tokens:
        return ""
    try:
        return in_digits(section, number, signed)
    except (InvalidOperation, ZeroDivisionError):
        return plain(number)


def shown_text(value: str, code: str) -> str:
    """A text as its format shows it: `"No. "@` puts words before it."""
    if "@" not in code:
        return value
    section = sections_of(code[:LONGEST])[-1]
    if not section.has("text"):
        return value
    return "".join(
        value if kind == "text" else text for kind, text in section.tokens if kind in ("text", "literal")
    )


def is_date(code: str) -> bool:
    """Whether a format shows days or times."""
    return sections_of(code[:LONGEST])[0].has("date")


def _chosen(sections: tuple[Section, ...], number: Decimal) -> tuple[Section, bool]:
    """The section for a number, and whether it shows the sign by itself."""
    for section in sections:
        if section.condition is not None and _holds(section.condition, number):
            return section, False
    if any(section.condition is not None for section in sections):
        rest = [section for section in sections if section.condition is None]
        return (rest or list(sections))[0], False
    numeric = [section for section in sections[:3] if not section.has("text")] or [sections[0]]
    if number < 0 and len(numeric) > 1:
        return numeric[1], True
    if number == 0 and len(numeric) > 2:
        return numeric[2], True
    return numeric[0], False


def _holds(condition: tuple[str, Decimal], number: Decimal) -> bool:
    sign, limit = condition
    match sign:
        case "<":
            return number < limit
        case "<=":
            return number <= limit
        case ">":
            return number > limit
        case ">=":
            return number >= limit
        case "<>":
            return number != limit
        case _:
            return number == limit
