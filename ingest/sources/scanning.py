"""Walking a root: every file once, sorted by key, with a reason where it is not a document.

Symbolic links never lead out of the root nor into a loop: linked folders are not entered; a linked file counts only
when its target is inside the root and would not be seen otherwise (as in a mounted Kubernetes ConfigMap).
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISREG

from pathspec import GitIgnoreSpec

from ingest.sources.globs import globs
from ingest.sources.kinds import JSONL_SUFFIXES, SKIPPED_DIRECTORIES, skip_by_content, skip_by_name
from ragchat.corpus.values import FileStat

IGNORE_FILE = ".ragchatignore"
INDEX_HOME = frozenset({"catalog.sqlite", "writer.lock"})
"""What lies in the folder of every collection, from before the first run looks around on."""
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file (or a skipped folder, key ending in "/") under a root.

    `key` is the POSIX path relative to the root (undecodable bytes shown as U+FFFD plus their hex digits), `size` in
    bytes; `skipped` is a short countable reason, "" for a document; `error` says why nothing could be read here:
    what was known below this key must not be taken for deleted.
    """

    key: str
    path: Path
    size: int
    mtime_ns: int
    skipped: str = ""
    error: str = ""
    changed_ns: int = 0

    @property
    def stat(self) -> FileStat:
        """What tells a changed file from the one that was read."""
        return FileStat(self.size, self.mtime_ns, self.changed_ns)

    @property
    def is_jsonl(self) -> bool:
        """Whether the file holds one document per line."""
        return self.path.suffix.lower() in JSONL_SUFFIXES


@dataclass(frozen=True, slots=True)
class ScanOptions:
    """Globs in .gitignore syntax, relative to the root: with `include`, only what matches; `exclude` wins over it."""

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Rules:
    include: GitIgnoreSpec
    exclude: GitIgnoreSpec
    only_included: bool

    def reason(self, key: str, folder: bool) -> str:
        if self.exclude.match_file(key + "/" if folder else key):
            return "excluded"
        if self.only_included and not folder and not self.include.match_file(key):
            return "not included"
        return ""


def root_of(path: Path) -> str:
    """The root's identity: its absolute path with links resolved (a folder, a file, a JSONL)."""
    return str(path.resolve())


def scan(path: Path, options: ScanOptions | None = None) -> Iterator[SourceFile]:
    """Files under `path`, sorted by key; a single file is a root of its own, its key is its name.

    Never raises for what it meets on the way: see SourceFile.skipped and SourceFile.error.
    """
    options = options or ScanOptions()
    root = path.resolve()
    if not root.is_dir():
        yield _single(root, path.name or root.name)
        return
    rules = _Rules(
        globs(options.include, "--include"),
        globs(_ignore_lines(root), IGNORE_FILE) + globs(options.exclude, "--exclude"),
        bool(options.include),
    )
    yield from _walk(root, root, "", rules)


def _ignore_lines(root: Path) -> list[str]:
    try:
        return (root / IGNORE_FILE).read_text("utf-8", errors="replace").splitlines()
    except OSError:
        return []


def _single(path: Path, name: str) -> SourceFile:
    try:
        stat = path.stat()
    except OSError as error:
        return SourceFile(printable(name), path, 0, 0, error=_why(error))
    if not S_ISREG(stat.st_mode):  # opening a pipe would wait for whoever writes into it
        return SourceFile(printable(name), path, 0, 0, error="not a regular file")
    return SourceFile(printable(name), path, stat.st_size, stat.st_mtime_ns, changed_ns=stat.st_ctime_ns)


def _walk(root: Path, folder: Path, prefix: str, rules: _Rules) -> Iterator[SourceFile]:
    try:
        with os.scandir(folder) as found:
            entries = sorted(found, key=_order)
    except OSError as error:
        yield SourceFile(prefix, folder, 0, 0, error=_why(error))
        return
    if prefix and {entry.name for entry in entries} >= INDEX_HOME:
        # `ragchat ingest .` with its indexes inside: each run would find the manifests of the one before.
        yield SourceFile(prefix, folder, 0, 0, skipped="ragchat index")
        return
    for entry in entries:
        key = prefix + printable(entry.name)
        if entry.is_dir(follow_symlinks=False):
            reason = _skip_folder(entry.name) or rules.reason(key, folder=True)
            if reason:
                yield SourceFile(key + "/", Path(entry.path), 0, 0, skipped=reason)
            else:
                yield from _walk(root, Path(entry.path), key + "/", rules)
        else:
            yield _file(root, entry, key, rules)


def _order(entry: os.DirEntry[str]) -> str:
    """Sorting names with a folder's slash gives the order of the whole keys ("a.md" before "a/b.md")."""
    return printable(entry.name) + ("/" if entry.is_dir(follow_symlinks=False) else "")


def _skip_folder(name: str) -> str:
    if name.startswith("."):
        return "hidden"
    return "tool folder" if name in SKIPPED_DIRECTORIES else ""


def _file(root: Path, entry: os.DirEntry[str], key: str, rules: _Rules) -> SourceFile:
    path = Path(entry.path)
    reason = skip_by_name(entry.name) or rules.reason(key, folder=False)
    if not reason and entry.is_symlink():
        reason = _skip_link(root, path)
    if reason:
        return SourceFile(key, path, 0, 0, skipped=reason)
    try:
        stat = entry.stat()
        if not entry.is_file():
            return SourceFile(key, path, 0, 0, skipped="not a regular file")
    except OSError as error:
        return SourceFile(key, path, 0, 0, error=_why(error))
    skipped = skip_by_content(path)
    return SourceFile(key, path, stat.st_size, stat.st_mtime_ns, skipped, changed_ns=stat.st_ctime_ns)


def _skip_link(root: Path, path: Path) -> str:
    try:
        target = path.resolve(strict=True)
    except (OSError, RuntimeError):
        return "broken link"
    if not target.is_relative_to(root):
        return "link out of the root"
    parts = target.relative_to(root).parts
    hidden = any(part.startswith(".") for part in parts[:-1])
    return "" if target.is_file() and hidden else "link to what is scanned anyway"


def printable(name: str) -> str:
    """A file name as text that can be stored and shown; names that are no UTF-8 stay distinct.

    Control characters are percent-encoded: a name must not break a table or steer a terminal.
    """
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        raw = os.fsencode(name)
        name = raw.decode("utf-8", "replace") + "~" + raw.hex()[-16:]
    return _CONTROL.sub(lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode()), name)


def _why(error: OSError) -> str:
    return error.strerror or type(error).__name__
