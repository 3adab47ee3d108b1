"""The documents of a collection with their state, and the files that never became one: page by page, by key."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal, TypeAlias

from ragchat.corpus.contract import Snapshot
from ragchat.corpus.values import StoredDocument
from ragchat.runtime.administration.failing import Failing, failed, why_empty

State: TypeAlias = Literal["indexed", "empty", "failed"]
"""empty: read, and there is no text in it; failed: the newest run could not read it."""
PAGE = 500


@dataclass(frozen=True, slots=True)
class Listed:
    """A document, or a file that could not be read and never became one (`document` None).

    One that failed and has a document still answers with what it held before. `reason` says why it is not "indexed";
    `pages` is None where the format has none.
    """

    key: str
    state: State
    reason: str = ""
    document: StoredDocument | None = None
    pages: int | None = None


@dataclass(frozen=True, slots=True)
class ListedPage:
    """In the order of (key, id); `more`: there are more behind the last. `failed` counts the files that the newest runs
    could not read, whatever was asked for."""

    listed: tuple[Listed, ...]
    more: bool
    generation: int
    documents: int
    failed: int


def listed_page(
    snapshot: Snapshot,
    reports: Sequence[Mapping[str, object]],
    *,
    words: str = "",
    state: State | None = None,
    after: str = "",
    after_id: str = "",
    limit: int = 50,
) -> ListedPage:
    """Those whose title, key or address holds `words`, in any case, behind (`after`, `after_id`). Reads as far as
    the page goes: all documents where few match."""
    failures = {one.uri: one for one in failed(snapshot.collection, reports)}
    reasons = {key: why for key, (why, _) in why_empty(reports).items()}
    sought = words.casefold()
    matching = (
        one
        for one in _all(snapshot, failures, reasons, after, after_id)
        if (state is None or one.state == state) and _holds(one, sought)
    )
    found = list(islice(matching, limit + 1))
    shown = found[:limit]
    structures = snapshot.structures([one.document.id for one in shown if one.document])
    return ListedPage(
        tuple(_paged(one, len(structures[one.document.id].pages)) if one.document else one for one in shown),
        more=len(found) > limit,
        generation=snapshot.number,
        documents=snapshot.document_count,
        failed=len(failures),
    )


def _all(
    snapshot: Snapshot, failures: Mapping[str, Failing], reasons: Mapping[str, str], after: str, after_id: str
) -> Iterator[Listed]:
    """Documents, and between them the files that are none, in the order of their keys."""
    keys = sorted(failures)
    place = bisect_right(keys, after) if after else 0
    for document in _documents(snapshot, after, after_id):
        while place < len(keys) and keys[place] < document.key:
            yield Listed(keys[place], "failed", failures[keys[place]].why)
            place += 1
        if place < len(keys) and keys[place] == document.key:
            place += 1
        yield _listed(document, failures.get(document.key), reasons)
    for key in keys[place:]:
        yield Listed(key, "failed", failures[key].why)


def _listed(document: StoredDocument, failure: Failing | None, reasons: Mapping[str, str]) -> Listed:
    if failure is not None:
        return Listed(document.key, "failed", failure.why, document)
    if not document.length:
        return Listed(document.key, "empty", reasons.get(document.key, "no text"), document)
    return Listed(document.key, "indexed", "", document)


def _documents(snapshot: Snapshot, after: str, after_id: str) -> Iterator[StoredDocument]:
    while page := snapshot.documents(after=after, after_id=after_id, limit=PAGE):
        yield from page
        after, after_id = page[-1].key, page[-1].id


def _holds(one: Listed, sought: str) -> bool:
    document = one.document
    texts = (one.key, document.title, document.uri) if document else (one.key,)
    return not sought or any(sought in text.casefold() for text in texts)


def _paged(one: Listed, pages: int) -> Listed:
    return Listed(one.key, one.state, one.reason, one.document, pages or None)
