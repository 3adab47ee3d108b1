"""Bytes in, canonical text out: `extract` finds out what a file is and hands it to the module of its format.

Formats are imported only when a file needs them. This runs in the calling process; ingest.extract.worker is the way
to run parsers that may hang, crash or eat memory in a process of their own.
"""

from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from typing import Final, TypeAlias, cast

from ingest.extract.detect import detect
from ingest.extract.extracted import Extracted
from ingest.extract.formats import MODULES
from ingest.extract.unseen import watching
from ragchat.errors import DocumentFailed

__all__ = ["MAX_BYTES", "MAX_TEXT", "Extracted", "extract"]

Extractor: TypeAlias = Callable[[bytes, str], Extracted]

MAX_BYTES: Final = 64 * 1024 * 1024
"""Largest file that is read, in bytes."""
MAX_TEXT: Final = 50_000_000
"""Longest canonical text, in code points: twenty times the longest novel; more is data, not a document."""


def extract(
    data: bytes, name: str, media_type: str | None = None, *, max_bytes: int = MAX_BYTES
) -> Extracted:
    """The text of a file. `name` (a path or a file name) and `media_type` (an upload's declaration) are hints only.

    A file without readable text gives `text == ""` and a `reason`. Raises DocumentFailed with code encrypted,
    damaged, unsupported, binary or too_large.
    """
    check_size(len(data), max_bytes)
    if not data.strip(b"\0 \t\r\n\xef\xbb\xbf\xff\xfe"):
        return Extracted("", name, media_type or "text/plain", reason="the file is empty")
    kind = detect(data, name, media_type)
    with watching() as unseen:
        extracted = _guarded(kind, data, name)
    if notes := unseen.notes():
        extracted = replace(extracted, notes=(*extracted.notes, *notes))
    if len(extracted.text) > MAX_TEXT:
        raise DocumentFailed(
            f"holds {len(extracted.text):,} characters of text, more than {MAX_TEXT:,}.",
            hint="Split it into smaller files.",
            code="too_large",
        )
    return extracted


def _guarded(kind: str, data: bytes, name: str) -> Extracted:
    """The boundary of one document: whatever its parser raises on hostile bytes becomes DocumentFailed "damaged"."""
    module = import_module(f"ingest.extract.{MODULES[kind]}")
    try:
        return cast(Extractor, module.extract)(data, name)
    except (DocumentFailed, MemoryError):
        raise
    except Exception as error:
        raise DocumentFailed(
            f"is damaged: its parser gave up ({type(error).__name__}).",
            hint="Open it and save it again.",
            code="damaged",
        ) from error


def check_size(size: int, max_bytes: int) -> None:
    """DocumentFailed "too_large" for more than `max_bytes`."""
    if size > max_bytes:
        raise DocumentFailed(
            f"is {size / 2**20:.1f} MiB, more than the limit of {max_bytes / 2**20:.0f} MiB.",
            hint="Split the file.",
            code="too_large",
        )
