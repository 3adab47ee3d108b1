"""What the names mean that are given for documents: ids and paths, files and what lies inside them."""

from contextlib import suppress
from typing import TYPE_CHECKING

from ragchat.errors import NotFound, UsageError

if TYPE_CHECKING:
    from ragchat.corpus.contract import Snapshot, Store
    from ragchat.corpus.values import StoredDocument

PAGE = 500


def all_documents(generation: "Snapshot") -> "list[StoredDocument]":
    found: list[StoredDocument] = []
    last_key = last_id = ""
    while page := generation.documents(after=last_key, after_id=last_id, limit=PAGE):
        last_key, last_id = page[-1].key, page[-1].id
        found.extend(page)
    return found


def doomed_by(home: "Store", generation: "Snapshot", name: str, *, purge: bool) -> "list[StoredDocument]":
    """What a name means; for a purge also what left the index before and is kept for a rollback."""
    try:
        return with_those_inside(generation, name)
    except NotFound:
        if not purge:
            raise
    for older in sorted(home.generations(), key=lambda one: -one.number):
        if older.number != generation.number:
            with home.open(older.number) as kept, suppress(NotFound):
                return with_those_inside(kept, name)
    raise NotFound(
        f"Nothing of {name!r} is stored.",
        hint="`ragchat documents list` shows what is there, `ragchat verify` what else is on the disk.",
        code="no_such_document",
    )


def go_on_with_purge(home: "Store", name: str) -> bool:
    """Finishes the purge of what the name means, if one was interrupted: whether nothing of it is left to do.
    StorageFailed (purge_unfinished) where it is hindered again."""
    from ingest.prepare import document_id
    from ragchat.corpus.refusals import purge_unfinished

    due = home.due_purges()
    meant = {name, *(document_id(root, name) for root in _roots(home))} if due else set()
    if meant.isdisjoint(due):
        return False
    with home.run():  # a run finishes what is due, and forgets one that never came to its publish
        pass
    if not meant.isdisjoint(home.due_purges()):
        raise purge_unfinished()
    with home.open() as generation:
        living = {document.id for document in all_documents(generation)}
    return meant.isdisjoint(living)


def _roots(home: "Store") -> set[str]:
    """Of now and of the last runs: the root of a purged document may have no other."""
    told = (report.get("roots") for report in home.reports())
    return {*home.roots(), *(root for roots in told if isinstance(roots, list) for root in map(str, roots))}


def with_those_inside(generation: "Snapshot", name: str) -> "list[StoredDocument]":
    """A document and those inside its file (attachments); of an archive, which is none itself, those inside."""
    try:
        own = [named(generation, name)]
    except NotFound:
        own = []
    keys = {document.key for document in own} or {name}
    from ingest.survey import source_of

    inside = [one for one in all_documents(generation) if "#" in one.key and source_of(one.key) in keys]
    inside = [one for one in inside if one not in own and (not own or one.root == own[0].root)]
    return [*own, *inside] if own or inside else [named(generation, name)]


def named(generation: "Snapshot", name: str) -> "StoredDocument":
    """The document with this id or path. NotFound, or UsageError where several roots have the path."""
    try:
        return generation.document(name)
    except NotFound:
        # Ordered by (key, id): the documents with this key are the first behind (name, "").
        behind = generation.documents(after=name, after_id="", limit=PAGE)
        found = [document for document in behind if document.key == name]
    if not found:
        raise NotFound(
            f"There is no document {name!r}.",
            hint="`ragchat documents list` shows them; one that left the index before is in an older generation"
            " until `ragchat index prune --keep 1`.",
            code="no_such_document",
        )
    if len(found) > 1:
        places = ", ".join(f"{document.id} (from {document.root})" for document in found)
        raise UsageError(f"Several documents are called {name!r}: {places}.", hint="Name one by its id.")
    return found[0]
