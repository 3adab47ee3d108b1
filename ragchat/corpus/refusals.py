"""The errors that every store raises in the same words, so that a person reads the same whatever keeps the index."""

from collections.abc import Sequence

from ragchat.errors import DocumentFailed, NotFound, NotReady, PublishRefused, StorageFailed, WrongEmbedder
from ragchat.models.embedder import EmbedderSpec


def no_index(collection: str) -> NotReady:
    return NotReady(
        f"Collection {collection!r} has no index yet.",
        hint="Run `ragchat ingest PATH` first.",
        code="no_index",
    )


def no_such_document(document_id: str) -> NotFound:
    return NotFound(
        f"There is no document {document_id!r} in this collection.",
        hint="`ragchat documents list` shows what there is.",
        code="no_such_document",
    )


def nothing_stored(document_id: str) -> NotFound:
    """Not even for a rollback."""
    return NotFound(
        f"Nothing is stored of a document {document_id!r}.",
        hint="`ragchat documents list` shows what there is; `ragchat verify` what is still on disk.",
        code="no_such_document",
    )


def no_such_generation(number: int) -> NotFound:
    return NotFound(
        f"There is no generation {number}.", hint="`ragchat index list` shows the ones that are kept."
    )


def nothing_before(number: int) -> NotFound:
    return NotFound(
        f"There is no generation before {number} to roll back to.",
        hint="`ragchat index list` shows the ones that are kept.",
    )


def other_embedder(collection: str, made_by: EmbedderSpec, asked: EmbedderSpec) -> WrongEmbedder:
    return WrongEmbedder(
        f"Collection {collection!r} was built with {made_by.key}; this is {asked.key}.",
        hint="Set RAGCHAT_EMBEDDINGS to the former, or ingest the documents again with the latter.",
    )


def mixed_embedders(
    collection: str, staying: int, old: EmbedderSpec, new: EmbedderSpec, roots: Sequence[str]
) -> PublishRefused:
    return PublishRefused(
        f"{staying} documents of collection {collection!r} would keep vectors of"
        f" {old.key}, which cannot be searched together with {new.key}.",
        hint=f"Ingest all of its roots in one run: {', '.join(roots)}.",
        code="mixed_embedders",
    )


def base_moved(collection: str, base: int | None, current: int | None) -> PublishRefused:
    return PublishRefused(
        f"Collection {collection!r} changed while this run was under way: it began from"
        f" {_named(base)}, and now {_named(current)} is current.",
        hint="Run the same command again: what was embedded is kept.",
        code="base_moved",
    )


def not_unicode(uri: str, error: UnicodeEncodeError) -> DocumentFailed:
    return DocumentFailed(
        f"{uri!r} holds a lone surrogate (position {error.start}): it is no valid Unicode text.",
        hint="Save the file as UTF-8 and ingest it again.",
        code="bad_text",
    )


def _named(number: int | None) -> str:
    return "no generation" if number is None else f"generation {number}"


def purge_unfinished() -> StorageFailed:
    """A purge that a reader of the storage hinders."""
    return StorageFailed(
        "The documents are in no answer any more, but words of them remain on the disk: another program is reading"
        " the index's catalog (a backup, a sqlite3 shell).",
        hint="End it and run the command again, or any other run: it finishes the purge. `ragchat verify` tells.",
        code="purge_unfinished",
    )
