"""The files that do not answer, or not with what they hold now, and why: `ragchat status --failed`, the admin page."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

from ragchat.corpus.contract import Store
from ragchat.evaluation.listing import every_document

RUNS = 50
"""Reports that are looked through, newest first."""


@dataclass(frozen=True, slots=True)
class Failing:
    """`state` is failed, empty, or noted (read in part, or words were left out that nobody sees); `since` the time of
    the run that told."""

    collection: str
    uri: str
    state: str
    why: str
    since: str

    def as_json(self) -> dict[str, object]:
        return asdict(self)


def failing(store: Store) -> list[Failing]:
    """What the newest run over each root could not read, and the documents that have no text."""
    reports = store.reports(RUNS)
    found = {one.uri: one for one in failed(store.collection, reports)}
    if any(generation.current for generation in store.generations()):
        found = {one.uri: one for one in _noted(store, reports)} | found
        found |= {one.uri: one for one in _empty(store, reports)}
    return sorted(found.values(), key=lambda one: one.uri)


def failed(collection: str, reports: Sequence[Mapping[str, object]]) -> Iterator[Failing]:
    """What the newest run over each root could not read; `reports` are newest first."""
    told: set[str] = set()
    for report in reports:
        roots = set(_strings(report.get("roots"))) or {""}
        if roots <= told:
            continue
        told |= roots
        for row in _rows(report.get("failures")):
            yield Failing(collection, row["uri"], "failed", row["message"], str(report.get("created", "")))


def _noted(store: Store, reports: Sequence[Mapping[str, object]]) -> Iterator[Failing]:
    """Documents that still hold what a run made its note of."""
    told = {
        (row["uri"], row.get("digest")): (row["message"], str(report.get("created", "")))
        for report in reversed(reports)
        for row in _rows(report.get("notes"))
    }
    if not told:
        return
    with store.open() as snapshot:
        for document in every_document(snapshot):
            if (note := told.get((document.key, document.version))) is not None:
                yield Failing(store.collection, document.key, "noted", *note)


def why_empty(reports: Sequence[Mapping[str, object]]) -> dict[str, tuple[str, str]]:
    """For the files without text why, and the time of the run that told, by key."""
    return {
        row["uri"]: (row["message"], str(report.get("created", "")))
        for report in reversed(reports)
        for row in _rows(report.get("empty"))
    }


def _empty(store: Store, reports: Sequence[Mapping[str, object]]) -> Iterator[Failing]:
    reasons = why_empty(reports)
    with store.open() as snapshot:
        for document in every_document(snapshot):
            if not document.length:
                why, since = reasons.get(document.key, ("no text", ""))
                yield Failing(store.collection, document.key, "empty", why, since)


def _rows(value: object) -> list[dict[str, str]]:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def _strings(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else []
