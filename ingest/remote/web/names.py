"""Addresses of pages in one spelling, and the file of the mirror that each becomes."""

import hashlib
import re
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import parse_qsl, quote, unquote, urlencode, urljoin, urlsplit, urlunsplit

from ingest.extract.formats import MEDIA_TYPES

_TRACKING: Final = re.compile(r"utm_\w+|gclid|fbclid|msclkid|mc_[ce]id|_ga|ref_src|yclid|dclid|igshid", re.I)
_UNFIT: Final = re.compile(r"[^\w .,()+=@-]")
_PORTS: Final = {"http": 80, "https": 443}
_LONGEST: Final = 120
SUFFIXES: Final = {
    "text/html": ".html", "application/xhtml+xml": ".html", "application/pdf": ".pdf", "text/markdown": ".md",
    "text/plain": ".txt", "text/csv": ".csv", "application/json": ".json", "application/epub+zip": ".epub",
    "application/rtf": ".rtf", "text/rtf": ".rtf", "application/xml": ".xml", "text/xml": ".xml",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": ".pptx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/msword": ".doc", "application/vnd.ms-excel": ".xls", "application/vnd.ms-powerpoint": ".ppt",
    "application/vnd.oasis.opendocument.text": ".odt", "application/vnd.oasis.opendocument.spreadsheet": ".ods",
    "application/vnd.oasis.opendocument.presentation": ".odp",
}  # fmt: skip
"""What is taken from a site, and the ending of its file; pictures, styles and scripts are not."""
PAGES: Final = frozenset({"text/html", "application/xhtml+xml"})


def normal(address: str, base: str = "") -> str:
    """One spelling of a page's address: no fragment, no tracking parameters, no default port, lower-case host. Empty
    for what is no http or https address."""
    try:
        parts = urlsplit(urljoin(base, address.strip()))
        port = parts.port
    except ValueError:
        return ""
    if parts.scheme not in _PORTS or not parts.hostname or parts.username:
        return ""
    host = parts.hostname if ":" not in parts.hostname else f"[{parts.hostname}]"
    netloc = host if port in (None, _PORTS[parts.scheme]) else f"{host}:{port}"
    kept = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True)
            if not _TRACKING.fullmatch(name)]  # fmt: skip
    path = quote(
        unquote(parts.path, errors="surrogateescape"), safe="/:@!$&'()*+,;=~-._%", errors="surrogateescape"
    )
    return urlunsplit((parts.scheme, netloc, path or "/", urlencode(kept), ""))


def file_of(address: str, media_type: str) -> str:
    """The key of a page's file: its path, with an ending that tells its format; different addresses never share one."""
    parts = urlsplit(address)
    names = [_fit(unquote(part, errors="replace")) for part in parts.path.split("/") if part]
    if not names or parts.path.endswith("/"):
        names.append("index")
    suffix = SUFFIXES[media_type]
    last = PurePosixPath(names[-1])
    fits = MEDIA_TYPES.get(last.suffix.lower()) == MEDIA_TYPES.get(suffix, "")
    stem = last.stem if fits else names[-1]
    told = hashlib.sha256(address.encode()).hexdigest()[:8]
    plain = "/".join([*names[:-1], names[-1] if fits else names[-1] + suffix])
    simple = not parts.query and plain.lower() == plain and f"/{plain}" in (
        parts.path, parts.path + suffix, f"{parts.path}index{suffix}"
    )  # fmt: skip
    if simple:
        return plain
    return "/".join([*names[:-1], f"{stem}~{told}{last.suffix if fits else suffix}"])


def _fit(name: str) -> str:
    """A name that any file system takes; never hidden, never the folder above."""
    fitted = _UNFIT.sub("_", name).strip(" .")[:_LONGEST]
    return fitted or "_"
