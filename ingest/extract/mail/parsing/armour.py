"""What is no text though it stands in one: PGP's lines, files in letters (uuencode), S/MIME's container."""

import re
from typing import Final

_BEGIN: Final = "-----BEGIN PGP SIGNED MESSAGE-----"
_ARMOURED: Final = ("SIGNATURE", "MESSAGE", "PUBLIC KEY BLOCK", "PRIVATE KEY BLOCK")
_ENCODED_FILE: Final = re.compile(
    r"^begin [0-7]{3,4} \S[^\n]*\n(?:[M-`][ -`]{60,61}\r?\n)*(?:[!-`][ -`]{0,61}\r?\n){0,2}[`\s]*end[ \t]*\r?$",
    re.MULTILINE,
)
_SIGNED_DATA: Final = bytes.fromhex("06092a864886f70d010702")
_DATA: Final = bytes.fromhex("06092a864886f70d010701")
_OCTETS, _OCTETS_OF_PARTS, _CONTENT = 0x04, 0x24, 0xA0
MOST_PARTS: Final = 100_000
"""Pieces that the inside of a container may be cut into."""


def without_armour(text: str) -> str:
    """A text without signatures, keys and encrypted blocks of PGP and without files in letters."""
    if "\nbegin " in text or text.startswith("begin "):
        text = _ENCODED_FILE.sub("", text)
    if "-----BEGIN PGP " not in text:
        return text
    for label in _ARMOURED:
        text = _cut(text, f"-----BEGIN PGP {label}-----", f"-----END PGP {label}-----")
    before, begin, after = text.partition(_BEGIN)
    if not begin:
        return text
    _, _, signed = after.replace("\r\n", "\n").partition("\n\n")
    return before + re.sub(r"^- ", "", signed, flags=re.MULTILINE)


def _cut(text: str, begin: str, end: str) -> str:
    """Without what stands from one line to the other."""
    kept, position = [], 0
    while (start := text.find(begin, position)) >= 0 and (stop := text.find(end, start)) >= 0:
        kept.append(text[position:start])
        position = stop + len(end)
    return "".join(kept) + text[position:]


def enclosed_of_signed(data: bytes) -> bytes | None:
    """The message inside of signed data (CMS); None for anything else, as what is encrypted."""
    if _SIGNED_DATA not in data[:64]:
        return None
    start = data.find(_DATA, data.find(_SIGNED_DATA), 4096)
    if start < 0:
        return None
    position = start + len(_DATA)
    if data[position : position + 1] != bytes([_CONTENT]):
        return None
    position = _length(data, position + 1)[0]
    return _octets(data, position)


def _octets(data: bytes, position: int) -> bytes | None:
    """The bytes of an octet string, which may be cut into pieces."""
    if position >= len(data) or data[position] not in (_OCTETS, _OCTETS_OF_PARTS):
        return None
    whole = data[position] == _OCTETS
    inside, size = _length(data, position + 1)
    if whole:
        return data[inside : inside + size]
    stop = inside + size if size >= 0 else len(data)
    pieces: list[bytes] = []
    while inside < stop and data[inside] == _OCTETS and len(pieces) < MOST_PARTS:
        begin, length = _length(data, inside + 1)
        if length < 0:
            break
        pieces.append(data[begin : begin + length])
        inside = begin + length
    return b"".join(pieces)


def _length(data: bytes, position: int) -> tuple[int, int]:
    """Where the content of a value starts, and its length; -1 for one that is told by its end."""
    first = data[position] if position < len(data) else 0
    if first < 0x80:
        return position + 1, first
    count = first & 0x7F
    if not count:
        return position + 1, -1
    return position + 1 + count, int.from_bytes(data[position + 1 : position + 1 + count][:8], "big")
