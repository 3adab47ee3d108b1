"""What storage libraries throw, told as our errors: disk trouble is StorageFailed, corruption is IndexDamaged.

SQLite, the operating system, FAISS and tantivy each have their own way of failing; every call into them runs inside
one of these context managers, so that a full disk reads the same wherever it was met.
"""

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ragchat.errors import IndexDamaged, RagchatError, StorageFailed

# Segments are hard-linked between generations, so that rolling back seldom helps: the older one has the same files.
FILES_HINT = "Run `ragchat index rebuild` (it embeds nothing); `ragchat verify` lists the damage."
ROWS_HINT = (
    "Rows are what everything is rebuilt from: restore catalog.sqlite from a backup, or delete the collection's"
    " directory and ingest again; `ragchat verify` lists the damage."
)
POINTER_HINT = "The next `ragchat ingest` mends it (it embeds nothing anew); `ragchat verify` lists the damage."
_SPACE_HINT = "The old generation keeps serving. Free some space and run the same command again."
_ACCESS_HINT = (
    "Check that the index directory is writable and its disk healthy, then run the same command again."
)
_NAMES_SHOWN = 3
_TANTIVY_STORAGE_WORDS = (
    "no space left", "os error 28", "read-only", "os error 30", "permission denied", "os error 13",
    "file too large", "os error 27", "input/output error", "os error 5", "quota", "ioerror", "io error",
    "error occurred in a thread", "writer was killed",
)  # fmt: skip


class Damage(IndexDamaged):
    """Damage with its parts, for reports that have a column for each."""

    def __init__(self, thing: str, detail: str, hint: str) -> None:
        super().__init__(f"The index is damaged: {thing}: {detail}.", hint=hint)
        self.thing = thing
        self.detail = detail


def damaged(thing: str, detail: str) -> Damage:
    """The error for a derived file that is not what its manifest says: it can be built anew."""
    return Damage(thing, detail, FILES_HINT)


def damaged_row(thing: str, detail: str) -> Damage:
    """The error for a row that is not what its checksum says, or that is not there."""
    return Damage(thing, detail, ROWS_HINT)


def storage_failed(thing: str, error: BaseException) -> StorageFailed:
    """The error for a disk that refuses, with the operating system's reason."""
    full = _is_full(error)
    reason = "the disk is full" if full else _reason(error)
    return StorageFailed(
        f"Cannot write {thing}: {reason}.",
        hint=_SPACE_HINT if full else _ACCESS_HINT,
        code="disk_full" if full else None,
    )


@contextmanager
def disk(thing: str | Path) -> Iterator[None]:
    """Files: OSError becomes StorageFailed."""
    try:
        yield
    except OSError as error:
        raise storage_failed(_short(thing), error) from error


@contextmanager
def sqlite(thing: str | Path) -> Iterator[None]:
    """SQLite: full, read-only and I/O errors become StorageFailed, a malformed file IndexDamaged."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        raise _from_sqlite(_short(thing), error) from error


@contextmanager
def faiss_reading(thing: str) -> Iterator[None]:
    """FAISS opening a file: it reports damage as a RuntimeError that quotes its C++ source."""
    try:
        yield
    except RuntimeError as error:
        raise damaged(thing, "FAISS cannot read it") from error


@contextmanager
def tantivy(thing: str, *, writing: bool) -> Iterator[None]:
    """Tantivy: everything is a ValueError; the words in it tell disk trouble from damage."""
    try:
        yield
    except (ValueError, OSError) as error:
        said = str(error).lower()
        if writing and any(words in said for words in _TANTIVY_STORAGE_WORDS):
            raise storage_failed(thing, error) from error
        raise damaged(thing, "tantivy cannot read it") from error
    except BaseException as error:
        if (
            type(error).__name__ == "PanicException"
        ):  # a Rust panic over damaged bytes; pyo3 does not export its class
            raise damaged(thing, "tantivy cannot read it") from error
        raise


def _from_sqlite(thing: str, error: sqlite3.DatabaseError) -> RagchatError:
    code = getattr(error, "sqlite_errorcode", None)
    if (
        code is None
    ):  # raised by the Python module itself: a mistake of ours, or text that is no UTF-8 any more
        if "decode to UTF-8" in str(error):
            return damaged_row(thing, "a stored text is not UTF-8")
        raise error
    match code & 0xFF:
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB | sqlite3.SQLITE_FORMAT:
            return damaged_row(thing, "SQLite reports a malformed file")
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return StorageFailed(f"{thing} stayed locked by another process.", hint="Try again in a moment.")
        case (
            sqlite3.SQLITE_FULL | sqlite3.SQLITE_READONLY | sqlite3.SQLITE_IOERR | sqlite3.SQLITE_CANTOPEN
            | sqlite3.SQLITE_PERM | sqlite3.SQLITE_NOMEM
        ):  # fmt: skip
            return storage_failed(thing, error)
        case _:
            raise error


def _is_full(error: BaseException) -> bool:
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return True
    said = str(error).lower()
    return "no space left" in said or "os error 28" in said or "database or disk is full" in said


def _reason(error: BaseException) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return str(error).splitlines()[0][:200] if str(error) else type(error).__name__


def _short(thing: str | Path) -> str:
    """A path by its last three names: enough to find it, and it tells nobody where the server keeps its data."""
    if isinstance(thing, str):
        return thing
    names = [part for part in thing.parts if part != thing.anchor]
    return str(thing) if len(names) <= _NAMES_SHOWN else "/".join(["…", *names[-_NAMES_SHOWN:]])
