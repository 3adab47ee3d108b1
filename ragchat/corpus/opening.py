"""From a URL to the collections behind it: the one place that knows which stores there are.

Everything above asks for `Stores` here and speaks the contract from then on. An implementation is imported when its
URL is asked for, so that nobody loads what is not used.
"""

from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from ragchat.corpus.contract import Stores
from ragchat.errors import UsageError

_KNOWN: Final = "a folder (`indexes`, `file:///srv/indexes`) or `memory:`"
_NOT_BUILT: Final = frozenset({"postgres", "postgresql"})


def open_stores(url: str | Path, *, keep: int = 2) -> Stores:
    """The collections at `url`; publishing keeps their newest `keep` generations.

    A folder path or file: URL is that folder; `memory:` is a new, empty place that ends with the process. Nothing is
    read or made yet. Raises UsageError for anything else.
    """
    scheme = "" if isinstance(url, Path) else _scheme(url)
    match scheme:
        case "":
            return _folder(Path(url), keep)
        case "file":
            return _folder(_path_of(str(url)), keep)
        case "memory" if str(url) == "memory:":
            from ragchat.corpus.memory.stores import MemoryStores  # only for memory:

            return MemoryStores(keep=keep)
        case _:
            raise _unknown(str(url), scheme)


def _scheme(url: str) -> str:
    """Empty for a path; a single letter before a colon is a drive."""
    scheme = url.partition(":")[0] if ":" in url.partition("/")[0] else ""
    return scheme.lower() if len(scheme) > 1 else ""


def _path_of(url: str) -> Path:
    parts = urlsplit(url)
    if parts.netloc not in ("", "localhost") or not parts.path or parts.query or parts.fragment:
        raise UsageError(f"{url!r} names no folder of this machine.", hint="Write it as file:///srv/indexes.")
    return Path(unquote(parts.path))


def _folder(path: Path, keep: int) -> Stores:
    from ragchat.corpus.local.files.tuning import Tuning  # FAISS, tantivy: only for a folder
    from ragchat.corpus.local.stores import LocalStores  # FAISS, tantivy: only for a folder

    return LocalStores(path, Tuning(keep=keep))


def _unknown(url: str, scheme: str) -> UsageError:
    """Names the scheme only: what follows it may hold a password."""
    if scheme in _NOT_BUILT:
        return UsageError(
            f"Collections cannot be kept in PostgreSQL ({scheme}:) yet: that store is not built.",
            hint=f"Use {_KNOWN}.",
            code="unknown_store",
        )
    return UsageError(
        f"Nothing is known that keeps collections at a {scheme}: URL.",
        hint=f"Use {_KNOWN}.",
        code="unknown_store",
    )


def copy_collection(folder: Path, name: str, target: Path) -> list[int]:
    """Copy a collection of a folder, in use or not, to the folder `target`; returns the generations copied.

    The copy is what one moment saw. Raises StorageFailed.
    """
    from ragchat.corpus.local.catalog.catalog import CATALOG_NAME  # FAISS, tantivy: only for a folder
    from ragchat.corpus.local.files.copying import copy_home  # FAISS, tantivy: only for a folder

    return copy_home(folder / name, target, CATALOG_NAME)
