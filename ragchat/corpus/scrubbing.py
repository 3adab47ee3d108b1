"""Run reports rid of the names of purged documents: a message may quote what was asked to be gone."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final, TypeAlias, cast

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"

SCRUBBED: Final = "(purged)"


def scrubbed_report(report: Mapping[str, object], names: Collection[str]) -> dict[str, object]:
    """Every text that holds one of the names is replaced whole; with a document go the entries of files beside it that
    differ in the ending only (a PDF that failed beside its Markdown)."""
    doomed = _Doomed(names, frozenset(_unended(name) for name in names if "." in name))
    return cast("dict[str, object]", _scrubbed(cast("Json", dict(report)), doomed))


@dataclass(frozen=True, slots=True)
class _Doomed:
    """The names, and those of files without their endings."""

    names: Collection[str]
    unended: frozenset[str]


def _scrubbed(value: Json, doomed: _Doomed) -> Json:
    match value:
        case str():
            return SCRUBBED if any(name in value for name in doomed.names) else value
        case list():
            return [_scrubbed_entry(item, doomed) for item in value]
        case dict():
            return {key: _scrubbed(item, doomed) for key, item in value.items()}
        case _:
            return value


def _scrubbed_entry(item: Json, doomed: _Doomed) -> Json:
    """A failure names its document in one field and may quote it in another: all of its texts go."""
    scrubbed = _scrubbed(item, doomed)
    if not isinstance(scrubbed, dict) or (scrubbed == item and not _beside(scrubbed.get("uri"), doomed)):
        return scrubbed
    return {
        key: SCRUBBED if isinstance(field, str) and key != "code" else field
        for key, field in scrubbed.items()
    }


def _beside(uri: Json, doomed: _Doomed) -> bool:
    """Whether a file is called as one of the names, but for its ending."""
    return isinstance(uri, str) and _unended(uri) in doomed.unended


def _unended(name: str) -> str:
    return str(PurePosixPath(name).with_suffix("")) if PurePosixPath(name).name else name
