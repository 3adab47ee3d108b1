"""An answer that another worker makes, or made: followed by its journal in the database, and stopped by asking."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AbstractContextManager, aclosing, nullcontext, suppress

from ragchat.answering.encoding import decode
from ragchat.answering.events import Event, Finish
from ragchat.conversations import ConversationStore, Status
from ragchat.errors import NotFound, StorageFailed
from ragchat.web.live.answer import HEARTBEAT_SECONDS, Entry, events_of

LOOK_SECONDS = 0.1
"""Between two looks into the journal of an answer that is being made."""
TOLD_SECONDS = 1.0
"""Between two times that its worker is told that somebody reads."""
STOP_SECONDS = 5.0
"""How long a stop waits until the other worker has recorded what was said."""


class AnswerElsewhere:
    """See Followed. `store` is the view of whoever asks."""

    def __init__(self, store: ConversationStore, message_id: str, status: Status) -> None:
        self.message_id = message_id
        self.status: Status = status
        self._store = store
        self._journal = store.journal

    @property
    def finished(self) -> bool:
        """See Followed."""
        return self.status != "streaming"

    async def begun(self) -> None:
        """See Followed. NotFound where it ended before its first event: its worker took it back."""
        async with aclosing(self.entries()) as entries:
            async for entry in entries:
                if entry is not None:
                    return
        raise NotFound("The answer to this request is gone.", code="message_not_found")

    async def entries(self, after: int = -1) -> AsyncGenerator[Entry | None, None]:
        """See Followed."""
        quiet = told = 0.0
        while True:
            ended = await self._journal.has_ended(self.message_id)
            found = await self._journal.read(self.message_id, after)
            for seq, line in found:
                yield Entry(seq, decode(line), line)
                after = seq
            if ended:
                if self.status == "streaming":
                    self.status = await self._status()
                return
            quiet = 0.0 if found else quiet + LOOK_SECONDS
            told -= LOOK_SECONDS
            if told <= 0:
                told = TOLD_SECONDS
                with suppress(StorageFailed):  # what is written can be read all the same
                    await self._journal.read_now(self.message_id)
            if quiet >= HEARTBEAT_SECONDS:
                quiet = 0.0
                yield None
            await asyncio.sleep(LOOK_SECONDS)

    def follow(self, after: int = -1) -> AsyncIterator[tuple[int, Event] | None]:
        """See Followed."""
        return events_of(self.entries(after))

    def followed(self) -> AbstractContextManager[None]:
        """See Followed; its worker is told while `entries` are read."""
        return nullcontext()

    async def has_more(self, after: int) -> bool:
        """See Followed."""
        if not await self._journal.has_ended(self.message_id):
            return True
        return bool(await self._journal.read(self.message_id, after))

    async def stop(self, finish: Finish = "stopped") -> bool:
        """See Followed; how it ends is its worker's word."""
        if self.status != "streaming":
            return False
        await self._journal.ask_to_stop(self.message_id)
        for _ in range(int(STOP_SECONDS / LOOK_SECONDS)):
            self.status = await self._status()
            if self.status != "streaming":
                return self.status == "partial"
            await asyncio.sleep(LOOK_SECONDS)
        return False

    async def _status(self) -> Status:
        try:
            return (await self._store.message(self.message_id)).status
        except NotFound:  # deleted meanwhile
            return "partial"
