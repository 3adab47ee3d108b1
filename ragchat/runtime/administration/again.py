"""Reading a source again as it was asked for last: same globs, same tags, same way to cut.

A run keeps with its report how it was asked for (`ingest.asked`), so that nobody has to remember it, and a button
cannot bring in what the command kept out.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ragchat.corpus.contract import Store
from ragchat.errors import NotFound, PublishRefused
from ragchat.runtime.checks import calibration
from ragchat.runtime.models import Models

if TYPE_CHECKING:
    from ingest.asked import Asked
    from ingest.options import Observer
    from ingest.report import IngestReport

MIRRORS: Final = ".mirrors"
"""Folder below the index directory for what web sites and repositories hold; deleting it costs only fetching again."""
RUNS: Final = 200
"""Reports that are looked through, newest first."""


@dataclass(frozen=True, slots=True)
class Source:
    """What was brought in: a path of this machine, an address or a loader. `read` is when it was asked for last (ISO
    8601), `there` False where the path is gone."""

    path: str
    read: str
    include: tuple[str, ...]
    exclude: tuple[str, ...]
    acl: tuple[str, ...]
    there: bool


def sources(store: Store) -> list[Source]:
    """Whatever can be read again, by path."""
    return sorted(
        (
            Source(path, read, asked.scan.include, asked.scan.exclude, asked.acl, _there(path))
            for path, (asked, read) in _asked(store).items()
        ),
        key=lambda source: source.path,
    )


def again(
    models: Models, store: Store, path: str, observer: "Observer", *, rehash: bool, allow_deletes: bool
) -> "IngestReport":
    """Bring the collection in line with `path` as it was asked for last; `rehash` reads unchanged files, too.

    NotFound (code "no_such_source") for what was never brought in, PublishRefused (code "asked_otherwise") where some
    of it was brought in later with other tags, which this would take off. Else as an ingest.
    """
    from ingest.options import IngestOptions  # the readers of formats are loaded when first needed
    from ingest.run import ingest  # as above

    known = _asked(store)
    if path not in known:
        raise NotFound(f"{path} was never brought into {store.collection!r}.", code="no_such_source")
    asked, _ = known[path]
    _refuse_other_tags(
        path, asked, [(other, one) for other, (one, _) in takewhile(_not(path), known.items())]
    )
    settings = models.settings
    options = IngestOptions(
        scan=asked.scan,
        split=asked.split,
        language=asked.language,
        acl=asked.acl,
        site=asked.site,
        rehash=rehash,
        allow_deletes=allow_deletes,
        mirrors=settings.index_dir / MIRRORS,
        checks=(calibration(),),
        grace=timedelta(days=settings.unreadable_days),
    )
    source = Path(path) if _is_path(path) else path
    return ingest([source], store, models.embedder(), options, observer)


def _asked(store: Store) -> "dict[str, tuple[Asked, str]]":
    from ingest.asked import asked_before  # the readers of formats are loaded when first needed

    return asked_before(store.reports(RUNS))


def _refuse_other_tags(path: str, asked: "Asked", later: "Sequence[tuple[str, Asked]]") -> None:
    for other, one in later:
        if _overlap(path, other) and one.acl != asked.acl:
            raise PublishRefused(
                "Some of this source was brought in later with other tags.",
                hint="Read that again by itself, or run `ragchat ingest` with the tags that all of it should have.",
                code="asked_otherwise",
            )


def _not(path: str) -> Callable[[tuple[str, object]], bool]:
    return lambda row: row[0] != path


def _overlap(one: str, other: str) -> bool:
    if not (_is_path(one) and _is_path(other)):
        return one == other
    return Path(one).is_relative_to(other) or Path(other).is_relative_to(one)


def _is_path(path: str) -> bool:
    from ingest.remote import is_address  # the readers of formats are loaded when first needed
    from ingest.sources import is_loader  # as above

    return not is_address(path) and not is_loader(path)


def _there(path: str) -> bool:
    return not _is_path(path) or Path(path).exists()
