"""Signatures around a text: PGP's lines in the text itself, and S/MIME's container with the message inside of it."""

import re
from typing import Final

_BEGIN: Final = "-----BEGIN PGP SIGNED MESSAGE-----"
_SIGNATURE: Final = "-----BEGIN PGP SIGNATURE-----"
_END: Final = "-----END PGP SIGNATURE-----"
_SIGNED_DATA: Final = bytes.fromhex("06092a864886f70d010702")
_DATA: Final = bytes.fromhex("06092a864886f70d010701")
_OCTETS, _OCTETS_OF_PARTS, _CONTENT = 0x04, 0x24, 0xA0
MOST_PARTS: Final = 100_000
"""Pieces that the inside of a container may be cut into."""


def without_armour(text: str) -> str:
    """A text signed by PGP without the lines of the signature."""
    if _SIGNATURE not in text:
        return text
    kept, position = [], 0
    while (start := text.find(_SIGNATURE, position)) >= 0 and (end := text.find(_END, start)) >= 0:
        kept.append(text[position:start])
        position = end + len(_END)
    text = "".join(kept) + text[position:]
    before, begin, after = text.partition(_BEGIN)
    if not begin:
        return text
    _, _, signed = after.replace("\r\n", "\n").partition("\n\n")
    return before + re.sub(r"^- ", "", signed, flags=re.MULTILINE)


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
