"""What a file is: its first bytes decide where they can, its name where they cannot (text formats look alike).

No parsing here and no imports of parsers; `sniff` needs only the first kilobytes.
"""

import io
import zipfile
import zlib
from pathlib import PurePosixPath
from typing import Final

from ingest.extract.charset import wide_encoding
from ragchat.errors import DocumentFailed

BINARY: Final = "application/octet-stream"
OLE: Final = "application/x-ole-storage"
OFFICE: Final = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
MEDIA_TYPES: Final = {
    ".md": "text/markdown",
    ".markdown": "text/markdown",
    ".mdx": "text/markdown",
    ".mkd": "text/markdown",
    ".rst": "text/x-rst",
    ".rest": "text/x-rst",
    ".txt": "text/plain",
    ".text": "text/plain",
    ".html": "text/html",
    ".htm": "text/html",
    ".xhtml": "text/html",
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".pdf": "application/pdf",
    ".epub": "application/epub+zip",
    ".docx": OFFICE["docx"],
    ".docm": OFFICE["docx"],
    ".pptx": OFFICE["pptx"],
    ".pptm": OFFICE["pptx"],
    ".xlsx": OFFICE["xlsx"],
    ".xlsm": OFFICE["xlsx"],
}
TEXT_TYPES: Final = frozenset(
    {"text/markdown", "text/x-rst", "text/plain", "text/html", "text/csv", "text/tab-separated-values"}
)

_MAGIC: Final = (
    (b"PK\x03\x04", "application/zip"),
    (b"PK\x05\x06", "application/zip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", OLE),
    (b"{\\rtf", "application/rtf"),
    (b"\x89PNG", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"\x1f\x8b", "application/gzip"),
    (b"7z\xbc\xaf", "application/x-7z-compressed"),
    (b"\x7fELF", "application/x-executable"),
    (b"SQLite format 3\0", "application/vnd.sqlite3"),
)
_BOMS: Final = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff")
_HTML_STARTS: Final = (b"<!doctype html", b"<html", b"<head", b"<body")
FEW_ZEROS: Final = 200
"""One zero among so many bytes is a stray one."""
_CONTROLS: Final = tuple(bytes([code]) for code in (*range(1, 7), *range(14, 27), *range(28, 32)))
_EPUB_MARK: Final = b"mimetypeapplication/epub+zip"


def sniff(head: bytes) -> str:
    """The media type that the first bytes prove; "text/html" or "text/plain" for text, BINARY for anything else."""
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    if b"%PDF-" in head[:1024] and (head.lstrip()[:5] == b"%PDF-" or not _is_text(head)):
        return "application/pdf"
    if not _is_text(head):
        return BINARY
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:20].lower()
    return "text/html" if start.startswith(_HTML_STARTS) else "text/plain"


def _is_text(head: bytes) -> bool:
    """No byte that text never holds; zeros only where UTF-16 and UTF-32 have them."""
    head = head[:4096]
    if head.startswith(_BOMS):
        return True
    if wide_encoding(head):
        return True
    zeros, controls = head.count(0), sum(map(head.count, _CONTROLS))
    if zeros * FEW_ZEROS > len(head):
        even, odd = head[::2].count(0), head[1::2].count(0)
        if zeros * 10 < len(head) * 3 or min(even, odd) * 20 > max(even, odd):
            return False
    return controls * 50 <= len(head) - zeros


def detect(data: bytes, name: str, media_type: str | None = None) -> str:
    """The media type to extract by; DocumentFailed: unsupported, binary, encrypted or damaged."""
    suffix = PurePosixPath(name.replace("\\", "/")).suffix.lower()
    named = MEDIA_TYPES.get(suffix) or _declared(media_type)
    found = sniff(data[:8192])
    match found:
        case "application/zip":
            return _zip_kind(data, named)
        case "application/pdf":
            return found
        case "text/html":
            return named if named in TEXT_TYPES - {"text/plain"} else found
        case "text/plain":
            return _text_kind(data, named)
        case _ if found == OLE:
            raise _ole_failure(data, suffix)
        case _ if named == "application/pdf" and b"%PDF-" in data[:65536]:
            return named
        case _ if found == BINARY and named in TEXT_TYPES | {None}:
            raise DocumentFailed(
                "is not text: it holds bytes that no text has.",
                hint="Convert it to a supported format or exclude it.",
                code="binary",
            )
        case _ if found == BINARY:
            raise DocumentFailed(
                f"is damaged: it does not start as a {suffix or named} file does.", code="damaged"
            )
        case _:
            raise DocumentFailed(
                f"is {found}, which cannot be read.",
                hint="Convert it to PDF, DOCX, HTML, Markdown or text.",
                code="unsupported",
            )


def _declared(media_type: str | None) -> str | None:
    base = (media_type or "").partition(";")[0].strip().lower()
    return base if base in MEDIA_TYPES.values() else None


def _text_kind(data: bytes, named: str | None) -> str:
    if named == "application/pdf" and b"%PDF-" in data[:65536]:
        return named
    if named in (None, *TEXT_TYPES):
        return named or "text/plain"
    raise DocumentFailed(
        "is damaged: its name promises another format, but it holds plain text.",
        hint="Give it the right extension.",
        code="damaged",
    )


def _zip_kind(data: bytes, named: str | None) -> str:
    """Which zip-based format, from its entries; a zip that cannot be listed is judged by its name."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, zlib.error, ValueError, NotImplementedError, EOFError, OSError) as error:
        raise DocumentFailed(
            "is damaged: its zip container is cut off or broken.",
            hint="Save or copy it again.",
            code="damaged",
        ) from error
    for folder, kind in (("word/", "docx"), ("ppt/", "pptx"), ("xl/", "xlsx")):
        if any(name.startswith(folder) for name in names) and "[Content_Types].xml" in names:
            return OFFICE[kind]
    if "META-INF/container.xml" in names or _EPUB_MARK in data[:100]:
        return "application/epub+zip"
    if named in OFFICE.values():
        raise DocumentFailed("is damaged: parts of the Office document are missing.", code="damaged")
    raise DocumentFailed(
        "is an archive.", hint="Unpack it and ingest the folder instead.", code="unsupported"
    )


def _ole_failure(data: bytes, suffix: str) -> DocumentFailed:
    if "EncryptedPackage".encode("utf-16-le") in data:
        return DocumentFailed(
            "is encrypted.", hint="Save it without a password and ingest it again.", code="encrypted"
        )
    return DocumentFailed(
        f"is in an old Office format ({suffix or 'OLE'}).",
        hint="Save it as DOCX, XLSX, PPTX or PDF.",
        code="unsupported",
    )
