"""A message parsed in spite of what is broken in it: lines that got into the header, boundaries that nobody declared.

The parser of the standard library never gives up, but it takes all that follows a broken line of the header for text,
and a multipart without the boundary that it names for a text too. Both are mended and parsed again.
"""

import re
from email import message_from_bytes
from email.message import Message
from email.policy import compat32
from typing import Final

from ingest.extract.charset import wide_encoding
from ingest.extract.mail.parsing.content import raw_bytes
from ragchat.errors import DocumentFailed

_FIELD: Final = re.compile(rb"[!-9;-~]+[ \t]*:|>?From ")
_BLANK: Final = re.compile(rb"[ \t]*\r?\n?")
_BOUNDARY: Final = re.compile(
    rb"^--([^\s\"](?:[^\r\n\"]{0,199}[^\s\"])?)[ \t]*\r?\n(?=(?:Content|X|MIME)-)", re.I | re.M
)
_LONGEST_HEADER: Final = 1_000_000


def parsed(data: bytes) -> Message:
    """DocumentFailed damaged for parts inside each other without end."""
    try:
        return _with_boundaries(message_from_bytes(_with_whole_header(_without_mark(data)), policy=compat32))
    except RecursionError as error:
        raise DocumentFailed(
            "is damaged: its parts lie inside each other without end.",
            hint="Save the message again from the program that shows it.",
            code="damaged",
        ) from error


def _without_mark(data: bytes) -> bytes:
    """Without a byte order mark and blank lines at the start; text of two bytes a letter as UTF-8."""
    wide = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else wide_encoding(data[:4096])
    if wide:
        data = data.decode(wide, "replace").encode("utf-8", "replace")
    return data.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n")


def _with_whole_header(data: bytes) -> bytes:
    """A line of the header that is no field continues the one above it, as long as fields follow before the gap."""
    lines = data[:_LONGEST_HEADER].split(b"\n")
    end = next((number for number, line in enumerate(lines) if _BLANK.fullmatch(line)), len(lines))
    fields = [number for number in range(end) if _FIELD.match(lines[number])]
    if not fields or fields[0] != 0:
        return data
    broken = [
        number
        for number in range(fields[-1])
        if lines[number][:1] not in (b" ", b"\t") and not _FIELD.match(lines[number])
    ]
    if not broken or not _names_content(lines[broken[0] : end]):
        return data
    for number in broken:
        lines[number] = b" " + lines[number]
    return b"\n".join(lines) + data[_LONGEST_HEADER:]


def _names_content(lines: list[bytes]) -> bool:
    """Whether fields of a message come: a text may begin with "Note: ..." right below a header."""
    known = (
        b"content-",
        b"mime-version",
        b"subject:",
        b"from:",
        b"to:",
        b"date:",
        b"message-id:",
        b"received:",
    )
    return any(line.lower().startswith(known) for line in lines)


def _with_boundaries(message: Message) -> Message:
    """A multipart whose boundary is not declared, or never comes, is parsed by the first line that looks like one."""
    for part in message.walk():
        if part.get_content_maintype() != "multipart" or part.is_multipart():
            continue
        raw = raw_bytes(part)
        match = _BOUNDARY.search(raw)
        if match is None:
            part.replace_header("Content-Type", "text/plain")
            continue
        header = b'Content-Type: multipart/mixed; boundary="' + match[1] + b'"\n\n'
        inner = message_from_bytes(header + raw, policy=compat32)
        if inner.is_multipart():
            subtype = part.get_content_subtype()
            part.replace_header("Content-Type", f"multipart/{subtype}")
            part.set_payload(inner.get_payload())
        else:
            part.replace_header("Content-Type", "text/plain")
    return message
