"""What differs between the paths given and the index: new, changed, unchanged and gone files.

Nothing is read here but names, sizes and times: an unchanged file costs a stat. Each path is a root of its own; a
path inside a known root refreshes that part of it, and a path that holds known roots takes them over.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from ingest.remote import Brought, is_address
from ingest.sources import (
    JsonlDocument,
    JsonlFailure,
    ScanOptions,
    SourceFile,
    is_loader,
    iterate_jsonl,
    load_documents,
    root_of,
    scan,
)
from ragchat.corpus.values import KnownDocument
from ragchat.documents import Scalar
from ragchat.errors import UsageError

LINE_MARK = re.compile(r"\.(?:jsonl|ndjson)(?=#)", re.IGNORECASE)
PART_MARK = "#/"
"""Between the key of a file and the place inside it of a document (an attachment, a file of an archive)."""
SAME_FOLDER = 0.5
"""Share of a vanished folder's files that one beside it must hold to be the same, renamed."""


class KnownDocuments(Protocol):
    """The part of the index writer that a survey reads."""

    def roots(self) -> list[str]: ...

    def known(self, root: str) -> Iterable[KnownDocument]: ...


@dataclass(frozen=True, slots=True)
class Scope:
    """The part of a root that one path means: `prefix` "" is all of it, "handbook/" a folder, "a.md" a file."""

    root: str
    path: Path
    prefix: str = ""
    brought: Brought | None = field(default=None, compare=False)
    """For a source that is no folder: `path` is its mirror then."""

    def covers(self, key: str) -> bool:
        """Whether a document of this root belongs to the scope."""
        if not self.prefix or self.prefix.endswith("/"):
            return key.startswith(self.prefix)
        return source_of(key) == self.prefix


@dataclass(frozen=True, slots=True)
class Candidate:
    """A file to be read: new, or changed by size, time or options. `known` are its documents in the index, by key;
    `again`: a part of it failed lately, so that it is read though it may be the same."""

    root: str
    file: SourceFile
    known: dict[str, KnownDocument]
    again: bool = False
    brought: Brought | None = None

    def uri_of(self, key: str) -> str:
        """Where the document of a key can be seen: its address for a page of a site, else its key."""
        if self.brought is None:
            return key
        file, mark, inside = key.partition(PART_MARK)
        seen = self.brought.uris.get(file)
        return f"{seen}{mark}{inside}" if seen else key

    @property
    def facts(self) -> Mapping[str, Scalar]:
        """What the source says of all its documents."""
        return self.brought.facts if self.brought is not None else {}

    @property
    def holds_many(self) -> bool:
        """Whether it is a source of many documents (JSONL, a loader) rather than one."""
        return self.file.is_jsonl or is_loader(self.root)

    def lines(self) -> Iterator[JsonlDocument | JsonlFailure]:
        """The documents of a source that holds many."""
        return load_documents(self.root) if is_loader(self.root) else iterate_jsonl(self.file.path)

    def key_of(self, line: JsonlDocument) -> str:
        """A loader is a root of its own; lines of a file are told apart from those of other files."""
        return line.id if is_loader(self.root) else f"{self.file.key}#{line.id}"


@dataclass(slots=True)
class Survey:
    """`gone` are documents whose file is no longer there; `synced` counts what the roots held before the run; `files`
    are the sizes of all files that are documents, by key.

    What lies below an `unreadable` folder or file is neither gone nor unchanged: it stays as it was indexed.
    """

    candidates: list[Candidate] = field(default_factory=list)
    unchanged: list[KnownDocument] = field(default_factory=list)
    gone: list[KnownDocument] = field(default_factory=list)
    skipped: list[SourceFile] = field(default_factory=list)
    unreadable: list[SourceFile] = field(default_factory=list)
    files: dict[str, int] = field(default_factory=dict)
    synced: int = 0


def file_key(path: str) -> str:
    """The key of a file; one whose name reads like a line of another file (`a.jsonl#b.md`) or like a place inside one
    (`a#/b.md`) has its # encoded."""
    path = path.replace(PART_MARK, "%23/")
    return re.sub(LINE_MARK.pattern + "#", lambda mark: mark[0][:-1] + "%23", path, flags=LINE_MARK.flags)


def source_of(key: str) -> str:
    """The file that a document's key names: `faq.jsonl#42` comes from `faq.jsonl`, `a.zip#/b.md` from `a.zip`."""
    file, inside, _ = key.partition(PART_MARK)
    if inside:
        return file
    mark = LINE_MARK.search(key)
    return key[: mark.end()] if mark else key


def scopes(paths: Iterable[Path | str | Brought], known_roots: Iterable[str]) -> list[Scope]:
    """Each path as the part of a root that it means; UsageError for a path that does not exist."""
    roots = set(known_roots)
    found: dict[Scope, None] = {}
    for given in paths:
        if isinstance(given, Brought):
            found[Scope(given.root, given.folder, brought=given)] = None
            continue
        if is_loader(str(given)):
            found[Scope(str(given), Path())] = None
            continue
        path = Path(given)
        if not path.exists():
            raise _no_such_path(str(given))
        found[_scope(path, root_of(path), roots)] = None
    return list(found)


def _no_such_path(given: str) -> UsageError:
    return UsageError(
        f"There is no file or folder {given!r}.",
        hint="Give a folder or a file that exists.",
        code="no_such_path",
    )


def _scope(path: Path, identity: str, roots: set[str]) -> Scope:
    for parent in Path(identity).parents:
        if str(parent) in roots and identity not in roots:
            inside = Path(identity).relative_to(parent).as_posix()
            return Scope(str(parent), path, inside + "/" if path.is_dir() else inside)
    return Scope(identity, path)


def survey(
    scope: Scope,
    index: KnownDocuments,
    options: ScanOptions,
    options_hash: str,
    suspects: frozenset[str] = frozenset(),
    *,
    rehash: bool = False,
) -> Survey:
    """Compare one scope with the index; see Survey. `suspects` are keys of files to read though nothing changed;
    `rehash` reads all files, whatever their times say."""
    if is_loader(scope.root):
        known = {document.key: document for document in index.known(scope.root)}
        source = SourceFile(scope.root, scope.path, 0, 0)
        return Survey([Candidate(scope.root, source, known)], synced=len(known))
    by_source: dict[str, dict[str, KnownDocument]] = {}
    result = Survey()
    for document in index.known(scope.root):
        if scope.covers(document.key):
            by_source.setdefault(source_of(document.key), {})[document.key] = document
            result.synced += 1
    for file in _files(scope, options):
        if file.error:
            result.unreadable.append(file)
            _keep_below(file.key, by_source)
            continue
        known = by_source.pop(file.key, {})
        if not file.skipped:
            result.files[file.key] = file.size
        if file.skipped:
            result.skipped.append(file)
            result.gone.extend(known.values())
        elif (
            known
            and not rehash
            and file.key not in suspects
            and _all_same(file, known.values(), options_hash)
        ):
            result.unchanged.extend(known.values())
        else:
            result.candidates.append(Candidate(scope.root, file, known, file.key in suspects, scope.brought))
    for vanished in by_source.values():
        result.gone.extend(vanished.values())
    _absorb_nested_roots(scope, index, result)
    _absorb_renamed_root(scope, index, result)
    return result


def _keep_below(key: str, by_source: dict[str, dict[str, KnownDocument]]) -> None:
    """Takes what is known of a file, or below a folder (key "" or ending in "/"), out of what may be gone."""
    folder = not key or key.endswith("/")
    for source in [source for source in by_source if source == key or (folder and source.startswith(key))]:
        del by_source[source]


def _files(scope: Scope, options: ScanOptions) -> Iterator[SourceFile]:
    """The scope's files, with keys relative to its root."""
    prefix = scope.prefix if scope.prefix.endswith("/") else ""
    for file in scan(scope.path, options):
        key = scope.prefix if scope.prefix and not prefix else prefix + file.key
        yield replace(file, key=file_key(key))


def _all_same(file: SourceFile, known: Iterable[KnownDocument], options_hash: str) -> bool:
    """By size and both times: content that was put back under its old time has another st_ctime."""
    facts = (file.size, file.mtime_ns, options_hash)
    return all(
        facts == (document.size, document.mtime_ns, document.options_hash)
        and document.changed_ns in (0, file.changed_ns)
        for document in known
    )


def _absorb_nested_roots(scope: Scope, index: KnownDocuments, result: Survey) -> None:
    """A folder ingested whole takes over the roots inside it, so that no document is there twice."""
    if scope.prefix:
        return
    for root in index.roots():
        if root != scope.root and Path(scope.root) in Path(root).parents:
            nested = list(index.known(root))
            result.gone.extend(nested)
            result.synced += len(nested)


def _absorb_renamed_root(scope: Scope, index: KnownDocuments, result: Survey) -> None:
    """A folder that was renamed takes over what it was known as, so that its documents are not there twice.

    Told by a root that is there no more, beside this one, of whose files this one has most under the same names and
    of the same sizes.
    """
    known_roots = index.roots()
    if scope.prefix or scope.brought or scope.root in known_roots or not scope.path.is_dir():
        return
    for root in known_roots:
        path = Path(root)
        if is_loader(root) or is_address(root) or path.parent != Path(scope.root).parent or path.exists():
            continue
        before = list(index.known(root))
        same = sum(result.files.get(source_of(document.key)) == document.size for document in before)
        if before and same >= SAME_FOLDER * len(before):
            result.gone.extend(before)
            result.synced += len(before)
