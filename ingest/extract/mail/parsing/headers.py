"""The words of a header: encoded words, raw bytes, addresses and dates. Nothing here raises for what it is given."""

import base64
import binascii
import quopri
import re
from datetime import datetime
from email.utils import getaddresses, parsedate_to_datetime
from typing import Final

from ingest.extract.clean import one_line
from ingest.extract.mail.parsing.content import characters

LONGEST: Final = 20_000
"""Code points of a field that are read: more than a hundred addresses."""
MOST_ADDRESSES: Final = 100
"""Addresses of a field that are shown, the others are counted."""
_WORD: Final = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]*)\?=")
_ONLY_BLANKS: Final = re.compile(r"\s+")
_QUOTED_OR_SEMICOLON: Final = re.compile(r'"[^"]{0,300}"|;')
_NOT_BASE64: Final = re.compile(r"[^A-Za-z0-9+/]")


def decoded_words(raw: str) -> str:
    """A field's characters in one line: bytes beyond ASCII by what they look like, encoded words by their charset.

    Neighbouring words of one charset are put together before they are decoded, since many programs cut inside of a
    character.
    """
    raw = readable(raw)
    parts: list[tuple[bytes, str] | str] = []
    position = 0
    for match in _WORD.finditer(raw):
        between = raw[position : match.start()]
        position = match.end()
        charset = match[1].partition("*")[0].lower()
        content = _bytes_of(match[2].lower(), match[3])
        last = parts[-1] if parts else ""
        beside = isinstance(last, tuple) and (not between or _ONLY_BLANKS.fullmatch(between))
        if isinstance(last, tuple) and beside and last[1] == charset:
            parts[-1] = (last[0] + content, charset)
            continue
        if between and not beside:
            parts.append(between)
        parts.append((content, charset))
    parts.append(raw[position:])
    return one_line("".join(part if isinstance(part, str) else characters(*part) for part in parts))


def readable(raw: str) -> str:
    """A field as the parser left it (bytes beyond ASCII as lone surrogates), cut to what is read of it."""
    raw = raw[:LONGEST]
    if raw.isascii():
        return raw
    return characters(raw.encode("utf-8", "surrogateescape")) if _has_bytes(raw) else raw


def _has_bytes(raw: str) -> bool:
    """Whether it holds bytes and no surrogate that stands for nothing."""
    return any("\udc80" <= sign <= "\udcff" for sign in raw) and not any(
        "\ud800" <= sign <= "\udc7f" or "\udd00" <= sign <= "\udfff" for sign in raw
    )


def _bytes_of(encoding: str, text: str) -> bytes:
    if encoding == "q":
        return quopri.decodestring(text.encode("utf-8", "replace"), header=True)
    letters = _NOT_BASE64.sub("", text)
    letters = letters[: len(letters) - (len(letters) % 4 == 1)]
    try:
        return base64.b64decode(letters + "=" * (-len(letters) % 4))
    except binascii.Error:
        return b""


def addresses(raw: str) -> str:
    """ "Ida Berg <ida@halden.example>, bo@halden.example"; what holds no address is shown as it is written."""
    raw = readable(raw)
    try:
        pairs = [pair for pair in getaddresses([_with_commas(raw)]) if pair[1]]
    except (ValueError, IndexError, TypeError, AttributeError, RecursionError):
        pairs = []
    if not pairs or not any("@" in address for _, address in pairs):
        return decoded_words(raw)
    shown = [person(decoded_words(name), one_line(address)) for name, address in pairs]
    more = len(shown) - MOST_ADDRESSES
    return ", ".join(shown[:MOST_ADDRESSES]) + (f" and {more} more" if more > 0 else "")


def _with_commas(raw: str) -> str:
    """Addresses parted by semicolons, as Outlook writes them, by commas: stricter releases of Python's parser find none
    otherwise. Those of a group ("Team: …;") are meant."""
    if ";" not in raw or ":" in raw:
        return raw
    return _QUOTED_OR_SEMICOLON.sub(lambda found: "," if found[0] == ";" else found[0], raw).strip(", ")


def person(name: str, address: str) -> str:
    """A name with its address; one of them where there is no other or the name holds it already."""
    name = one_line(name).strip("'\" ")
    address = one_line(address).strip("<> ")
    if not address or not name or name.lower() == address.lower():
        return address or name
    return name if f"<{address.lower()}>" in name.lower() else f"{name} <{address}>"


def moment_of(date: str) -> datetime | None:
    """The date of a field; None for what is none."""
    try:
        return parsedate_to_datetime(date[:200])
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
