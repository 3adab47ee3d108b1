"""How a run was asked for, as it is kept with the report of the run: so that the same can be asked again later.

Kept are what decides which files are read and who sees them. What belongs to one call (a dry run, whether deletions are
allowed) is not kept.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter, ValidationError

from ingest.options import IngestOptions
from ingest.remote import SiteOptions
from ingest.sources import ScanOptions
from ingest.split import SplitOptions

KEY: Final = "asked"
"""Where it stands in a report."""


@dataclass(frozen=True, slots=True)
class Asked:
    """`paths` are absolute, or addresses and loaders as they were given."""

    paths: tuple[str, ...] = ()
    scan: ScanOptions = field(default_factory=ScanOptions)
    split: SplitOptions = field(default_factory=SplitOptions)
    language: str = ""
    acl: tuple[str, ...] = ()
    site: SiteOptions = field(default_factory=SiteOptions)

    def as_json(self) -> dict[str, object]:
        return {KEY: _asked.dump_python(self, mode="json")}


_asked: Final = TypeAdapter(Asked)


def asked_of(paths: Iterable[Path | str], options: IngestOptions) -> Asked:
    named = tuple(str(path.resolve()) if isinstance(path, Path) else path for path in paths)
    return Asked(named, options.scan, options.split, options.language, options.acl, options.site)


def asked_before(reports: Sequence[Mapping[str, object]]) -> dict[str, tuple[Asked, str]]:
    """For each path the newest run that was asked to read it, and when (ISO 8601); newest path first.

    `reports` are newest first. A report of a version that kept nothing of this says nothing.
    """
    found: dict[str, tuple[Asked, str]] = {}
    for report in reports:
        try:
            asked = _asked.validate_python(report.get(KEY), strict=False)
        except ValidationError:
            continue
        for path in asked.paths:
            found.setdefault(path, (asked, str(report.get("created", ""))))
    return found
