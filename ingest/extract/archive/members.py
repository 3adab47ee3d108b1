"""The files inside an archive, one at a time: zip, tar, and what gzip, bzip2 or xz packed. Bombs are refused before
they unpack: every read is bounded, and so is their sum.
"""

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import IO, Final

from ingest.extract.package import check_package, damaged
from ragchat.errors import DocumentFailed

LARGEST: Final = 64 * 1024 * 1024
"""Bytes of one file inside."""
MOST_BYTES: Final = 400 * 1024 * 1024
"""Bytes of all of them."""
_TAR_NAMES: Final = (".tar", ".tgz", ".tbz2", ".txz", ".tar.gz", ".tar.bz2", ".tar.xz")


def members(data: bytes, name: str) -> Iterator[tuple[str, bytes]]:
    """Path inside and content of each file. DocumentFailed damaged, encrypted, too_large (a bomb)."""
    try:
        if data.startswith(b"PK"):
            yield from _of_zip(data)
        else:
            yield from _of_others(data, name)
    except (
        zipfile.BadZipFile,
        tarfile.TarError,
        zlib.error,
        lzma.LZMAError,
        EOFError,
        OSError,
        ValueError,
    ) as error:
        raise damaged("the archive is cut off or broken") from error


def _of_zip(data: bytes) -> Iterator[tuple[str, bytes]]:
    check_package(data)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for member in archive.infolist():
            if not member.is_dir() and member.file_size <= LARGEST:
                with archive.open(member) as file:
                    yield member.filename, _read(file, LARGEST)


def _of_others(data: bytes, name: str) -> Iterator[tuple[str, bytes]]:
    content = _unpacked(data)
    if content[257:262] == b"ustar" or name.lower().endswith(_TAR_NAMES):
        left = MOST_BYTES
        with tarfile.open(fileobj=io.BytesIO(content), mode="r:") as archive:
            for member in archive:
                file = archive.extractfile(member) if member.isfile() and member.size <= LARGEST else None
                if file is not None:
                    found = _read(file, min(LARGEST, left))
                    left -= len(found)
                    yield member.name, found
    else:
        yield PurePosixPath(name.replace("\\", "/")).stem or "file", content


def _unpacked(data: bytes) -> bytes:
    """What one of the three packers packed; the bytes themselves where none did."""
    openers = ((b"\x1f\x8b", gzip.open), (b"BZh", bz2.open), (b"\xfd7zXZ\0", lzma.open))
    for mark, opener in openers:
        if data.startswith(mark):
            with opener(io.BytesIO(data)) as file:
                return _read(file, MOST_BYTES)
    return data


def _read(
    file: "IO[bytes] | zipfile.ZipExtFile | gzip.GzipFile | bz2.BZ2File | lzma.LZMAFile", most: int
) -> bytes:
    content = file.read(most + 1)
    if len(content) > most:
        raise DocumentFailed(
            "unpacks to far more than a document holds.",
            hint="It may be a bomb; unpack it yourself and ingest the folder.",
            code="too_large",
        )
    return content
