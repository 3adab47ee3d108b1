"""What leaves the index: renamed or removed, and whether that many may go. Pure functions over what a run found."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ragchat.corpus.values import KnownDocument
from ragchat.errors import PublishRefused

GUARD_SHARE, GUARD_COUNT = 0.30, 10
"""More removals than both ask for `--allow-deletes`."""


@dataclass(frozen=True, slots=True)
class Removals:
    """`renamed` maps the new key to the document that had these bytes under another key; `removed` just went."""

    renamed: Mapping[str, KnownDocument]
    removed: Sequence[KnownDocument]


def matched(gone: Iterable[KnownDocument], added: Mapping[str, Sequence[str]]) -> Removals:
    """A document that went while another came with the same bytes was renamed.

    `added` are the keys of new documents by content hash, in the order in which they came.
    """
    left = {content_hash: list(keys) for content_hash, keys in added.items()}
    renamed: dict[str, KnownDocument] = {}
    removed: list[KnownDocument] = []
    for known in gone:
        keys = left.get(known.content_hash)
        if keys:
            renamed[keys.pop(0)] = known
        else:
            removed.append(known)
    return Removals(renamed, removed)


def require_few(removed: Sequence[KnownDocument], synced: int) -> None:
    """PublishRefused when a run would remove much of the `synced` documents: an unmounted folder looks like that."""
    if len(removed) <= max(GUARD_COUNT, GUARD_SHARE * synced):
        return
    raise PublishRefused(
        f"This run would remove {len(removed)} of {synced} documents"
        f" ({', '.join(document.key for document in removed[:3])}, …); nothing was changed.",
        hint="If they are meant to go, run it again with --allow-deletes.",
        code="too_many_deletes",
    )
