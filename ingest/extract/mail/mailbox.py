"""A file of many messages (mbox): each begins with a postmark, "From ida@halden.example Tue Mar 03 09:12:00 2026".

A line of a text that looks like one is quoted with ">" by who wrote the file; the sign goes again. Nothing else counts
as a postmark but a line with a time and a year, or any "From " where the first of the file has none, behind a blank
line and before a field of a header. Linear.
"""

import re
from collections.abc import Iterator
from typing import Final

_LINE: Final = re.compile(rb"^From [^\r\n]*", re.MULTILINE)
_DATED: Final = re.compile(
    rb"From .{0,300}\d{1,2}:\d\d.{0,60}\b\d{4}\b|From .{0,300}\b\d{4}\b.{0,60}\d{1,2}:\d\d"
)
_FIELD: Final = re.compile(rb"\r?\n(?:>?From [^\r\n]*\r?\n)?[!-9;-~]+[ \t]*:")
_QUOTED: Final = re.compile(rb"^>(>*From )", re.MULTILINE)


def starts_as_mailbox(data: bytes) -> bool:
    """Whether the first line is a postmark and the second a field."""
    data = data[:8192].lstrip(b"\xef\xbb\xbf\r\n")
    match = _LINE.match(data)
    return match is not None and _FIELD.match(data, match.end()) is not None


def messages_of(data: bytes) -> Iterator[bytes]:
    """The messages in file order without their postmarks; a file without any is one message."""
    marks = _postmarks(data)
    if not marks:
        yield data
        return
    if data[: marks[0][0]].strip(b"\xef\xbb\xbf\r\n\t "):
        yield data[: marks[0][0]]
    stops = [start for start, _ in marks[1:]] + [len(data)]
    for (_, start), stop in zip(marks, stops, strict=True):
        yield _QUOTED.sub(rb"\1", data[start:stop].lstrip(b"\r\n"))


def _postmarks(data: bytes) -> list[tuple[int, int]]:
    """Where each postmark starts and ends."""
    marks: list[tuple[int, int]] = []
    first = next(_LINE.finditer(data), None)
    dated = first is not None and _DATED.match(first[0]) is not None
    for match in _LINE.finditer(data):
        if _FIELD.match(data, match.end()) is None or (dated and not _DATED.match(match[0])):
            continue
        if dated or _behind_a_gap(data, match.start()):
            marks.append(match.span())
    return marks


def _behind_a_gap(data: bytes, start: int) -> bool:
    before = data[max(start - 4, 0) : start]
    return not before.strip(b"\xef\xbb\xbf\r\n") or before.endswith((b"\n\n", b"\n\r\n"))
