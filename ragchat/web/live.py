"""Answers that are being made: each runs in a task of its own, and any number of readers follow its journal.

So a dropped connection can come back (by event number) within `GRACE` seconds, a stop reaches the answer from any
request, and an answer that nobody follows any more is cancelled. Finished journals are kept in bounded number.
"""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import aclosing, contextmanager, suppress
from typing import TYPE_CHECKING

import structlog

from ragchat.answering.events import Citation, Cited, Done, Error, Event, Finish, Start, Token
from ragchat.conversations import Status
from ragchat.errors import RagchatError, UpstreamFailed

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

GRACE = 1.0
"""Seconds that an answer goes on without a reader."""
HEARTBEAT_SECONDS = 15.0
KEPT = 128
"""Finished answers that can still be replayed; about 20 kB each."""

log = structlog.get_logger("ragchat.web")


class LiveAnswer:
    """One answer, its journal of events, and who follows it."""

    def __init__(self, message_id: str) -> None:
        self.message_id = message_id
        self.finished = False
        self.failure: RagchatError | None = None
        self._journal: list[Event] = []
        self._news = asyncio.Event()
        self._cut: Finish = "incomplete"
        self._followers = 0
        self._abandon: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None

    def run(self, events: "AsyncGenerator[Event, None]") -> None:
        """Start consuming `events` in a task."""
        self._task = asyncio.create_task(self._consume(events), name=f"answer {self.message_id}")

    def cut(self) -> Finish:
        """How an answer that does not reach its own end is to be recorded."""
        return self._cut

    async def stop(self, finish: Finish = "stopped") -> bool:
        """End the answer now; True when it was still running. Returns once the partial answer is recorded."""
        if self.finished or self._task is None:
            return False
        self._cut = finish
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.shield(self._settled())
        return True

    @property
    def status(self) -> Status:
        """As its stored message has it, or would have it if it could be stored."""
        match self._journal[-1] if self._journal else None:
            case Done(finish="stopped" | "incomplete"):
                return "partial"
            case Done():
                return "complete"
            case _:
                return "failed" if self.finished else "streaming"

    async def begun(self) -> None:
        """Wait for the first event. Raises what failed before it: nothing has been sent yet, so it can be a status."""
        while not self._journal and not self.finished:
            await self._news.wait()
        if not self._journal and self.failure is not None:
            raise self.failure

    async def follow(self, after: int = -1) -> AsyncIterator[tuple[int, Event] | None]:
        """(seq, event) for every event with a number above `after`; None when nothing came for a heartbeat."""
        position = after + 1
        while True:
            news = self._news
            while position < len(self._journal):
                yield position, self._journal[position]
                position += 1
            if self.finished:
                return
            try:
                await asyncio.wait_for(news.wait(), HEARTBEAT_SECONDS)
            except TimeoutError:
                yield None

    @contextmanager
    def followed(self) -> Iterator[None]:
        """While it is entered, somebody reads; when the last reader leaves, the answer has `GRACE` seconds."""
        self._followers += 1
        if self._abandon is not None:
            self._abandon.cancel()
            self._abandon = None
        try:
            yield
        finally:
            self._followers -= 1
            if not self._followers and not self.finished:
                self._abandon = asyncio.get_running_loop().call_later(GRACE, self._leave)

    def has_more(self, after: int) -> bool:
        """Whether a reader that has seen event `after` has anything to wait for."""
        return not self.finished or after + 1 < len(self._journal)

    def _leave(self) -> None:
        if self._task is not None and not self.finished:
            self._task.cancel()

    async def _settled(self) -> None:
        while not self.finished:
            await self._news.wait()

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
            self.finished = True
            self._wake()

    def _append(self, event: Event) -> None:
        if self._journal and isinstance(self._journal[-1], Done | Error):
            return
        self._journal.append(event)
        self._wake()

    def _fail(self, failure: RagchatError) -> None:
        self.failure = failure
        if self._journal:
            retryable = isinstance(failure, UpstreamFailed) and failure.retryable
            self._append(Error(failure.code, failure.message, retryable))

    def _cut_short(self) -> Done:
        said = "".join(event.token for event in self._journal if isinstance(event, Token))
        cited: tuple[Citation, ...] = tuple(
            event.citation for event in self._journal if isinstance(event, Cited)
        )
        conversation_id = next(
            (event.conversation_id for event in self._journal if isinstance(event, Start)), ""
        )
        return Done(finish=self._cut, response=said, citations=cited, conversation_id=conversation_id)

    def _wake(self) -> None:
        news, self._news = self._news, asyncio.Event()
        news.set()


class LiveAnswers:
    """The answers of this process that run, and the last `KEPT` that ended."""

    def __init__(self) -> None:
        self._answers: OrderedDict[str, LiveAnswer] = OrderedDict()

    def start(
        self, message_id: str, recorded: Callable[[Callable[[], Finish]], "AsyncGenerator[Event, None]"]
    ) -> LiveAnswer:
        """Run what `recorded(cut)` gives; `cut` tells how an early end is to be named."""
        answer = LiveAnswer(message_id)
        self._answers[message_id] = answer
        answer.run(recorded(answer.cut))
        self._forget()
        return answer

    def get(self, message_id: str) -> LiveAnswer | None:
        return self._answers.get(message_id)

    async def close(self) -> None:
        """Cut every running answer and wait until each is recorded."""
        running = [answer for answer in self._answers.values() if not answer.finished]
        await asyncio.gather(*(answer.stop("incomplete") for answer in running))

    def _forget(self) -> None:
        ended = [name for name, answer in self._answers.items() if answer.finished]
        for name in ended[: max(0, len(ended) - KEPT)]:
            del self._answers[name]
