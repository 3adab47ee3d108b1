"""Dates and times of sheets: a number of days, written as its format asks for days, months, hours; days as ISO."""

import re
from datetime import datetime, time, timedelta
from typing import Final

_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_FIRST: Final = datetime(1899, 12, 30)
_FIRST_1904: Final = datetime(1904, 1, 1)
MIDNIGHT: Final = time()
LAST_DAY: Final = 2_958_465
"""31 December 9999."""
_UNIT: Final = re.compile(r"\[([hms])+\]|([ymdhspeg])\2*", re.IGNORECASE)


def shown_date(days: float, tokens: str, from_1904: bool) -> str | None:
    """A day, a time of day, both, or hours that ran; None for a number that is no date."""
    units = [match[0].lower() for match in _UNIT.finditer(tokens)]
    if any(unit.startswith("[") for unit in units):
        return _elapsed(days, units)
    if not 0 <= days < LAST_DAY:
        return None
    moment = _moment(days, from_1904)
    names = _told_apart(units)
    return " ".join(filter(None, (_day(moment, names, units), _time(moment, names)))) or None


def _time(moment: datetime, names: set[str]) -> str:
    """The time of day; midnight behind a day is only how a day is stored."""
    if not names & {"h", "M", "s"} or ("d" in names and moment.time() == MIDNIGHT):
        return ""
    return moment.strftime("%H:%M:%S" if "s" in names else "%H:%M")


def _moment(days: float, from_1904: bool) -> datetime:
    """To the nearest second; the day that 1900 did not have shifts what stands before it."""
    first = _FIRST_1904 if from_1904 else _FIRST
    if not from_1904 and days < 60:
        days += 1
    return first + timedelta(days=int(days), seconds=round((days - int(days)) * 86_400))


def _told_apart(units: list[str]) -> set[str]:
    """Units by their letter, "M" for minutes: an m behind hours or before seconds."""
    names: set[str] = set()
    for place, unit in enumerate(units):
        letter = unit[0]
        if letter == "m" and len(unit) < 3:
            before = next((other[0] for other in reversed(units[:place]) if other[0] != "p"), "")
            after = units[place + 1][0] if place + 1 < len(units) else ""
            letter = "M" if before == "h" or after == "s" else "m"
        names.add(letter)
    return names


def _day(moment: datetime, names: set[str], units: list[str]) -> str:
    if "d" in names:
        return moment.date().isoformat()
    if "m" in names:
        named = any(unit.startswith("mmm") for unit in units)
        return f"{_MONTHS[moment.month - 1]} {moment.year}" if named else f"{moment:%Y-%m}"
    return str(moment.year) if names & {"y", "e"} else ""


def _elapsed(days: float, units: list[str]) -> str:
    """Hours, minutes or seconds that go on counting: 26:30 for a day and two and a half hours."""
    sign, seconds = ("-" if days < 0 else ""), round(abs(days) * 86_400)
    first = next(unit for unit in units if unit.startswith("["))
    if first.startswith("[s"):
        return f"{sign}{seconds}"
    minutes, rest = divmod(seconds, 60)
    with_seconds = units[-1].startswith("s")
    if first.startswith("[m"):
        return f"{sign}{minutes}:{rest:02d}" if with_seconds else f"{sign}{minutes}"
    hours, minutes = divmod(minutes, 60)
    if len(units) == 1:
        return f"{sign}{hours}"
    return f"{sign}{hours}:{minutes:02d}:{rest:02d}" if with_seconds else f"{sign}{hours}:{minutes:02d}"
