"""One collection in the hands of whoever runs the service. Synchronous: event loops use a worker thread."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ragchat.corpus.values import GenerationInfo
from ragchat.runtime.administration import again
from ragchat.runtime.administration.failing import RUNS
from ragchat.runtime.administration.listing import ListedPage, State, listed_page
from ragchat.runtime.models import Models
from ragchat.runtime.serving import ServedCollection, nothing_ingested

if TYPE_CHECKING:
    from ingest.options import Observer
    from ingest.report import IngestReport


@dataclass(frozen=True, slots=True)
class Administration:
    """What is changed here is served when the call returns. All raise NotReady where nothing was ingested."""

    models: Models
    served: ServedCollection

    def documents(
        self,
        *,
        words: str = "",
        state: State | None = None,
        after: str = "",
        after_id: str = "",
        limit: int = 50,
    ) -> ListedPage:
        """A page of documents with their state; see `listed_page`."""
        with self.served.lease() as retriever:
            reports = self.served.home.reports(RUNS)
            return listed_page(
                retriever.snapshot,
                reports,
                words=words,
                state=state,
                after=after,
                after_id=after_id,
                limit=limit,
            )

    def generations(self) -> list[GenerationInfo]:
        """Those that are kept, newest first."""
        self._require()
        return sorted(self.served.home.generations(), key=lambda one: -one.number)

    def rollback(self, number: int) -> GenerationInfo:
        """Make an older generation current. NotFound, IndexDamaged, WriterBusy."""
        self._require()
        info = self.served.home.rollback(number)
        self.served.refresh()
        return info

    def sources(self) -> Sequence[again.Source]:
        self._require()
        return again.sources(self.served.home)

    def read_again(
        self, path: str, observer: "Observer", *, rehash: bool = False, allow_deletes: bool = False
    ) -> "IngestReport":
        """See `again.again`. What `observer` raises ends the run with nothing published."""
        self._require()
        report = again.again(
            self.models, self.served.home, path, observer, rehash=rehash, allow_deletes=allow_deletes
        )
        self.served.refresh()
        return report

    def _require(self) -> None:
        home = self.served.home
        if not home.exists():
            raise nothing_ingested(home.collection)
