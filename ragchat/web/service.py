"""What the HTTP face needs of the rest of the product; ragchat.runtime.Runtime satisfies it.

A protocol, so that the routers can be read, typed and tested without knowing how an answer is made.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Literal, Protocol, Self

from ragchat.answering.events import Event
from ragchat.answering.request import Turn
from ragchat.conversations import ConversationStore
from ragchat.corpus.values import Filters
from ragchat.settings import Settings

if TYPE_CHECKING:
    from ingest.report import IngestReport
    from ragchat.corpus.contract import Snapshot
    from ragchat.retrieval.search import RetrievedPassage
    from ragchat.runtime.administration.administration import Administration


class ReadyState(Protocol):
    """Whether questions can be answered now, and from what. `reason` tells a person why not (empty when ready)."""

    @property
    def ready(self) -> bool: ...
    @property
    def reason(self) -> str: ...
    @property
    def collection(self) -> str: ...
    @property
    def generation(self) -> int | None: ...
    @property
    def documents(self) -> int: ...
    @property
    def chunks(self) -> int: ...
    @property
    def embedder(self) -> str: ...
    @property
    def model(self) -> str: ...


class Service(Protocol):
    """An async context manager: entered once by the application's lifespan, before the first request."""

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None: ...

    @property
    def settings(self) -> Settings: ...

    @property
    def conversations(self) -> ConversationStore: ...

    def answer(
        self,
        question: str,
        *,
        message_id: str,
        conversation_id: str,
        history: Sequence[Turn] = (),
        collection: str | None = None,
        model: str | None = None,
        mode: Literal["chat", "agent"] | None = None,
        grounding: Literal["strict", "annotate"] | None = None,
        top_k: int | None = None,
        filters: Filters | None = None,
        system_prompt: str = "",
        preferences: Mapping[str, str] | None = None,
        parameters: Mapping[str, float | int] | None = None,
        tenant: str = "",
        fresh: bool = False,
    ) -> AsyncIterator[Event]:
        """The event stream of one answer, with exactly one terminal event. None means: as the settings say.

        `filters.acl` narrows all that the answer sees, counts included. `parameters` are the model's own (temperature,
        top_p, max_tokens). What a model said to an equal prompt of the same `tenant` may be said again, unless it is to
        be `fresh`.

        Nothing happens before the first `__anext__`; the iterator is an async generator (it has `aclose`). Failures
        after `start` are an `error` event. Recording is not its business (see ragchat.conversations.recording).
        """
        ...

    async def search(
        self,
        query: str,
        *,
        collection: str | None = None,
        top_k: int | None = None,
        filters: Filters | None = None,
    ) -> "Sequence[RetrievedPassage]":
        """The best passages, best first; works in a worker thread. NotReady, NotFound, UpstreamFailed."""
        ...

    def snapshot(self, collection: str | None = None) -> "AbstractContextManager[Snapshot]":
        """A lease on the current generation: it stays open and whole until the block is left. NotReady, NotFound."""
        ...

    def administration(self, collection: str | None = None) -> "Administration":
        """What is done to a collection besides asking it; blocks, as all its methods do. NotFound."""
        ...

    def bring_in(
        self, collection: str, folder: Path, acl: Sequence[str], stopped: Callable[[], bool]
    ) -> "IngestReport":
        """Bring the collection in line with `folder`; blocks. WriterBusy, PublishRefused, StorageFailed; Interrupted
        (ragchat.runtime.changing) once `stopped` says so."""
        ...

    def take_out(self, collection: str, document_ids: Sequence[str], *, purge: bool) -> int:
        """Remove documents; blocks. The generation without them, which is served on return. NotFound, WriterBusy."""
        ...

    def named(self, collection: str | None) -> str:
        """The collection that is meant, the server's own where none is named; NotFound where the caller may not read
        it, in the words for one that does not exist."""
        ...

    def collections(self) -> Sequence[str]:
        """Names of the collections that have something to answer from, sorted. Blocks on the disk."""
        ...

    def ready(self) -> ReadyState:
        """Cheap, never raises, never calls a model's service."""
        ...
