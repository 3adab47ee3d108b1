"""Bringing documents in and taking them out while the service runs: the same pipeline as `ragchat ingest`.

Synchronous: callers in an event loop use a worker thread. Whoever else writes the collection makes it WriterBusy.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ragchat.corpus.contract import Store
from ragchat.runtime.checks import calibration
from ragchat.runtime.models import Models

if TYPE_CHECKING:
    from ingest.report import IngestReport, Outcome, Stage


class Interrupted(Exception):
    """The run was asked to end before it published."""


def bring_in(
    models: Models, store: Store, folder: Path, acl: Sequence[str], stopped: Callable[[], bool]
) -> "IngestReport":
    """The index in line with `folder`, a root of its own: what is new, changed and gone.

    Its documents are seen by whoever has one of the tags `acl`; none: by everybody. Raises Interrupted soon after
    `stopped` says so, with nothing published; WriterBusy, PublishRefused, StorageFailed, UpstreamFailed.
    """
    from ingest.options import IngestOptions, Observer  # the readers of formats are loaded when first needed
    from ingest.run import ingest  # as above
    from ingest.split import split_options  # as above

    class Watcher(Observer):
        """Ends the run where it is told of anything."""

        def stage(self, stage: "Stage") -> None:
            if stopped():
                raise Interrupted

        def finished(self, outcome: "Outcome") -> None:
            self.stage("extract")

        def embedded(self, chunks: int) -> None:
            self.stage("embed")

    settings = models.settings
    options = IngestOptions(
        split=split_options(settings.split, settings.chunk_tokens, settings.chunk_overlap),
        language=settings.language,
        acl=tuple(acl),
        checks=(calibration(),),
        allow_deletes=True,
    )
    return ingest([folder], store, models.embedder(), options, Watcher())


def take_out(store: Store, document_ids: Sequence[str], *, purge: bool) -> int:
    """Number of the generation without these documents; `purge` takes their bytes from the storage at once.

    Raises NotFound, WriterBusy, StorageFailed.
    """
    info = store.purge(document_ids) if purge else store.remove(document_ids)
    return info.number
