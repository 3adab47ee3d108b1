"""Where links lead: which addresses are worth keeping beside their text."""

from pathlib import PurePosixPath
from typing import Final
from urllib.parse import urljoin, urlsplit

from ingest.extract.formats import MEDIA_TYPES

LONGEST: Final = 300
_PAGES: Final = frozenset({".html", ".htm", ".xhtml"})
_OTHERS: Final = frozenset({".zip", ".doc", ".xls", ".ppt", ".odt", ".ods"})
_FILES: Final = frozenset(MEDIA_TYPES) - _PAGES | _OTHERS


def outward(target: str, base: str) -> str:
    """An address that leads somewhere without the page (absolute ones, mail, telephone, files beside it), else ""."""
    target = "".join(target.split())
    scheme = target.partition(":")[0].lower()
    if scheme in ("mailto", "tel"):
        return target.partition("?")[0]
    if scheme not in ("http", "https", "ftp"):
        if ":" in target.partition("/")[0] or not _is_file(target):
            return ""
        target = urljoin(base, target) if base else target
    short = target if len(target) <= LONGEST else target.partition("?")[0]
    return short if len(short) <= LONGEST else ""


def is_of_use(address: str) -> bool:
    """Whether one can do something with it besides reading on: write, call, fill in a file."""
    return not address.startswith("http") or _is_file(address)


def _is_file(target: str) -> bool:
    try:
        path = urlsplit(target).path
    except ValueError:
        return False
    return PurePosixPath(path).suffix.lower() in _FILES
