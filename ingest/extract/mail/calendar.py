"""Invitations (iCalendar, RFC 5545) as what a reader wants to know of them: what, when, where, by whom.

Time zones stand as their names; rules of repetition in their main words. Nothing else of a calendar is text.
"""

import re
from collections.abc import Iterator
from typing import Final

from ingest.extract.clean import one_line

MOST_EVENTS: Final = 500
_FOLD: Final = re.compile(r"\r?\n[ \t]")
_FIELD: Final = re.compile(
    r"([A-Za-z-]{1,40})((?:;[^:\"\n]{0,200}(?:\"[^\"\n]{0,200}\"[^:\"\n]{0,200}){0,4})?):(.*)"
)
_MOMENT: Final = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)\d\d(Z?))?")
_ZONE: Final = re.compile(r"TZID=\"?([^;\":]+)")
_NAME: Final = re.compile(r"CN=\"?([^;\":]+)")
_ESCAPED: Final = re.compile(r"\\([nN,;\\])")
_SHOWN: Final = (("LOCATION", "Where"), ("ORGANIZER", "Organizer"), ("RRULE", "Repeats"))

Fields = dict[str, tuple[str, str]]


def events_of(text: str) -> Iterator[str]:
    """Each event of a calendar as lines; of its reminders and zones nothing."""
    method = ""
    event: Fields | None = None
    inside: list[str] = []
    number = 0
    for line in _FOLD.sub("", text).splitlines():
        found = _FIELD.fullmatch(line)
        if found is None:
            continue
        name, parameters, value = found[1].upper(), found[2], found[3]
        if name == "BEGIN":
            inside.append(value.strip().upper())
            event = {} if inside[-1] == "VEVENT" else event
        elif name == "END" and inside:
            if inside.pop() == "VEVENT" and event and number < MOST_EVENTS:
                number += 1
                yield _written(event, cancelled=method == "CANCEL")
        elif name == "METHOD":
            method = value.strip().upper()
        elif event is not None and inside and inside[-1] == "VEVENT":
            event.setdefault(name, (parameters, value))


def _written(event: Fields, *, cancelled: bool) -> str:
    cancelled = cancelled or event.get("STATUS", ("", ""))[1].strip().upper() == "CANCELLED"
    lines = [f"{'Cancelled event' if cancelled else 'Event'}: {_said(event, 'SUMMARY') or 'without a name'}"]
    if when := _when(event):
        lines.append(f"When: {when}")
    lines += [f"{label}: {said}" for name, label in _SHOWN if (said := _said(event, name))]
    described = _unescaped(event.get("DESCRIPTION", ("", ""))[1]).strip()
    return "\n\n".join(filter(None, ["\n".join(lines), described]))


def _said(event: Fields, name: str) -> str:
    parameters, value = event.get(name, ("", ""))
    if name == "ORGANIZER" and (named := _NAME.search(parameters)):
        return one_line(named[1])
    if name == "RRULE":
        return ", ".join(
            part.partition("=")[2].lower() for part in value.split(";") if part.startswith(("FREQ", "BYDAY"))
        )
    return one_line(_unescaped(value).removeprefix("mailto:").removeprefix("MAILTO:"))


def _when(event: Fields) -> str:
    """From its beginning to its end, the day said once."""
    zone = _ZONE.search(event.get("DTSTART", ("", ""))[0])
    start, end = (_MOMENT.fullmatch(event.get(name, ("", ""))[1].strip()) for name in ("DTSTART", "DTEND"))
    if start is None:
        return ""
    said, day = _moment(start), start[0][:8]
    if end is not None and end[4]:
        said += f" to {end[4]}:{end[5]}" if end[0][:8] == day else f" to {_moment(end)}"
    return f"{said} ({'UTC' if start[6] else zone[1] if zone else 'local time'})" if start[4] else said


def _moment(found: re.Match[str]) -> str:
    day = f"{found[1]}-{found[2]}-{found[3]}"
    return f"{day} {found[4]}:{found[5]}" if found[4] else day


def _unescaped(value: str) -> str:
    return _ESCAPED.sub(lambda sign: "\n" if sign[1] in "nN" else sign[1], value)
