"""The service as one caller sees it: only the collections of its key, only the documents that its tags allow.

Routers are given this and nothing else, so that no route can forget it. What a caller may not see does not exist for
it: 404, and the search itself never touches it (Snapshot.narrowed, Filters.acl).
"""

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from ragchat.access import Principal
from ragchat.answering.events import Event
from ragchat.conversations import ConversationStore
from ragchat.corpus.filtering import common_tags
from ragchat.corpus.values import Filters, View
from ragchat.errors import Forbidden, NotFound
from ragchat.settings import Settings
from ragchat.web.service import ReadyState, Service

if TYPE_CHECKING:
    from ingest.report import IngestReport
    from ragchat.corpus.contract import Snapshot
    from ragchat.retrieval.search import RetrievedPassage
    from ragchat.runtime.administration.administration import Administration


class SeenBy:
    """A `Service` within what `principal` may see."""

    def __init__(self, service: Service, principal: Principal) -> None:
        self._service = service
        self._principal = principal
        self._tags = None if principal.tags is None else tuple(sorted(principal.tags))

    async def __aenter__(self) -> Self:
        raise RuntimeError("the application enters the service, once, for every caller")

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    @property
    def settings(self) -> Settings:
        return self._service.settings

    @property
    def conversations(self) -> ConversationStore:
        return self._service.conversations

    def answer(self, question: str, **options: Any) -> AsyncIterator[Event]:
        self.named(options.get("collection"))
        options["filters"] = self._within(options.get("filters"))
        return self._service.answer(question, **options)

    async def search(self, query: str, **options: Any) -> "Sequence[RetrievedPassage]":
        self.named(options.get("collection"))
        options["filters"] = self._within(options.get("filters"))
        return await self._service.search(query, **options)

    @contextmanager
    def snapshot(self, collection: str | None = None) -> "Iterator[Snapshot]":
        self.named(collection)
        with self._service.snapshot(collection) as whole:
            yield whole if self._tags is None else whole.narrowed(View(self._tags))

    def administration(self, collection: str | None = None) -> "Administration":
        name = self.named(collection)
        if self._tags is not None:
            raise Forbidden("The key sees only some of the documents.", code="only_some_documents")
        return self._service.administration(name)

    def bring_in(
        self, collection: str, folder: Path, acl: Sequence[str], stopped: Callable[[], bool]
    ) -> "IngestReport":
        return self._service.bring_in(self.named(collection), folder, acl, stopped)

    def take_out(self, collection: str, document_ids: Sequence[str], *, purge: bool) -> int:
        return self._service.take_out(self.named(collection), document_ids, purge=purge)

    def collections(self) -> Sequence[str]:
        return [name for name in self._service.collections() if self._principal.reads(name)]

    def named(self, collection: str | None) -> str:
        name = self._service.named(collection)
        if not self._principal.reads(name):
            raise NotFound(f"There is no collection {name!r}.", code="no_such_collection")
        return name

    def ready(self) -> ReadyState:
        return self._service.ready()

    def _within(self, filters: Filters | None) -> Filters | None:
        if self._tags is None:
            return filters
        given = filters or Filters()
        return replace(given, acl=common_tags(given.acl, self._tags))


def seen_by(service: Service, principal: Principal) -> Service:
    """`service` as `principal` sees it; itself where nothing is held back."""
    if principal.collections is None and principal.tags is None:
        return service
    return SeenBy(service, principal)
