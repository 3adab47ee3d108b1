"""Bodies as they are sent, unpacked in bounded pieces: a few kilobytes of gzip may hold gigabytes."""

import zlib
from collections.abc import Iterator
from typing import Final

PIECE: Final = 65_536
ACCEPTED: Final = "gzip, deflate"
_FORMS: Final = {"gzip": zlib.MAX_WBITS | 16, "x-gzip": zlib.MAX_WBITS | 16, "deflate": zlib.MAX_WBITS}


def unpacked(pieces: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    """A body by its Content-Encoding, in pieces of PIECE bytes at most. Raises ValueError for what is no such body."""
    form = encoding.strip().lower()
    if form in ("", "identity"):
        yield from pieces
        return
    if form not in _FORMS:
        raise ValueError(f"it is packed in a way that was not asked for ({encoding[:40]})")
    decoder, begun = zlib.decompressobj(_FORMS[form]), False
    for piece in pieces:
        rest = piece
        while rest:
            try:
                found = decoder.decompress(rest, PIECE)
            except zlib.error as error:
                if begun or form != "deflate":
                    raise ValueError(f"it is damaged ({error})") from error
                decoder = zlib.decompressobj(-zlib.MAX_WBITS)  # without the head that RFC 9110 asks for
                begun = True
                continue
            begun, rest = True, decoder.unconsumed_tail
            if found:
                yield found
    while found := decoder.decompress(decoder.unconsumed_tail, PIECE):
        yield found
