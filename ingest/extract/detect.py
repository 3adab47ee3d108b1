"""What a file is: its first bytes decide where they can, its name where they cannot (text formats look alike).

No parsing here and no imports of parsers; `sniff` needs only the first kilobytes. Programs give files the names of
other formats (a web report as ".xls"): for those what they hold decides.
"""

import io
import re
import zipfile
import zlib
from pathlib import PurePosixPath
from typing import Final

from ingest.extract.charset import wide_encoding
from ingest.extract.formats import LEGACY, MEDIA_TYPES, ODF, OFFICE, OUTLOOK, PICTURE, TEXT_TYPES, ZIP
from ragchat.errors import DocumentFailed

BINARY: Final = "application/octet-stream"
OLE: Final = "application/x-ole-storage"

_MAGIC: Final = (
    (b"PK\x03\x04", ZIP),
    (b"PK\x05\x06", ZIP),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", OLE),
    (b"{\\rtf", "application/rtf"),
    (b"\x89PNG", PICTURE),
    (b"\xff\xd8\xff", PICTURE),
    (b"GIF8", PICTURE),
    (b"II*\0", PICTURE),
    (b"MM\0*", PICTURE),
    (b"\x1f\x8b\x08", "application/gzip"),
    (b"BZh", "application/x-bzip2"),
    (b"\xfd7zXZ\0", "application/x-xz"),
    (b"Rar!", "application/vnd.rar"),
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
_ODF_MARK: Final = re.compile(
    rb"mimetypeapplication/vnd\.oasis\.opendocument\.(text|spreadsheet|presentation)"
)
_STREAMS: Final = (
    ("__substg1.0_", OUTLOOK),
    ("WordDocument", LEGACY["doc"]),
    ("Workbook", LEGACY["xls"]),
    ("Book", LEGACY["xls"]),
    ("PowerPoint Document", LEGACY["ppt"]),
)
"""Names of streams in an OLE container, and what it is then."""
_PACKED: Final = frozenset(
    {"application/gzip", "application/x-bzip2", "application/x-xz", "application/x-tar"}
)
_MARKUP: Final = re.compile(rb"<(?:!doctype html|html|head|body|table|meta|style|div)\b", re.IGNORECASE)
_MAIL: Final = re.compile(
    rb"\A(?:From [^\n]*\n)?(?:[\w-]+:[ \t][^\n]*\n(?:[ \t][^\n]*\n)*)*?(?:Received|MIME-Version|Message-ID):",
    re.IGNORECASE,
)


def sniff(head: bytes) -> str:
    """The media type that the first bytes prove; "text/html" or "text/plain" for text, BINARY for anything else."""
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    if b"%PDF-" in head[:1024] and (head.lstrip()[:5] == b"%PDF-" or not _is_text(head)):
        return "application/pdf"
    if head[257:262] == b"ustar":
        return "application/x-tar"
    if (head[:2] == b"BM" and head[6:10] == b"\0\0\0\0") or (head[:4] == b"RIFF" and head[8:12] == b"WEBP"):
        return PICTURE
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
        case "application/pdf" | "application/rtf" | "image/*":
            return found
        case "text/html":
            return named if named in TEXT_TYPES - {"text/plain"} else found
        case "text/plain":
            return _text_kind(data, named)
        case _ if found in _PACKED:
            return ZIP
        case _ if found == OLE:
            return _ole_kind(data, suffix)
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
    head = data[:4096].removeprefix(b"\xef\xbb\xbf")
    if named is not None and named.startswith(ODF) and b"<office:document" in head:
        return named
    if named is not None and named in {*LEGACY.values(), *OFFICE.values()}:
        return _misnamed(head, named)
    if named is None and _MAIL.match(head):
        return "application/mbox" if head.startswith(b"From ") else "message/rfc822"
    if named in (None, *TEXT_TYPES):
        return named or "text/plain"
    raise _promised()


def _misnamed(head: bytes, named: str) -> str:
    """Text under the name of an Office document, as programs write it."""
    if _MARKUP.search(head):
        return "text/html"
    if _MAIL.match(head):
        return "application/x-mimearchive"
    if head.lstrip().startswith(b"<?xml"):
        return "application/xml"
    if named in OFFICE.values():
        raise _promised()
    if named == LEGACY["xls"]:
        return "text/tab-separated-values" if b"\t" in head else "text/csv"
    return "text/plain"


def _promised() -> DocumentFailed:
    return DocumentFailed(
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
    if (office := _ODF_MARK.search(data[:200])) is not None:
        return f"{ODF}.{office[1].decode()}"
    for folder, kind in (("word/", "docx"), ("ppt/", "pptx"), ("xl/", "xlsx")):
        if any(name.startswith(folder) for name in names) and "[Content_Types].xml" in names:
            return OFFICE[kind]
    if "META-INF/container.xml" in names or _EPUB_MARK in data[:100]:
        return "application/epub+zip"
    if named in OFFICE.values():
        raise DocumentFailed("is damaged: parts of the Office document are missing.", code="damaged")
    if named is not None and named.startswith(ODF) and "content.xml" in names:
        return named
    return ZIP


def _ole_kind(data: bytes, suffix: str) -> str:
    if "EncryptedPackage".encode("utf-16-le") in data:
        raise DocumentFailed(
            "is encrypted.", hint="Save it without a password and ingest it again.", code="encrypted"
        )
    for stream, kind in _STREAMS:
        if stream.encode("utf-16-le") in data:
            return kind
    if (named := MEDIA_TYPES.get(suffix)) in (*LEGACY.values(), OUTLOOK):
        return named  # cut off before its table of streams: its reader says that it is damaged
    raise DocumentFailed(
        f"is in an old Office format ({suffix or 'OLE'}).",
        hint="Save it as DOCX, XLSX, PPTX or PDF.",
        code="unsupported",
    )
