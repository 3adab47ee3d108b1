"""`ragchat.toml`: named sources that `ragchat ingest` without a path brings in line, each with its own rules.

[[source]]
name = "handbook"
path = "handbook"        # or a list; relative to the file
include = ["*.md"]            # also: exclude
split = "auto, *.log=rows"
collection = "default"
acl = ["staff"]
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from ingest.remote import SiteOptions, is_address
from ingest.sources import is_loader
from ragchat.errors import UsageError

FILE: Final = Path("ragchat.toml")
_KEYS: Final = ("name", "path", "include", "exclude", "split", "collection", "acl", "pages", "depth",
                "allow_private")  # fmt: skip


@dataclass(frozen=True, slots=True)
class NamedSource:
    """What is read, by which rules, into which collection (None: that of the settings)."""

    name: str
    paths: tuple[Path | str, ...]
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    split: str | None = None
    collection: str | None = None
    acl: tuple[str, ...] = ()
    pages: int | None = None
    depth: int | None = None
    allow_private: bool = False

    @property
    def site(self) -> SiteOptions:
        """How far a crawl goes."""
        usual = SiteOptions()
        return SiteOptions(
            pages=usual.pages if self.pages is None else self.pages,
            depth=usual.depth if self.depth is None else self.depth,
            private=self.allow_private,
        )

    def under(self, given: "NamedSource") -> "NamedSource":
        """With what the command line asks for all sources, where the source says nothing of its own."""
        return replace(
            self,
            include=self.include or given.include,
            exclude=(*self.exclude, *given.exclude),
            split=self.split or given.split,
            acl=self.acl or given.acl,
            pages=self.pages or given.pages,
            depth=given.depth if self.depth is None else self.depth,
            allow_private=self.allow_private or given.allow_private,
        )


def named_sources(collection: str, file: Path = FILE) -> list[NamedSource]:
    """The sources in the order of the file; those that name no collection go into `collection`. UsageError where there
    is no file, and for what is wrong in it, by name.

    A path with a colon (a loader, an address) is taken as it stands."""
    try:
        content = tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        raise UsageError(
            f"There is nothing to ingest: no PATH was given, and there is no {file} here.",
            hint='Give folders and files, or list them in ragchat.toml: [[source]] name = "docs" path = "docs".',
            code="no_sources",
        ) from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"{file} cannot be read: {error}.", code="bad_sources") from error
    rows = content.get("source", [])
    if not isinstance(rows, list) or not rows or content.keys() - {"source"}:
        raise _bad(file, "holds [[source]] tables and nothing else, at least one")
    sources = [_source(file, number, row) for number, row in enumerate(rows, 1)]
    names = [source.name for source in sources]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise _bad(file, f"has two sources named {twice!r}")
    sources = [replace(source, collection=source.collection or collection) for source in sources]
    _check_apart(file, sources)
    return sources


def _check_apart(file: Path, sources: Sequence[NamedSource]) -> None:
    """A file must not belong to two sources of a collection: the one that comes later would take off the tags that the
    other one put on."""
    places = [
        (one, path.resolve() if isinstance(path, Path) else Path(path))
        for one in sources
        for path in one.paths
    ]
    for number, (one, path) in enumerate(places):
        for other, beside in places[:number]:
            same = one.collection == other.collection
            if same and one is not other and (path.is_relative_to(beside) or beside.is_relative_to(path)):
                raise _bad(
                    file, f"sources {other.name!r} and {one.name!r} lie inside one another: {beside}, {path}"
                )


def _source(file: Path, number: int, row: object) -> NamedSource:
    if not isinstance(row, Mapping):
        raise _bad(file, "holds [[source]] tables and nothing else")
    if unknown := sorted(row.keys() - set(_KEYS)):
        raise _bad(file, f"source {number} has an unknown key {unknown[0]!r} (known: {', '.join(_KEYS)})")
    paths = _strings(file, number, row, "path")
    if not paths:
        raise _bad(file, f"source {number} has no path")
    name = _text(file, number, row, "name") or paths[0]
    return NamedSource(
        name=name,
        paths=tuple(place_of(path, file.parent) for path in paths),
        include=_strings(file, number, row, "include"),
        exclude=_strings(file, number, row, "exclude"),
        split=_text(file, number, row, "split"),
        collection=_text(file, number, row, "collection"),
        acl=_strings(file, number, row, "acl"),
        pages=_whole(file, number, row, "pages"),
        depth=_whole(file, number, row, "depth"),
        allow_private=row.get("allow_private") is True,
    )


def place_of(given: str, beside: Path = Path()) -> Path | str:
    """A path, or an address or loader as it stands."""
    return given if is_address(given) or is_loader(given) else beside / given


def _whole(file: Path, number: int, row: Mapping[str, object], key: str) -> int | None:
    value = row.get(key)
    if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < 0):
        raise _bad(file, f"source {number}: {key} must be a whole number")
    return value


def _text(file: Path, number: int, row: Mapping[str, object], key: str) -> str | None:
    value = row.get(key)
    if value is not None and (not isinstance(value, str) or not value.strip()):
        raise _bad(file, f"source {number}: {key} must be a text that is not empty")
    return value


def _strings(file: Path, number: int, row: Mapping[str, object], key: str) -> tuple[str, ...]:
    value = row.get(key, [])
    listed: Sequence[object] = (
        [value] if isinstance(value, str) else value if isinstance(value, list) else [None]
    )
    if not all(isinstance(one, str) and one.strip() for one in listed):
        raise _bad(file, f"source {number}: {key} must be a text or a list of texts")
    return tuple(str(one) for one in listed)


def _bad(file: Path, what: str) -> UsageError:
    return UsageError(f"{file} {what}.", hint="docs/formats.md shows one.", code="bad_sources")
