"""The files that came with a message: each with a name that is safe to write and unlike the others', within bounds."""

import mimetypes
import re
from collections.abc import Iterable
from typing import Final

from ingest.extract.clean import one_line
from ingest.extract.mail.letter import Letter

MOST_FILES: Final = 200
MOST_BYTES: Final = 100 * 1024 * 1024
LONGEST_NAME: Final = 150
_UNSAFE: Final = re.compile(r'[\x00-\x1f<>:"|?*]+')
_MEDIA_TYPE: Final = re.compile(r"[a-z]+/[\w.+-]+")


def files_of(letters: Iterable[Letter]) -> list[tuple[str, bytes]]:
    """The attachments of messages and of those inside of them, in their order; behind the bounds nothing is given."""
    files: list[tuple[str, bytes]] = []
    taken: set[str] = set()
    size = 0
    for number, (name, content) in enumerate(_all(letters), 1):
        size += len(content)
        if len(files) >= MOST_FILES or size > MOST_BYTES:
            break
        name = _unlike(safe_name(name, number), taken)
        taken.add(name.lower())
        files.append((name, content))
    return files


def _all(letters: Iterable[Letter]) -> Iterable[tuple[str, bytes]]:
    for letter in letters:
        yield from letter.attached
        yield from _all(letter.enclosed)


def safe_name(name: str, number: int) -> str:
    """A base name without folders and signs that file systems refuse; "attachment-3.pdf" where only the media type is
    known."""
    if _MEDIA_TYPE.fullmatch(name):
        return f"attachment-{number}{mimetypes.guess_extension(name) or ''}"
    base = one_line(_UNSAFE.sub(" ", name.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1])).lstrip(". ")
    if not base:
        return f"attachment-{number}"
    stem, dot, suffix = base.rpartition(".")
    if not dot or len(suffix) > 20:
        return base[:LONGEST_NAME]
    return f"{stem[: LONGEST_NAME - len(suffix) - 1]}.{suffix}"


def _unlike(name: str, taken: set[str]) -> str:
    """The name, numbered where it is taken."""
    stem, dot, suffix = name.rpartition(".")
    if not dot:
        stem, suffix = name, ""
    number, made = 1, name
    while made.lower() in taken:
        number += 1
        made = f"{stem} ({number}){dot}{suffix}"
    return made
