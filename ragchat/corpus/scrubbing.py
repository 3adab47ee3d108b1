"""Run reports rid of the names of purged documents: a message may quote what was asked to be gone."""

from collections.abc import Collection, Mapping
from pathlib import PurePosixPath
from typing import Final, TypeAlias, cast

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"

SCRUBBED: Final = "(purged)"


def scrubbed_report(report: Mapping[str, object], names: Collection[str]) -> dict[str, object]:
    """Every text that holds one of the names is replaced whole; with a document go the entries of files beside it that
    differ in the ending only (a PDF that failed beside its Markdown)."""
    return cast("dict[str, object]", _scrubbed(cast("Json", dict(report)), names))


def _scrubbed(value: Json, names: Collection[str]) -> Json:
    match value:
        case str():
            return SCRUBBED if any(name in value for name in names) else value
        case list():
            return [_scrubbed_entry(item, names) for item in value]
        case dict():
            return {key: _scrubbed(item, names) for key, item in value.items()}
        case _:
            return value


def _scrubbed_entry(item: Json, names: Collection[str]) -> Json:
    """A failure names its document in one field and may quote it in another: all of its texts go."""
    scrubbed = _scrubbed(item, names)
    if not isinstance(scrubbed, dict) or (scrubbed == item and not _beside(scrubbed.get("uri"), names)):
        return scrubbed
    return {
        key: SCRUBBED if isinstance(field, str) and key != "code" else field
        for key, field in scrubbed.items()
    }


def _beside(uri: Json, names: Collection[str]) -> bool:
    """Whether a file is called as one of the names, but for its ending."""
    return isinstance(uri, str) and _unended(uri) in {_unended(name) for name in names if "." in name}


def _unended(name: str) -> str:
    return str(PurePosixPath(name).with_suffix("")) if PurePosixPath(name).name else name
