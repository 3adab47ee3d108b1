"""The bytes and characters of a part, in spite of what programs do to both.

A base64 body to which a mailing list added its footer in the clear keeps both; a declared charset is believed where the
bytes bear it out; 7-bit charsets (ISO-2022-JP, UTF-7) are taken at their word, as they look like ASCII.
"""

import base64
import binascii
import quopri
import re
from email.message import Message
from typing import Final

from ingest.extract.charset import decode, python_codec
from ingest.extract.html import declared_charset

_ENCODING: Final = "Content-Transfer-Encoding"
_BASE64_LINE: Final = re.compile(rb"[A-Za-z0-9+/]*={0,2}\s*")
_BASE64_CHUNK: Final = re.compile(rb"[A-Za-z0-9+/]+")
_SEVEN_BITS: Final = re.compile(r"(?:csiso)?-?(?:iso-?)?2022-?(?:jp|kr|cn)|utf-?7|hz(?:-gb-?2312)?", re.I)
_ASCII: Final = frozenset({"", "us-ascii", "ascii", "unknown-8bit", "x-unknown", "default"})
_QUOTED_BEYOND_ASCII: Final = re.compile(rb"=[C-F][0-9A-F]=[89AB][0-9A-F]")


def part_bytes(part: Message) -> bytes:
    """What the part holds, without its transfer encoding; b"" for one that holds parts."""
    if part.is_multipart():
        return b""
    raw = raw_bytes(part)
    encoding = re.sub(r"[^a-z0-9]", "", str(part.get(_ENCODING, "")).lower())
    if encoding == "base64":
        return from_base64(raw, keep_rest=part.get_content_maintype() == "text")
    if encoding == "quotedprintable":
        return quopri.decodestring(raw)
    if "uu" in encoding:
        content = part.get_payload(decode=True)
        return content if isinstance(content, bytes) else raw
    if not encoding and len(_QUOTED_BEYOND_ASCII.findall(raw)) > 1 and raw.isascii():
        return quopri.decodestring(raw)  # the field that says so was lost
    return raw


def raw_bytes(part: Message) -> bytes:
    """The payload as it stands in the message: the library gives its bytes only where no encoding is named."""
    named = part.get_all(_ENCODING, [])
    del part[_ENCODING]
    content = part.get_payload(decode=True)
    for value in named:
        part[_ENCODING] = value
    return content if isinstance(content, bytes) else b""


def part_text(part: Message) -> str:
    """The characters of a part of text."""
    data = part_bytes(part)
    try:
        charset = part.get_content_charset("")
    except (ValueError, TypeError, LookupError, AttributeError):
        charset = ""
    if part.get_content_subtype() in ("html", "xhtml+xml") and charset in _ASCII:
        charset = declared_charset(data)
    return characters(data, charset)


def characters(data: bytes, charset: str = "") -> str:
    """As `ingest.extract.charset.decode`, for the charsets that only mail knows too."""
    if _SEVEN_BITS.fullmatch(charset):
        for codec in _codecs(charset):
            try:
                return data.decode(codec)
            except (UnicodeDecodeError, LookupError):
                continue
    if not data:
        return ""
    return decode(data, "" if charset.lower() in _ASCII else charset)


def _codecs(charset: str) -> tuple[str, ...]:
    """A charset and what programs write under its name."""
    if "jp" in charset.lower():
        return ("iso2022_jp", "iso2022_jp_2", "iso2022_jp_ext")
    return ("utf-7",) if "7" in charset else (python_codec(charset) or "ascii",)


def from_base64(raw: bytes, *, keep_rest: bool = False) -> bytes:
    """The bytes of base64 lines, padding in their midst included; `keep_rest` keeps the clear lines behind them."""
    lines = raw.split(b"\n")
    stop = next((number for number, line in enumerate(lines) if not _BASE64_LINE.fullmatch(line)), len(lines))
    if not b"".join(lines[:stop]).strip() or not keep_rest:
        stop = len(lines)
    rest = b"\n".join(lines[stop:]).strip()
    inside = b"".join(line.strip() for line in lines[:stop])
    content = b"".join(_decoded(chunk) for chunk in re.split(rb"=+", inside))
    return content + b"\n\n" + rest if rest else content


def _decoded(chunk: bytes) -> bytes:
    letters = b"".join(_BASE64_CHUNK.findall(chunk))
    letters = letters[: len(letters) - (len(letters) % 4 == 1)]
    try:
        return base64.b64decode(letters + b"=" * (-len(letters) % 4))
    except binascii.Error:
        return b""
