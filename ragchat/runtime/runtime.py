"""The composition: one async context manager that holds the models, the collections served and the stores.

Searching is synchronous and CPU-bound; it runs on a bounded pool of worker threads. Answers lease the generation
that is current when they start and keep it to their end, while a poll once in half a second brings in newer ones.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import aclosing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Literal, Self

import anyio
from anyio import CapacityLimiter
from anyio.to_thread import run_sync

from ragchat.answering.answer import Answerer, AnswerOptions, Turn, load_writing
from ragchat.answering.events import Event
from ragchat.answering.moderating.words import Moderation
from ragchat.answering.working import Workers
from ragchat.conversations import ConversationStore
from ragchat.conversations.store import SqlConversationStore
from ragchat.corpus.contract import Snapshot, Store
from ragchat.corpus.opening import open_stores
from ragchat.corpus.values import Filters, View
from ragchat.errors import NotFound, RagchatError
from ragchat.retrieval.search import RetrievedPassage, Retriever, SearchOptions
from ragchat.runtime.administration.administration import Administration
from ragchat.runtime.agent_tools import own_tools
from ragchat.runtime.changing import bring_in, take_out
from ragchat.runtime.kept import kept_at
from ragchat.runtime.models import Models
from ragchat.runtime.operating.memory import set_apart
from ragchat.runtime.operating.tracing import traced
from ragchat.runtime.serving import ServedCollection, nothing_ingested
from ragchat.settings import Settings, collection_name

if TYPE_CHECKING:
    from ingest.report import IngestReport

POLL_SECONDS = 0.5
"""Between looks for a newer generation (one small read per collection): it is served within a second."""


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether questions can be answered now, and from what."""

    ready: bool
    reason: str
    collection: str
    generation: int | None
    documents: int
    chunks: int
    embedder: str
    model: str


class Runtime:
    """Everything that a process needs to answer. Enter it before use; it may be entered once.

    `lasting` says that the process is there for nothing else, and for long: then it loads what its first answer would
    wait for, and settles.
    """

    def __init__(self, settings: Settings, *, lasting: bool = False) -> None:
        self.settings = settings
        self.models = Models(settings)
        self._collections: dict[str, ServedCollection] = {}
        self._conversations = SqlConversationStore(settings.conversations_url)
        self._lasting = lasting
        self._tasks: list[asyncio.Task[None]] = []
        self._workers = Workers()
        self._tools = own_tools(settings.agent_tools)
        self._prompts = (
            kept_at(settings.redis_url, settings.answer_cache_seconds, "prompt")
            if settings.prompt_cache == "on"
            else None
        )
        self._moderation = Moderation(flagged=settings.flagged_words, blocked=settings.blocked_words)

    async def __aenter__(self) -> Self:
        at_once = self.models.at_once
        self._workers = Workers(CapacityLimiter(at_once), CapacityLimiter(at_once))
        await run_sync(self._serve, self.settings.collection)
        self._begin("look for newer generations", self._keep_fresh())
        if self._lasting:
            self._begin("settle", run_sync(self._settle, abandon_on_cancel=True))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        for served in self._collections.values():
            served.close()
        await self._conversations.close()
        if self._prompts is not None:
            await self._prompts.close()

    def _begin(self, what: str, work: Coroutine[None, None, None]) -> None:
        self._tasks.append(asyncio.create_task(work, name=f"ragchat: {what}"))

    def _settle(self) -> None:
        """Whatever is wrong with the model is told where it is asked."""
        with suppress(RagchatError):
            if self.models.chat_model() is not None:
                load_writing()
        set_apart()

    @property
    def conversations(self) -> ConversationStore:
        return self._conversations

    async def _keep_fresh(self) -> None:
        while True:
            await anyio.sleep(POLL_SECONDS)
            for served in tuple(self._collections.values()):
                await run_sync(served.refresh)

    def _serve(self, name: str) -> ServedCollection:
        """The collection, opened on first use. NotFound for one that was never ingested and is not the default."""
        served = self._collections.get(name)
        if served is None:
            stores = open_stores(self.settings.index_dir, keep=self.settings.keep_generations)
            home = stores.store(collection_name(name))
            if name != self.settings.collection and not _published(home):
                raise NotFound(
                    f"There is no collection {name!r}.",
                    hint=f"Run `ragchat ingest --collection {name} PATH`, or ask another one.",
                    code="no_such_collection",
                )
            served = self._collections.setdefault(
                name, ServedCollection(home, self.models.embedder_spec, self._retriever)
            )
        return served.opened()

    def _retriever(self, snapshot: Snapshot) -> Retriever:
        return Retriever(snapshot, self.models.embedder(), self.models.reranker())

    @contextmanager
    def snapshot(self, collection: str | None = None) -> Iterator[Snapshot]:
        """A lease on the current generation. NotReady, NotFound."""
        with self._serve(collection or self.settings.collection).lease() as retriever:
            yield retriever.snapshot

    async def search(
        self,
        query: str,
        *,
        collection: str | None = None,
        top_k: int | None = None,
        filters: Filters | None = None,
    ) -> Sequence[RetrievedPassage]:
        """The best passages, best first. NotReady, NotFound, UpstreamFailed."""
        options = SearchOptions(top_k=top_k or self.settings.top_k, filters=filters or Filters())

        def work() -> Sequence[RetrievedPassage]:
            with self._serve(collection or self.settings.collection).lease() as retriever:
                return _seen_by(retriever, filters).search(query, options)

        return await run_sync(work, limiter=self._workers.beginning)

    async def answer(
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
    ) -> AsyncGenerator[Event, None]:
        """The event stream of one answer; see ragchat.answering.answer for its contract."""
        served = await run_sync(self._serve, collection or self.settings.collection)
        with served.lease() as retriever:
            answerer = self._answerer(retriever, filters, model)
            options = AnswerOptions(
                message_id=message_id,
                conversation_id=conversation_id,
                top_k=top_k or self.settings.top_k,
                filters=filters or Filters(),
                grounding=grounding or self.settings.grounding,
                mode=mode or "chat",
                system_prompt=system_prompt,
                preferences=preferences or {},
                parameters=parameters or {},
                tenant=tenant,
                fresh=fresh,
            )
            known = {
                "message_id": message_id,
                "collection": collection or self.settings.collection,
                "mode": options.mode,
                "model": answerer.model_name,
            }
            async with aclosing(traced(answerer.answer(question, history, options), known)) as events:
                async for event in events:
                    yield event

    def administration(self, collection: str | None = None) -> Administration:
        """What is done to a collection besides asking it; opens it on first use. NotFound."""
        return Administration(self.models, self._serve(collection or self.settings.collection))

    def _answerer(self, retriever: Retriever, filters: Filters | None, model: str | None) -> Answerer:
        return Answerer(
            retriever=_seen_by(retriever, filters),
            model=self.models.chat_model(model),
            model_name=self.models.served_name(model),
            workers=self._workers,
            deadline=self.settings.upstream_timeout,
            moderation=self._moderation,
            tools=self._tools,
            judge=self.models.judge(),
            again=self.settings.blocked_again,
            prompts=self._prompts,
        )

    def bring_in(
        self, collection: str, folder: Path, acl: Sequence[str], stopped: Callable[[], bool]
    ) -> "IngestReport":
        """See ragchat.runtime.changing; what it published is served when it returns."""
        store = open_stores(self.settings.index_dir, keep=self.settings.keep_generations).store(collection)
        report = bring_in(self.models, store, folder, acl, stopped)
        if report.generation is not None:
            self._serve(collection).refresh()
        return report

    def take_out(self, collection: str, document_ids: Sequence[str], *, purge: bool) -> int:
        """See ragchat.runtime.changing; nothing finds them any more when it returns."""
        served = self._serve(collection)
        generation = take_out(served.home, document_ids, purge=purge)
        served.refresh()
        return generation

    def named(self, collection: str | None) -> str:
        """The collection that is meant, which need not exist yet."""
        return collection or self.settings.collection

    def collections(self) -> Sequence[str]:
        """Names of the collections that have something to answer from, sorted. Blocks on the disk."""
        stores = open_stores(self.settings.index_dir, keep=self.settings.keep_generations)
        return [name for name in stores.names() if _published(stores.store(name))]

    def ready(self) -> Readiness:
        """Cheap: reads no disk, calls no model's service, never raises."""
        served = self._collections.get(self.settings.collection)
        state = served.state() if served else None
        problem: RagchatError | None = state.problem if state else None
        if problem is None and (state is None or state.generation is None):
            problem = nothing_ingested(self.settings.collection)
        problem = problem or self.models.problem
        return Readiness(
            ready=state is not None and state.generation is not None and self.models.problem is None,
            reason=str(problem) if problem else "",
            collection=self.settings.collection,
            generation=state.generation if state else None,
            documents=state.documents if state else 0,
            chunks=state.chunks if state else 0,
            embedder=self.settings.embeddings,
            model=self.settings.chat_model,
        )


def _published(home: Store) -> bool:
    """Whether it can be asked anything: a run that found nothing to read leaves a collection without a generation."""
    return home.exists() and home.current() is not None


def _seen_by(retriever: Retriever, filters: Filters | None) -> Retriever:
    """What the caller's tags let through, in counts too."""
    if filters is None or filters.acl is None:
        return retriever
    return retriever.narrowed(View(filters.acl))
