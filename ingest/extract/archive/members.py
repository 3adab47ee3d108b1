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

from ingest.extract.package import MAX_ENTRIES, damaged
from ragchat.errors import DocumentFailed

LARGEST: Final = 64 * 1024 * 1024
"""Bytes of one file inside."""
MOST_BYTES: Final = 400 * 1024 * 1024
"""Bytes of all of them."""
_BROKEN: Final = (
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    OSError,
    ValueError,
)
_TAR_NAMES: Final = (".tar", ".tgz", ".tbz2", ".txz", ".tar.gz", ".tar.bz2", ".tar.xz")


Inside = bytes | DocumentFailed
"""The content of a file in an archive, or why it cannot be had: one that is broken does not spoil the others."""


def members(data: bytes, name: str) -> Iterator[tuple[str, Inside]]:
    """Path inside and content of each file. DocumentFailed damaged, too_large (a bomb) for the archive as a whole."""
    try:
        if data.startswith(b"PK"):
            yield from _of_zip(data)
        else:
            yield from _of_others(data, name)
    except _BROKEN as error:
        raise damaged("the archive is cut off or broken") from error


def _of_zip(data: bytes) -> Iterator[tuple[str, Inside]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        listed = archive.infolist()
        if len(listed) > MAX_ENTRIES or sum(member.file_size for member in listed) > MOST_BYTES:
            raise _bomb()
        for member in listed:
            if not member.is_dir():
                yield member.filename, _member(archive, member)


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Inside:
    if member.flag_bits & 1:
        return DocumentFailed("is encrypted: the archive has a password for it.", code="encrypted")
    if member.file_size > LARGEST:
        return _large(member.file_size)
    try:
        with archive.open(member) as file:
            return _read(file, LARGEST)
    except NotImplementedError:
        return DocumentFailed("is packed in a way that cannot be unpacked here.", code="unsupported")
    except _BROKEN:
        return damaged("its part of the archive is broken")


def _of_others(data: bytes, name: str) -> Iterator[tuple[str, Inside]]:
    content = _unpacked(data)
    if content[257:262] == b"ustar" or name.lower().endswith(_TAR_NAMES):
        yield from _of_tar(content)
    else:
        yield PurePosixPath(name.replace("\\", "/")).stem or "file", content


def _of_tar(content: bytes) -> Iterator[tuple[str, Inside]]:
    """Files alone: links, devices and folders are passed over. The header after the last file must be there: tarfile
    takes a file that is cut off between two members for its end."""
    if not content.endswith(bytes(512)):
        raise damaged("the archive is cut off")
    left = MOST_BYTES
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:") as archive:
        for member in archive:
            if not member.isfile():
                continue
            if member.size > LARGEST:
                yield member.name, _large(member.size)
                continue
            file = archive.extractfile(member)
            if file is not None:
                found = _read(file, min(LARGEST, left))
                left -= len(found)
                yield member.name, found


def _large(size: int) -> DocumentFailed:
    return DocumentFailed(
        f"is {size / 2**20:.0f} MiB, more than the limit of {LARGEST / 2**20:.0f} MiB.",
        hint="Unpack the archive and split the file.",
        code="too_large",
    )


def _bomb() -> DocumentFailed:
    return DocumentFailed(
        "unpacks to far more than a document holds.",
        hint="It may be a bomb; unpack it yourself and ingest the folder.",
        code="too_large",
    )


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
        raise _bomb()
    return content
