"""All answers that can be followed: those of this process, and through the journal those of every other worker.

This process says every few seconds that it lives, looks for what others want of its answers (a stop, a reader), and
gives an end to what dead processes left behind.
"""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, TypeAlias
from weakref import WeakValueDictionary

import structlog

from ragchat.answering.events import Event, Finish
from ragchat.conversations import Asked, AskedBefore, Begun, Busy, ConversationStore, new_id
from ragchat.conversations.recording import asked as recorded_question
from ragchat.conversations.recording import in_time
from ragchat.errors import StorageFailed, UsageError
from ragchat.web.live.answer import GRACE, Followed, LiveAnswer
from ragchat.web.live.elsewhere import AnswerElsewhere
from ragchat.web.live.journaling import Journaling, cancelled
from ragchat.web.live.once import Once

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

KEPT = 128
"""Finished answers that are replayed from memory; about 20 kB each. The journal has the others."""
LOOK_SECONDS = 0.25
"""Between two looks for what other workers want of a running answer."""
BEAT_SECONDS = 5.0
TURN_SECONDS = 0.05
"""Between two tries to ask in a conversation in which another worker answers."""

log = structlog.get_logger("ragchat.web")

Turn: TypeAlias = tuple[str, str | None, str]
"""Tenant, user and conversation."""


class LiveAnswers:
    """Enter it (`kept`) before the first answer. `wait` is how long a question waits for its turn, in seconds."""

    def __init__(self, store: ConversationStore, *, grace: float = GRACE, wait: float = 30.0) -> None:
        self.worker = new_id()
        self.once = Once()
        self._enrolled = False
        self._store = store
        self._grace = grace
        self._wait = wait
        self._answers: OrderedDict[str, LiveAnswer] = OrderedDict()
        self._beginning: set[str] = set()
        self._turns: WeakValueDictionary[Turn, asyncio.Lock] = WeakValueDictionary()
        self._journaling = Journaling(store.journal)

    @asynccontextmanager
    async def kept(self) -> AsyncIterator[None]:
        """While it is entered, answers are journaled and others are heard; at the end running ones are cut."""
        await self._look_after()
        writing = asyncio.create_task(self._journaling.run(), name="ragchat: write the journal")
        leaving = asyncio.Event()
        looking = asyncio.create_task(self._keep_looking(leaving), name="ragchat: hear other workers")
        try:
            yield
        finally:
            await self.close()
            leaving.set()  # a look that is cancelled in the middle leaves its connection behind
            await asyncio.wait([looking], timeout=BEAT_SECONDS)
            await cancelled(looking)
            await cancelled(writing)
            await self._journaling.flush()
            with suppress(StorageFailed):
                await in_time(self._store.journal.leave(self.worker))

    async def asked(
        self, question: Asked, *, tenant: str = "", user: str | None = None
    ) -> Begun | AskedBefore | None:
        """Record a question when it is its turn; None when nothing can be stored.

        Questions of one conversation are answered one after the other, so that each is told what was said before. One
        that waits too long is a UsageError with the code "conversation_busy".
        """
        store = self._store.of(tenant, user)
        turn = self._turns.setdefault((tenant, user, question.conversation_id), asyncio.Lock())
        deadline = asyncio.get_running_loop().time() + self._wait
        if not self._enrolled and not await self._enrol():
            return None
        self._beginning.add(question.answer_id)
        try:
            async with asyncio.timeout_at(deadline):
                await turn.acquire()
            try:
                while isinstance(result := await recorded_question(store, self._beside(question)), Busy):
                    async with asyncio.timeout_at(deadline):
                        await self._until_free(result)
                return result
            finally:
                turn.release()
        except TimeoutError:
            raise conversation_busy() from None
        finally:
            self._beginning.discard(question.answer_id)

    def _beside(self, question: Asked) -> Asked:
        return replace(question, running=frozenset((*self._running(), *self._beginning)))

    async def _until_free(self, busy: Busy) -> None:
        answer = self._answers.get(busy.answer_id)
        if answer is not None and not answer.finished:
            await answer.settled()
        else:
            await asyncio.sleep(TURN_SECONDS)

    def start(
        self,
        message_id: str,
        recorded: "Callable[[Callable[[], Finish]], AsyncGenerator[Event, None]]",
        *,
        owner: tuple[str, str | None] = ("", None),
        journaled: bool = False,
    ) -> LiveAnswer:
        """Run what `recorded(cut)` gives; `cut` tells how an early end is to be named."""
        written = self._journaling.add if journaled else None
        answer = LiveAnswer(message_id, owner=owner, grace=self._grace, written=written)
        self._answers[message_id] = answer
        answer.run(recorded(answer.cut))
        self._forget()
        return answer

    def get(self, message_id: str) -> LiveAnswer | None:
        """An answer of this process, whoever it belongs to."""
        return self._answers.get(message_id)

    async def find(self, store: ConversationStore, message_id: str) -> Followed | None:
        """An answer that can be followed, None when its events are gone. NotFound where `store` does not see it.

        A conversation's last message whose status is "streaming" can be found so, whichever worker makes it.
        """
        answer = self._answers.get(message_id)
        if answer is not None and store.owns(*answer.owner):
            return answer
        stream = await store.stream(message_id)
        if stream is None:
            return None
        status = (await store.message(message_id)).status
        return AnswerElsewhere(store, message_id, status)

    async def close(self) -> None:
        """Cut every running answer and wait until each is recorded."""
        running = [answer for answer in self._answers.values() if not answer.finished]
        await asyncio.gather(*(answer.stop("incomplete") for answer in running))

    def _running(self) -> dict[str, LiveAnswer]:
        return {name: answer for name, answer in self._answers.items() if not answer.finished}

    async def _keep_looking(self, leaving: asyncio.Event) -> None:
        looks = 0
        while not leaving.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await leaving.wait()
                    return
            looks += 1
            try:
                if looks * LOOK_SECONDS >= BEAT_SECONDS:
                    looks = 0
                    await self._look_after()
                if running := self._running():
                    await self._hear(running)
            except Exception:  # boundary: the task has no caller, and goes on for as long as the process
                log.exception("looking after answers failed")

    async def _enrol(self) -> bool:
        """Say for the first time that this process lives, or others would take its answers for cut."""
        with suppress(StorageFailed):
            await in_time(self._store.journal.beat(self.worker))
            self._enrolled = True
        return self._enrolled

    async def _look_after(self) -> None:
        """Say that this process lives, and give an end to what others left behind."""
        if not await self._enrol():
            return
        with suppress(StorageFailed):
            await in_time(self._store.journal.recover(self.worker, {*self._running(), *self._beginning}))

    async def _hear(self, running: dict[str, LiveAnswer]) -> None:
        recently = datetime.now(UTC) - timedelta(seconds=self._grace)
        with suppress(StorageFailed):
            for wish in await in_time(self._store.journal.wishes(self.worker)):
                answer = running.get(wish.message_id)
                if answer is None:
                    continue
                if wish.read is not None and wish.read > recently:
                    answer.read_elsewhere()
                if wish.stop:
                    await answer.stop()

    def _forget(self) -> None:
        over = [name for name, answer in self._answers.items() if answer.finished]
        for name in over[: max(0, len(over) - KEPT)]:
            del self._answers[name]


def conversation_busy() -> UsageError:
    return UsageError(
        "Another answer is being made in this conversation.",
        hint="Wait for its end, stop it, or ask in a conversation of its own.",
        code="conversation_busy",
    )
