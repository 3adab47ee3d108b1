"""Outlook's own format (MS-OXMSG): an OLE container whose streams are the properties of one message.

A stream is named by its property and its type, "__substg1.0_0037001F" is the subject in UTF-16. Properties of a fixed
size (dates, numbers) share one stream. The fields of the header that the message travelled with are believed first,
since they hold the addresses; a message inside of it is a storage with the same streams.
"""

import io
import struct
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Final

import olefile

from ingest.extract.html import declared_charset
from ingest.extract.mail.letter import MOST_ENCLOSED, Body, Letter
from ingest.extract.mail.parsing.content import characters
from ingest.extract.mail.parsing.headers import decoded_words, person
from ingest.extract.mail.parsing.parts import chosen, letter_of
from ragchat.errors import DocumentFailed

Path = tuple[str, ...]

_STREAM: Final = "__substg1.0_"
_NUMBERS: Final = "__properties_version1.0"
_ATTACHMENT: Final = "__attach_version1.0_"
_RECIPIENT: Final = "__recip_version1.0_"
_TEXT, _OLD_TEXT, _BYTES, _STORAGE = "001F", "001E", "0102", "000D"
_SUBJECT, _BODY, _HTML, _HEADERS, _CLASS = "0037", "1000", "1013", "007D", "001A"
_SENDER_NAMES: Final = ("0C1A", "0042")
_SENDER_ADDRESSES: Final = ("5D01", "5D02", "0C1F", "0065")
_TO, _COPIED = "0E04", "0E03"
_NAME, _ADDRESSES = "3001", ("39FE", "3003")
_FILE_NAMES: Final = ("3707", "3704", "3001")
_CONTENT, _CONTENT_ID, _MEDIA_TYPE = "3701", "3712", "370E"
_RICH: Final = "1009"
_NAMED: Final = {
    65001: "utf-8", 20127: "", 20866: "koi8-r", 21866: "koi8-u", 50220: "iso-2022-jp", 51932: "euc-jp", 51949: "euc-kr",
    54936: "gb18030", **{28590 + number: f"iso8859-{number}" for number in (*range(1, 10), 13, 15)},
}  # fmt: skip
"""Code pages of Windows that Python knows under another name."""
_CODE_PAGES: Final = (0x3FFD, 0x3FDE)
_DATES: Final = (0x0039, 0x0E06, 0x3007)
_RECIPIENT_TYPE, _HIDDEN = 0x0C15, 0x7FFE
_EPOCH: Final = datetime(1601, 1, 1, tzinfo=UTC)
MOST_PARTS: Final = 2000
"""Recipients and attachments of a message that are looked at."""
_NOISE: Final = (".p7s", ".ics", "winmail.dat")


@dataclass(slots=True)
class _Container:
    """An open file and the paths of its streams by their names in capitals, which is how they are compared."""

    file: "olefile.OleFileIO"
    streams: dict[Path, list[str]] = field(default_factory=dict)

    def holds(self, path: Path) -> bool:
        return tuple(part.upper() for part in path) in self.streams

    def read(self, path: Path) -> bytes:
        """A stream's bytes; b"" where there is none or it is cut off."""
        found = self.streams.get(tuple(part.upper() for part in path))
        if found is None:
            return b""
        try:
            return bytes(self.file.openstream(found).read())
        except (OSError, IndexError, struct.error):
            return b""

    def below(self, path: Path, start: str) -> list[str]:
        """The storages with such a name in a storage, in the order of their numbers."""
        upper, start = tuple(part.upper() for part in path), start.upper()
        depth = len(upper)
        names = {one[depth] for one in self.streams if len(one) > depth + 1 and one[:depth] == upper}
        return sorted(name for name in names if name.startswith(start))[:MOST_PARTS]


@dataclass(slots=True)
class _Properties:
    """The properties of a message, a recipient or an attachment; `reserved` bytes precede those of a fixed size."""

    container: _Container
    path: Path
    reserved: int
    code_page: str = ""
    numbers: dict[int, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        data = self.container.read((*self.path, _NUMBERS))
        for start in range(self.reserved, len(data) - 15, 16):
            self.numbers[int.from_bytes(data[start + 2 : start + 4], "little")] = data[start + 8 : start + 16]
        for key in _CODE_PAGES:
            if not self.code_page and (page := self.number(key)):
                self.code_page = _NAMED.get(page, f"cp{page}")

    def number(self, key: int) -> int:
        """A number of 32 bits; 0 for none."""
        return int.from_bytes(self.numbers.get(key, b"")[:4], "little")

    def text(self, *keys: str) -> str:
        """The first of the properties that holds characters."""
        for key in keys:
            wide = self.container.read((*self.path, f"{_STREAM}{key}{_TEXT}"))
            if text := wide.decode("utf-16-le", "replace").strip("\0 \r\n"):
                return text
            if text := characters(self.data(key, _OLD_TEXT), self.code_page).strip("\0 \r\n"):
                return text
        return ""

    def data(self, key: str, kind: str = _BYTES) -> bytes:
        return self.container.read((*self.path, f"{_STREAM}{key}{kind}"))


def letter_of_outlook(data: bytes) -> Letter:
    """A message from its container; DocumentFailed damaged for one that is cut off or holds no message."""
    try:
        file = olefile.OleFileIO(io.BytesIO(data))
        paths = file.listdir()
    except (OSError, IndexError, struct.error, ValueError, RecursionError) as error:
        raise _damaged("its container is cut off or broken") from error
    with file:
        container = _Container(file, {tuple(part.upper() for part in path): path for path in paths})
        if not any(path[0].startswith(_STREAM.upper()) for path in container.streams):
            raise _damaged("its container holds no message")
        return _letter(container, (), 32, 0)


def _damaged(what: str) -> DocumentFailed:
    return DocumentFailed(f"is damaged: {what}.", hint="Save the message in Outlook again.", code="damaged")


def _letter(container: _Container, path: Path, reserved: int, depth: int) -> Letter:
    message = _Properties(container, path, reserved)
    travelled = letter_of(_header_alone(message.text(_HEADERS)).encode("utf-8", "replace"))
    moment = _moment(message)
    to, copied = _recipients(message)
    letter = Letter(
        subject=decoded_words(message.text(_SUBJECT)) or travelled.subject,
        sender=travelled.sender or _sender(message),
        to=travelled.to or to,
        copied=travelled.copied or copied,
        date=travelled.date or (format_datetime(moment) if moment else ""),
        moment=travelled.moment or (moment.isoformat() if moment else ""),
        bodies=_bodies(message),
    )
    for name in container.below(path, _ATTACHMENT):
        _attach(letter, _Properties(container, (*path, name), 8, message.code_page), message, depth)
    if not letter.bodies and message.data(_RICH):
        letter.notes.append("the body is in rich text only and was not read")
    return letter


def _header_alone(header: str) -> str:
    """The fields without those that describe parts: the parts are not there."""
    lines = header.replace("\r\n", "\n").split("\n")
    if lines and lines[0].lower().startswith("microsoft mail internet headers"):
        lines = lines[1:]
    return "\n".join(line for line in lines if not line.lower().startswith(("content-", "mime-"))).strip()


def _moment(message: _Properties) -> datetime | None:
    for key in _DATES:
        ticks = int.from_bytes(message.numbers.get(key, b""), "little")
        if 0 < ticks < 0x7FFF_FFFF_FFFF_FFFF:
            try:
                return (_EPOCH + timedelta(microseconds=ticks // 10)).replace(microsecond=0)
            except OverflowError:
                continue
    return None


def _sender(message: _Properties) -> str:
    addresses = [message.text(key) for key in _SENDER_ADDRESSES]
    return person(message.text(*_SENDER_NAMES), next((one for one in addresses if "@" in one), ""))


def _recipients(message: _Properties) -> tuple[str, str]:
    """To whom and to whom else; a recipient of no known type is sought in the line that Outlook shows."""
    shown_to, shown_copied = message.text(_TO), message.text(_COPIED)
    to: list[str] = []
    copied: list[str] = []
    for name in message.container.below(message.path, _RECIPIENT):
        recipient = _Properties(message.container, (*message.path, name), 8, message.code_page)
        label = recipient.text(_NAME)
        address = next((one for key in _ADDRESSES if "@" in (one := recipient.text(key))), "")
        named = person(label, address)
        kind = recipient.number(_RECIPIENT_TYPE) & 0xF or (2 if label and label in shown_copied else 1)
        if named and kind in (1, 2):
            (to if kind == 1 else copied).append(named)
    return ", ".join(to) or shown_to.replace(";", ","), ", ".join(copied) or shown_copied.replace(";", ",")


def _bodies(message: _Properties) -> list[Body]:
    plain = message.text(_BODY)
    page = message.data(_HTML)
    shown = characters(page, declared_charset(page) or message.code_page) if page else message.text(_HTML)
    return chosen(
        [
            [Body(plain)] if plain.strip() else [],
            [Body(shown.strip("\0"), html=True)] if shown.strip("\0 \r\n") else [],
        ]
    )


def _attach(letter: Letter, part: _Properties, message: _Properties, depth: int) -> None:
    """A file, a message inside, or the whole of a signed message."""
    name = part.text(*_FILE_NAMES)
    inside = (*part.path, f"{_STREAM}{_CONTENT}{_STORAGE}")
    if part.container.holds((*inside, _NUMBERS)):
        if depth < MOST_ENCLOSED:
            letter.enclosed.append(_letter(part.container, inside, 24, depth + 1))
        else:
            letter.notes.append("messages that lie too deep inside each other were not read")
        return
    content = part.data(_CONTENT)
    kind = part.text(_MEDIA_TYPE).lower()
    if "smime" in message.text(_CLASS).lower() and not letter.bodies:
        header = f"Content-Type: {kind}\nContent-Transfer-Encoding: 8bit\n\n".encode("ascii", "replace")
        opaque = kind.endswith("pkcs7-mime") and not content.lstrip()[:8].lower().startswith(b"content-")
        signed = letter_of((header if opaque else b"") + content, depth + 1)
        letter.bodies, letter.notes = signed.bodies, letter.notes + signed.notes
        letter.attached += signed.attached
        letter.enclosed += signed.enclosed
        return
    page = next((body.text for body in letter.bodies if body.html), "")
    shown_inside = part.text(_CONTENT_ID) and (
        kind.startswith("image/") or part.number(_HIDDEN) & 1 or f"cid:{part.text(_CONTENT_ID)}" in page
    )
    if content and not shown_inside and not part.number(_HIDDEN) & 1 and not name.lower().endswith(_NOISE):
        letter.attached.append((name or kind or "application/octet-stream", content))
