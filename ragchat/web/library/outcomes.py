"""From the report of a run to how each uploaded file ended, with the reason where it is not in the index."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ragchat.web.library.records import FileStatus, UploadedFile

if TYPE_CHECKING:
    from ingest.report import IngestReport, Outcome
    from ragchat.corpus.contract import Snapshot
    from ragchat.corpus.values import StoredDocument

_COUNTED: Final = 10_000
"""Documents of one file that are counted."""
_NEWS: Final[tuple[FileStatus, ...]] = ("added", "updated", "renamed")


def ended(
    file: UploadedFile, report: "IngestReport | None", root: Path, snapshot: "Snapshot | None"
) -> UploadedFile:
    """The file as the run left it. `report` None: there was nothing to read; `snapshot` is what is served now, if
    anything is."""
    from ingest.survey import source_of  # the readers of formats are loaded when first needed

    if file.status == "duplicate":
        return file
    outcomes = [one for one in (report.outcomes if report else ()) if source_of(one.key) == file.name]
    documents = [] if snapshot is None else _documents(snapshot, file.name, str(root))
    status, reason = _status(file.name, outcomes, documents, root)
    return replace(
        file,
        status=status,
        reason=reason,
        documents=len(documents),
        document_id=documents[0].id if len(documents) == 1 else None,
    )


def _status(
    name: str, outcomes: "list[Outcome]", documents: "list[StoredDocument]", root: Path
) -> tuple[FileStatus, str]:
    by_status: Mapping[str, Outcome] = {one.status: one for one in reversed(outcomes)}
    reasons = "; ".join(
        dict.fromkeys(one.detail for one in outcomes if one.detail and one.status == "failed")
    )
    for status in _NEWS:
        if status in by_status:
            return status, reasons or ("" if status == "renamed" else by_status[status].detail)
    if "failed" in by_status:
        return "failed", reasons
    if "empty" in by_status:
        return "empty", by_status["empty"].detail
    if documents:
        return "unchanged", ""
    return "skipped", _why_skipped(name, root)


def _why_skipped(name: str, root: Path) -> str:
    from ingest.sources import scan  # the readers of formats are loaded when first needed

    return next((one.skipped or one.error for one in scan(root) if one.key == name), "") or "not a document"


def _documents(snapshot: "Snapshot", name: str, root: str) -> "list[StoredDocument]":
    """What the file holds: itself, or the documents inside it."""
    found: list[StoredDocument] = []
    after, after_id = name, ""
    while page := snapshot.documents(after=after, after_id=after_id, limit=500):
        found += [
            one for one in page if one.root == root and (one.key == name or one.key.startswith(f"{name}#"))
        ]
        after, after_id = page[-1].key, page[-1].id
        if not after.startswith(name) or len(found) >= _COUNTED:
            break
    return found
