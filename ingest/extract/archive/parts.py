"""Named bytes as documents of their own: each is read as a file would be, one that fails does not spoil the others."""

from collections.abc import Iterable
from contextvars import ContextVar
from dataclasses import replace
from hashlib import sha256
from pathlib import PurePosixPath
from time import monotonic
from typing import Final

from ingest.extract.clean import one_line
from ingest.extract.detect import detect, sniff
from ingest.extract.extracted import Part
from ingest.extract.formats import MEDIA_TYPES, PICTURE, ZIP
from ragchat.errors import DocumentFailed

MOST_PARTS: Final = 2_000
SECONDS: Final = 40.0
"""For all parts of a file: less than a file may take; what is left over fails by name."""
DEEPEST: Final = 3
"""Files inside files inside files."""
_PICTURES: Final = frozenset(suffix for suffix, kind in MEDIA_TYPES.items() if kind == PICTURE)


_depth: ContextVar[int] = ContextVar("depth", default=1)
"""How many files the one that is being read lies inside of, and itself."""


def parts_of(named: Iterable[tuple[str, bytes | DocumentFailed]]) -> tuple[list[Part], int]:
    """The documents among files given as (path inside, content), and how many files are none."""
    deadline, others = monotonic() + SECONDS, 0
    parts: list[Part] = []
    taken: set[str] = set()
    for path, content in named:
        name = _unique(_inside(path), taken)
        if name and isinstance(content, DocumentFailed):
            parts.append(Part(name, code=content.code, message=str(content)))
        elif (
            isinstance(content, DocumentFailed) or not name or not content or not _is_document(name, content)
        ):
            others += 1
        elif len(parts) >= MOST_PARTS or monotonic() > deadline:
            parts.append(
                Part(name, code="timeout", message="was not read: too much inside one file. Unpack it.")
            )
        else:
            parts += _read(name, content)
    return parts, others


def _read(name: str, content: bytes) -> list[Part]:
    """The part itself and those inside it."""
    from ingest.extract import extract  # a document inside: extract imports this

    digest = sha256(content).hexdigest()
    if _depth.get() >= DEEPEST and _kind(content, name) == ZIP:
        return [
            Part(name, code="unsupported", message="is an archive inside archives. Unpack it.", digest=digest)
        ]
    token = _depth.set(_depth.get() + 1)
    try:
        extracted = extract(content, name)
    except DocumentFailed as failure:
        return [Part(name, code=failure.code, message=str(failure))]
    finally:
        _depth.reset(token)
    inner = [replace(part, name=f"{name}/{part.name}") for part in extracted.parts]
    own = replace(extracted, parts=())
    return [Part(name, own, digest=digest), *inner] if own.text or not inner else inner


def _kind(content: bytes, name: str) -> str:
    try:
        return detect(content, name)
    except DocumentFailed:
        return ""


def _is_document(name: str, content: bytes) -> bool:
    """Known by its name, or text; nothing hidden, no pictures (of mails and pages, mostly decoration)."""
    path = PurePosixPath(name)
    if any(part.startswith((".", "__MACOSX", "~$")) for part in path.parts):
        return False
    suffix = path.suffix.lower()
    if suffix in _PICTURES:
        return False
    return suffix in MEDIA_TYPES or sniff(content[:8192]) in ("text/plain", "text/html")


def _inside(path: str) -> str:
    """A path that names no place outside, as part of a key."""
    parts = [one_line(part) for part in path.replace("\\", "/").split("/")]
    return "/".join(part for part in parts if part not in ("", ".", ".."))


def _unique(name: str, taken: set[str]) -> str:
    """Two files of one name (two attachments) stay two."""
    path, number, found = PurePosixPath(name), 2, name
    while found in taken:
        found = str(path.with_name(f"{path.stem} {number}{path.suffix}"))
        number += 1
    taken.add(found)
    return found
