"""A `Service` whose answers are written down beforehand, so that tests hold every moment of a stream in their hands.

Conversations are the real store; only the answering is a script. The real Runtime is tested in test_end_to_end.py.
"""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from ragchat.answering.events import (
    AnswerSpan,
    Citation,
    Cited,
    CitedDocument,
    CitedSpan,
    Done,
    Error,
    Event,
    Source,
    Sources,
    Start,
    Step,
    Token,
    Usage,
)
from ragchat.conversations.store import SqlConversationStore
from ragchat.errors import NotFound, NotReady, RagchatError
from ragchat.settings import Settings

QUOTE = "Hold the power button for ten seconds."
SOURCE = Source(
    n=1,
    document_id="d1",
    chunk_id=7,
    title="Router manual",
    uri="manuals/router.md",
    page=3,
    heading_path=("Router manual", "Reset"),
    start=100,
    end=180,
    text=f"If nothing helps: {QUOTE} Then wait.",
    score=0.9,
)
CITATION = Citation(
    n=1,
    document=CitedDocument("d1", "Router manual", "manuals/router.md", "ab" * 32, "text/markdown"),
    span=CitedSpan(118, 118 + len(QUOTE), 3, ("Router manual", "Reset")),
    quote=QUOTE,
    quote_sha256="cd" * 32,
    answer_span=AnswerSpan(0, len(QUOTE)),
    verified=True,
    method="extractive",
    score=0.93,
    url="/documents/d1#start=118&end=156&version=abababababababab",
)


@dataclass
class Gate:
    """The stream waits here until the test opens it; `reached` tells that it waits. Crosses threads."""

    reached: threading.Event = field(default_factory=threading.Event)
    opened: threading.Event = field(default_factory=threading.Event)

    async def passed(self) -> None:
        self.reached.set()
        while not self.opened.is_set():  # an asyncio.Event cannot be set from another thread
            await asyncio.sleep(0.005)

    async def waiting(self) -> None:
        """Return when the stream stands at the gate."""
        assert await asyncio.to_thread(self.reached.wait, 20)


def answer_script(text: str = QUOTE) -> list[Event | Gate | Exception]:
    """A grounded answer of two tokens and one citation."""
    half = len(text) // 2
    return [
        Step("search", "started"),
        Step("search", "finished"),
        Sources((SOURCE,)),
        Token(text[:half]),
        Token(text[half:]),
        Cited(CITATION),
        Done("answered", text, (CITATION,), 1.0, usage=Usage(3, 5), timings={"total": 12.5}),
    ]


@dataclass(frozen=True)
class State:
    ready: bool = True
    reason: str = ""
    collection: str = "default"
    generation: int | None = 4
    documents: int = 1
    chunks: int = 2
    embedder: str = "local:minilm"
    model: str = "scripted"


class NoDocuments:
    """The generation of an index in which there is nothing to read."""

    document_count = 0

    def __init__(self, number: int) -> None:
        self.number = number

    def documents(self, **page: Any) -> list[Any]:
        return []

    def read_document(self, document_id: str) -> Any:
        raise NotFound(f"There is no document {document_id!r} in this collection.")

    document = read_document


class ScriptedService:
    """Answers every question with `script`; what `answer` was given is kept in `asked`."""

    def __init__(
        self, directory: Path, script: Sequence[Event | Gate | Exception] | None = None, **settings: Any
    ) -> None:
        # Equal questions are asked anew here, so that a test sees each of them; tests of the cache turn it on.
        chosen = {"answer_cache": "off", **settings}
        self.settings = Settings(_env_file=None, index_dir=directory, **chosen)
        self.conversations = SqlConversationStore(self.settings.conversations_url)
        self.script = list(answer_script() if script is None else script)
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.closed = 0
        self.generation = 4
        self.unready: RagchatError | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.conversations.close()

    async def answer(self, question: str, **options: Any) -> AsyncIterator[Event]:
        self.asked.append((question, options))
        try:
            if not (self.script and isinstance(self.script[0], Exception)):
                yield Start(options["message_id"], options["conversation_id"], "scripted", self.generation)
            for step in self.script:
                if isinstance(step, Gate):
                    await step.passed()
                elif isinstance(step, Exception):
                    raise step
                else:
                    yield step
        finally:
            self.closed += 1

    async def search(self, query: str, **options: Any) -> Sequence[Any]:
        if self.unready:
            raise self.unready
        return []

    @contextmanager
    def snapshot(self, collection: str | None = None) -> Iterator[Any]:
        if self.unready:
            raise self.unready
        yield NoDocuments(self.generation)

    def administration(self, collection: str | None = None) -> Any:
        raise self.unready or NO_INDEX

    def named(self, collection: str | None) -> str:
        return collection or self.settings.collection

    def collections(self) -> Sequence[str]:
        return ["default", "manuals"]

    def ready(self) -> State:
        return State(False, "nothing ingested", generation=None) if self.unready else State()


NO_INDEX = NotReady(
    "The collection 'default' has no index yet.", hint="Run `ragchat ingest PATH`.", code="no_index"
)
FAILED = Error("upstream_failed", "The model's service failed.", retryable=True)
