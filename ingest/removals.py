"""What leaves the index: renamed or removed, and whether that many may go. Pure functions over what a run found."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ingest.sources import SourceFile
from ingest.survey import source_of
from ragchat.corpus.values import KnownDocument
from ragchat.errors import PublishRefused, UsageError

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


def nothing_to_read(paths: Sequence[Path | str], skipped: Sequence[SourceFile]) -> UsageError:
    """The error of a run whose paths hold no document, and held none before."""
    counts = Counter(file.skipped for file in skipped)
    told = "; ".join(f"{number} skipped: {reason}" for reason, number in counts.most_common(5))
    return UsageError(
        f"There is nothing to read in {', '.join(str(path) for path in paths)} ({told or 'no files'}).",
        hint="Looked for files of the formats in docs/formats.md (Markdown, HTML, PDF, Word, mail, archives, …) and any"
        " other text, below each folder; hidden files and what --exclude or .ragchatignore name are passed over.",
        code="nothing_to_read",
    )


def require_few(removed: Sequence[KnownDocument], synced: int, *, emptied: Sequence[str] = ()) -> None:
    """PublishRefused when a run would remove much of the `synced` documents, or all of a root that holds no file any
    more (`emptied`): an unmounted disk looks like that. What lies inside of files counts with its file."""
    if removed and emptied:
        raise PublishRefused(
            f"{emptied[0]} holds no document any more; {len(removed)} would be removed"
            f" ({', '.join(document.key for document in removed[:3])}). Nothing was changed.",
            hint="If they are meant to go, run it again with --allow-deletes; else see whether the disk is there.",
            code="too_many_deletes",
        )
    if len({source_of(document.key) for document in removed}) <= max(GUARD_COUNT, GUARD_SHARE * synced):
        return
    raise PublishRefused(
        f"This run would remove {len(removed)} of {synced} documents"
        f" ({', '.join(document.key for document in removed[:3])}, …); nothing was changed.",
        hint="If they are meant to go, run it again with --allow-deletes.",
        code="too_many_deletes",
    )
