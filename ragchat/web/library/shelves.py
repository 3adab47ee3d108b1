"""The collections as one caller may see them: what every route that searches, reads or lists documents goes through.

A collection that the caller may not read is not there, in the same words as one that does not exist; documents whose
tags they do not share are not there either. Nothing is checked a second time below.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ragchat.access import Principal
from ragchat.corpus.values import Filters, View
from ragchat.errors import NotFound
from ragchat.web.service import Service

if TYPE_CHECKING:
    from ragchat.corpus.contract import Snapshot
    from ragchat.retrieval.search import RetrievedPassage


@dataclass(frozen=True, slots=True)
class Library:
    """The collections of `service` in the eyes of `principal`."""

    service: Service
    principal: Principal

    def named(self, collection: str | None) -> str:
        """The collection that is meant, the server's own where none is named. NotFound where they may not read it."""
        name = collection or self.service.settings.collection
        if not self.principal.reads(name):
            raise NotFound(f"There is no collection {name!r}.", code="no_such_collection")
        return name

    def names(self) -> list[str]:
        """The collections that exist and that they may read. Blocks on the disk."""
        return [name for name in self.service.collections() if self.principal.reads(name)]

    @contextmanager
    def snapshot(self, collection: str | None = None) -> Iterator["Snapshot"]:
        """A lease on the current generation, narrowed to their documents. NotReady, NotFound."""
        with self.service.snapshot(self.named(collection)) as generation:
            if self.principal.tags is None:
                yield generation
            else:
                yield generation.narrowed(View(tuple(sorted(self.principal.tags))))

    async def search(
        self, query: str, *, collection: str | None = None, top_k: int | None = None
    ) -> "Sequence[RetrievedPassage]":
        """The best passages of their documents, best first. NotReady, NotFound, UpstreamFailed."""
        tags = self.principal.tags
        filters = None if tags is None else Filters(acl=tuple(sorted(tags)))
        return await self.service.search(
            query, collection=self.named(collection), top_k=top_k, filters=filters
        )
