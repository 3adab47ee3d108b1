"""What a server packs is unpacked piece by piece, whatever it holds."""

import gzip
import zlib
from collections.abc import Iterator

import pytest

from ingest.fetching.unpacking import PIECE, unpacked

WORDS = bytes(range(256)) * 2_000


def cut(data: bytes, size: int = 1_000) -> Iterator[bytes]:
    return (data[start : start + size] for start in range(0, len(data), size))


def bare(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("", WORDS),
        ("gzip", gzip.compress(WORDS)),
        ("deflate", zlib.compress(WORDS)),
        ("deflate", bare(WORDS)),
    ],
)
def test_what_was_sent_comes_out(encoding: str, body: bytes) -> None:
    assert b"".join(unpacked(cut(body), encoding)) == WORDS


def test_no_piece_is_larger_than_its_bound() -> None:
    bomb = gzip.compress(b"\0" * 20_000_000)
    sizes = [len(piece) for piece in unpacked(iter([bomb]), "gzip")]
    assert sum(sizes) == 20_000_000
    assert max(sizes) <= PIECE


@pytest.mark.parametrize(("encoding", "body"), [("br", b"x"), ("gzip", b"no gzip at all")])
def test_anything_else_is_refused(encoding: str, body: bytes) -> None:
    with pytest.raises(ValueError, match="it is"):
        list(unpacked(cut(body), encoding))
