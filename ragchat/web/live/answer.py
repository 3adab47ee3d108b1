"""One answer that is being made: it runs in a task of its own, and any number of readers follow what it has said.

A dropped connection can come back (by event number), a stop reaches the answer from any request, and an answer that
nobody follows any more is cancelled after a grace period. Readers see an event once the journal has it.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, aclosing, contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import structlog

from ragchat.answering.encoding import encode
from ragchat.answering.events import Citation, Cited, Done, Error, Event, Finish, Start, Token
from ragchat.conversations import Status
from ragchat.errors import RagchatError, UpstreamFailed

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

GRACE = 5.0
"""Seconds that an answer goes on without a reader, unless a setting says otherwise."""
HAND_OVER = 1.0
"""Seconds at least that an answer waits, at its start and at its first event, for whoever asked to read it."""
HEARTBEAT_SECONDS = 15.0
CLOCK_SECONDS = 0.01
"""By which timers may be early: uvloop's count in milliseconds."""

log = structlog.get_logger("ragchat.web")


@dataclass(frozen=True, slots=True)
class Entry:
    """An event with its number, and the line of JSON that every reader of it is sent."""

    seq: int
    event: Event
    line: str


class Followed(Protocol):
    """An answer that can be read, whoever makes it."""

    @property
    def message_id(self) -> str: ...
    @property
    def status(self) -> Status: ...
    @property
    def finished(self) -> bool:
        """Whether nothing comes any more; of an answer elsewhere as far as is known here."""
        ...

    async def begun(self) -> None:
        """Wait for the first event. Raises what failed before it: nothing has been sent yet, so it can be a status."""
        ...

    def entries(self, after: int = -1) -> AsyncIterator[Entry | None]:
        """Every event with a number above `after`, as it comes; None when nothing came for a heartbeat."""
        ...

    def follow(self, after: int = -1) -> AsyncIterator[tuple[int, Event] | None]:
        """As `entries`, for who needs the events only."""
        ...

    def followed(self) -> AbstractContextManager[None]:
        """While it is entered, somebody reads; an answer without readers ends after its grace period."""
        ...

    async def has_more(self, after: int) -> bool:
        """Whether a reader that has seen event `after` has anything to wait for."""
        ...

    async def stop(self, finish: Finish = "stopped") -> bool:
        """End the answer now; True when it was still running. Returns once the partial answer is recorded."""
        ...


async def events_of(entries: AsyncIterator[Entry | None]) -> AsyncIterator[tuple[int, Event] | None]:
    """The events of entries, with their numbers."""
    async for entry in entries:
        yield None if entry is None else (entry.seq, entry.event)


class LiveAnswer:
    """An answer of this process. `written` is told of every event that has to go into the journal first."""

    def __init__(
        self,
        message_id: str,
        *,
        owner: tuple[str, str | None] = ("", None),
        grace: float = GRACE,
        written: "Callable[[LiveAnswer], None] | None" = None,
    ) -> None:
        self.message_id = message_id
        self.owner = owner
        self.failure: RagchatError | None = None
        self._entries: list[Entry] = []
        self._shown = 0
        self._written = written
        self._ended = False
        self._news = asyncio.Event()
        self._cut: Finish = "incomplete"
        self._grace = grace
        self._followers = 0
        self._read_elsewhere = float("-inf")
        self._abandon: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None

    def run(self, events: "AsyncGenerator[Event, None]") -> None:
        """Start consuming `events` in a task, for the reader who is to come."""
        self._abandon = asyncio.get_running_loop().call_later(max(self._grace, HAND_OVER), self._leave)
        self._task = asyncio.create_task(self._consume(events), name=f"answer {self.message_id}")

    def cut(self) -> Finish:
        """How an answer that does not reach its own end is to be recorded."""
        return self._cut

    @property
    def finished(self) -> bool:
        """Whether nothing comes any more, and all of it can be read."""
        return self._ended and self._shown == len(self._entries)

    async def stop(self, finish: Finish = "stopped") -> bool:
        """See Followed."""
        if self._ended or self._task is None:
            return False
        self._cut = finish
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.shield(self.settled())
        return True

    @property
    def status(self) -> Status:
        """As its stored message has it, or would have it if it could be stored."""
        match self._entries[-1].event if self._entries else None:
            case Done(finish="stopped" | "incomplete"):
                return "partial"
            case Done():
                return "complete"
            case _:
                return "failed" if self._ended else "streaming"

    async def begun(self) -> None:
        """See Followed. Who waits for it counts as a reader: one that leaves already here leaves the answer."""
        with self._attended(max(self._grace, HAND_OVER)):
            while not self._shown and not self.finished:
                await self._news.wait()
        if not self._entries and self.failure is not None:
            raise self.failure

    async def entries(self, after: int = -1) -> AsyncIterator[Entry | None]:
        """See Followed. One timer serves many waits: it is set anew when it fires, not for each of them."""
        loop = asyncio.get_running_loop()
        position, told, due = after + 1, loop.time(), False

        def beats() -> None:
            nonlocal due
            due = True
            self._wake()

        timer = loop.call_later(HEARTBEAT_SECONDS, beats)
        try:
            while True:
                news = self._news
                while position < self._shown:
                    yield self._entries[position]
                    position, told = position + 1, loop.time()
                if self.finished:
                    return
                if due:
                    due = False
                    if loop.time() - told >= HEARTBEAT_SECONDS - CLOCK_SECONDS:
                        yield None
                        told = loop.time()
                    timer = loop.call_at(told + HEARTBEAT_SECONDS, beats)
                    continue
                await news.wait()
        finally:
            timer.cancel()

    def follow(self, after: int = -1) -> AsyncIterator[tuple[int, Event] | None]:
        """See Followed."""
        return events_of(self.entries(after))

    def followed(self) -> AbstractContextManager[None]:
        """See Followed."""
        return self._attended(self._grace)

    @contextmanager
    def _attended(self, grace: float) -> Iterator[None]:
        self._followers += 1
        if self._abandon is not None:
            self._abandon.cancel()
            self._abandon = None
        try:
            yield
        finally:
            self._followers -= 1
            if not self._followers and not self._ended:
                self._abandon = asyncio.get_running_loop().call_later(grace, self._leave)

    def read_elsewhere(self) -> None:
        """Somebody follows it on another worker: its grace period begins anew."""
        self._read_elsewhere = asyncio.get_running_loop().time()

    async def has_more(self, after: int) -> bool:
        """See Followed."""
        return not self.finished or after + 1 < len(self._entries)

    def unwritten(self, begin: int) -> list[str]:
        """The lines from number `begin` on that the journal has not got."""
        return [entry.line for entry in self._entries[begin:]]

    @property
    def ended(self) -> bool:
        """Whether the terminal event is there, shown or not."""
        return bool(self._entries) and isinstance(self._entries[-1].event, Done | Error)

    def show(self, count: int) -> None:
        """The journal has the first `count` events: readers may see them."""
        self._shown = max(self._shown, count)
        self._wake()

    def go_on_unwritten(self) -> None:
        """The journal refuses: readers see everything at once from now on."""
        self._written = None
        self.show(len(self._entries))

    async def settled(self) -> None:
        """Return once it is finished."""
        while not self.finished:
            await self._news.wait()

    def _leave(self) -> None:
        loop = asyncio.get_running_loop()
        left = self._read_elsewhere + self._grace - loop.time()
        if left > 0:
            self._abandon = loop.call_later(left, self._leave)
        elif self._task is not None and not self._ended:
            self._task.cancel()

    async def _consume(self, events: "AsyncGenerator[Event, None]") -> None:
        try:
            async with aclosing(events):
                async for event in events:
                    self._append(event)
        except asyncio.CancelledError:
            self._append(self._cut_short())
        except RagchatError as failure:
            self._fail(failure)
        except Exception:  # boundary: the task has no caller; a follower must still see an end
            log.exception("answer failed", message_id=self.message_id)
            self._fail(RagchatError("Something unexpected went wrong while answering.", code="internal"))
        finally:
            self._ended = True
            self._wake()

    def _append(self, event: Event) -> None:
        if self.ended:
            return
        seq = len(self._entries)
        self._entries.append(Entry(seq, event, encode(seq, event)))
        if self._written is None:
            self.show(len(self._entries))
        else:
            self._written(self)

    def _fail(self, failure: RagchatError) -> None:
        self.failure = failure
        if self._entries:
            retryable = isinstance(failure, UpstreamFailed) and failure.retryable
            self._append(Error(failure.code, failure.message, retryable))

    def _cut_short(self) -> Done:
        events = [entry.event for entry in self._entries]
        said = "".join(event.token for event in events if isinstance(event, Token))
        cited: tuple[Citation, ...] = tuple(event.citation for event in events if isinstance(event, Cited))
        conversation_id = next((event.conversation_id for event in events if isinstance(event, Start)), "")
        return Done(finish=self._cut, response=said, citations=cited, conversation_id=conversation_id)

    def _wake(self) -> None:
        news, self._news = self._news, asyncio.Event()
        news.set()
