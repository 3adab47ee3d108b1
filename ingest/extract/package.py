"""Opening zip-based documents (OOXML, EPUB) safely: bombs are refused before anything is unpacked.

The declared sizes are checked first and the bytes really read are counted too, since a hostile zip lies. XML is
parsed by lxml without entities, network or huge-tree allowances (python-docx and its siblings set the same).
"""

import io
import zipfile
import zlib
from typing import Final

from ragchat.errors import DocumentFailed

MAX_UNPACKED: Final = 400 * 1024 * 1024
MAX_MEMBER: Final = 150 * 1024 * 1024
MAX_ENTRIES: Final = 20_000


def check_package(data: bytes) -> frozenset[str]:
    """The names of a package's parts; DocumentFailed damaged, encrypted, or too_large for a bomb."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError, OSError) as error:
        raise damaged("its zip container is cut off or broken") from error
    if any(member.flag_bits & 1 for member in members):
        raise DocumentFailed("is encrypted: its zip parts need a password.", code="encrypted")
    text_members = [
        member for member in members if not member.filename.startswith(("word/media", "ppt/media"))
    ]
    if (
        len(members) > MAX_ENTRIES
        or sum(member.file_size for member in members) > MAX_UNPACKED
        or any(member.file_size > MAX_MEMBER for member in text_members)
    ):
        raise DocumentFailed(
            "unpacks to far more than a document holds.",
            hint="It may be a zip bomb; check it.",
            code="too_large",
        )
    return frozenset(member.filename for member in members)


def read_part(data: bytes, name: str) -> bytes:
    """One part, never more than MAX_MEMBER bytes of it."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive, archive.open(name) as part:
            content = part.read(MAX_MEMBER + 1)
    except (zipfile.BadZipFile, zlib.error, KeyError, EOFError, ValueError, NotImplementedError) as error:
        raise damaged(f"its part {name} is missing or broken") from error
    if len(content) > MAX_MEMBER:
        raise DocumentFailed("unpacks to far more than a document holds.", code="too_large")
    return content


def damaged(what: str) -> DocumentFailed:
    """The failure of a package whose parts cannot be read."""
    return DocumentFailed(
        f"is damaged: {what}.", hint="Open and save it again, or copy it anew.", code="damaged"
    )
