"""JSONL files: one document per line, {"id", "title", "text", "url"?, "metadata"?, "acl"?}.

The text is kept code point for code point, because others hold offsets into it (golden questions, annotations):
what cannot be stored is replaced one for one, nothing is normalised away. A bad line fails alone.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from ingest.extract.clean import one_line
from ragchat.documents import Scalar

MAX_LINE_BYTES = 16 * 1024 * 1024

_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_RETURN = re.compile("\r\n?")


@dataclass(frozen=True, slots=True)
class JsonlDocument:
    """One line as a document; `line` counts from 1, `text` has as many code points as the line's "text"."""

    line: int
    id: str
    title: str
    text: str
    url: str = ""
    metadata: Mapping[str, Scalar] = field(default_factory=dict)
    acl: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class JsonlFailure:
    """One line that is no document; `code`: damaged, no_id, no_text, duplicate_id, too_large, unreadable."""

    line: int
    code: str
    message: str


class _Bad(Exception):
    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def iterate_jsonl(path: Path, max_line_bytes: int = MAX_LINE_BYTES) -> Iterator[JsonlDocument | JsonlFailure]:
    """The file's documents in line order, one line in memory at a time; blank lines are skipped."""
    first_seen: dict[str, int] = {}
    number = 0
    try:
        with path.open("rb") as file:
            for number, raw in _lines(file, max_line_bytes):
                if not raw.strip():
                    continue
                try:
                    document = _document(number, raw, max_line_bytes)
                    first = first_seen.setdefault(document.id, number)
                    if first != number:
                        raise _Bad("duplicate_id", f'id "{document.id}" was already used in line {first}.')
                except _Bad as bad:
                    yield JsonlFailure(number, bad.code, f"line {number}: {bad.message}")
                else:
                    yield document
    except OSError as error:
        yield JsonlFailure(number + 1, "unreadable", f"cannot be read: {error.strerror}.")


def _lines(file: BinaryIO, max_line_bytes: int) -> Iterator[tuple[int, bytes]]:
    """Numbered lines; of an overlong line only the start is kept (one byte more than allowed)."""
    number = 0
    while raw := file.readline(max_line_bytes + 1):
        number += 1
        rest = raw
        while rest and not rest.endswith(b"\n") and len(rest) > max_line_bytes:
            rest = file.readline(max_line_bytes + 1)
        yield number, raw.removeprefix(b"\xef\xbb\xbf") if number == 1 else raw


def _document(number: int, raw: bytes, max_line_bytes: int) -> JsonlDocument:
    values = _object(raw, max_line_bytes)
    identity = values.get("id")
    if isinstance(identity, bool) or not isinstance(identity, str | int) or not str(identity).strip():
        raise _Bad("no_id", 'has no "id" (a string or a whole number).')
    if not isinstance(raw_text := values.get("text"), str):
        raise _Bad("no_text", 'has no "text" (a string).')
    text, title, url = storable(raw_text), values.get("title"), values.get("url")
    return JsonlDocument(
        line=number,
        id=one_line(str(identity)),
        title=one_line(title) if isinstance(title, str) and title.strip() else one_line(str(identity)),
        text=text,
        url=one_line(url) if isinstance(url, str) else "",
        metadata=_metadata(values.get("metadata")),
        acl=_tags(values.get("acl")),
    )


def _object(raw: bytes, max_line_bytes: int) -> dict[str, object]:
    if len(raw) > max_line_bytes:
        raise _Bad("too_large", f"is longer than {max_line_bytes:,} bytes.")
    try:
        values = json.loads(raw.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise _Bad("damaged", f"is not UTF-8 (byte {error.start}).") from error
    except ValueError as error:
        raise _Bad("damaged", f"is not JSON: {error}.") from error
    except RecursionError as error:
        raise _Bad("damaged", "is nested too deeply.") from error
    if not isinstance(values, dict):
        raise _Bad("damaged", "is not a JSON object.")
    return values


def storable(text: str) -> str:
    """The same number of code points, without what no store or terminal takes: controls, lone surrogates, returns."""
    if _UNSTORABLE.search(text):
        text = _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", text)
    return _RETURN.sub(lambda match: " \n" if len(match[0]) == 2 else "\n", text) if "\r" in text else text


def _metadata(values: object) -> dict[str, Scalar]:
    """Scalars as they are, lists of scalars joined by commas; NaN, infinities and nested objects are left out."""
    kept: dict[str, Scalar] = {}
    for name, value in values.items() if isinstance(values, dict) else ():
        if isinstance(value, list):
            value = ", ".join(str(part) for part in value if isinstance(part, str | int | float))
        if isinstance(value, float) and not abs(value) < float("inf"):
            continue
        if value is None or isinstance(value, bool | int | float):
            kept[one_line(str(name))] = value
        elif isinstance(value, str):
            kept[one_line(str(name))] = storable(value)
    return kept


def _tags(values: object) -> tuple[str, ...]:
    if not isinstance(values, list):
        return ()
    return tuple(sorted({one_line(tag) for tag in values if isinstance(tag, str) and tag.strip()}))
