"""The conversations that have tabs open in this process: what one tab asks, all of them see.

A room is there while somebody is in it. One answer at a time is made in it; who comes while it is made sees it from its
beginning. What is asked elsewhere, at another worker or by another route, is looked for in the store.
"""

import asyncio
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager, suppress
from typing import Final

from ragchat.conversations import ConversationStore
from ragchat.errors import NotFound, StorageFailed, UsageError
from ragchat.web.asking import Asking, ask
from ragchat.web.live import Followed, LiveAnswers
from ragchat.web.service import Service
from ragchat.web.sockets.frames import Said
from ragchat.web.sockets.tab import Gone, Tab

MOST_TABS: Final = 20
LOOK_SECONDS: Final = 1.0
"""Between two looks for what was asked elsewhere; a small query for each open conversation."""


class Room:
    """The open tabs of one conversation, and the answer that is being made in it."""

    def __init__(self) -> None:
        self.tabs: set[Tab] = set()
        self._asking = asyncio.Lock()
        self._question = ""
        self._answer: Followed | None = None
        self._known = ""
        """Id of the newest answer that the tabs have seen or follow."""
        self._looking: asyncio.Task[None] | None = None

    @property
    def running(self) -> Followed | None:
        """The answer that has not ended yet."""
        return self._answer if self._answer is not None and not self._answer.finished else None

    def enter(self, tab: Tab) -> None:
        """From now on it sees what happens here. UsageError when the room is full."""
        if len(self.tabs) >= MOST_TABS:
            raise UsageError(f"A conversation can be open in {MOST_TABS} places.", code="too_many_tabs")
        self.tabs.add(tab)
        if (answer := self.running) is not None:
            tab.follow(self._question, answer)

    async def ask(self, service: Service, live: LiveAnswers, asking: Asking) -> None:
        """Start an answer that every tab follows. UsageError while another one is made; what `ask` raises."""
        async with self._asking:
            if self.running is not None:
                raise UsageError(
                    "Another answer is being made in this conversation.",
                    hint="Wait for its end, or stop it.",
                    code="conversation_busy",
                )
            self._follow(asking.message, await ask(service, live, asking))

    def _follow(self, question: str, answer: Followed) -> None:
        self._question, self._answer, self._known = question, answer, answer.message_id
        for tab in self.tabs:
            tab.follow(question, answer)

    def look(self, live: LiveAnswers, store: ConversationStore, conversation_id: str, known: str) -> None:
        """From now on follow what is asked elsewhere too; `known` is the newest answer that was shown."""
        if self._looking is None:
            self._known = known
            looking = self._look(live, store, conversation_id)
            self._looking = asyncio.create_task(looking, name=f"room {conversation_id}")

    async def close(self) -> None:
        """Nobody is in it any more."""
        if self._looking is not None:
            self._looking.cancel()
            with suppress(asyncio.CancelledError):
                await self._looking

    async def _look(self, live: LiveAnswers, store: ConversationStore, conversation_id: str) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            with suppress(StorageFailed, NotFound):
                async with self._asking:
                    found = await store.latest(conversation_id)
                    if found is None or found.message_id == self._known:
                        continue
                    self._known = found.message_id
                    if (answer := await live.find(store, found.message_id)) is not None:
                        self._follow(found.question, answer)

    async def stop(self) -> bool:
        """End the running answer; False where there is none."""
        answer = self.running
        return answer is not None and await answer.stop()

    async def tell(self, said: Said) -> None:
        """Send the same to every tab."""
        for tab in tuple(self.tabs):
            try:
                await tab.tell(said)
            except Gone:
                self.tabs.discard(tab)

    async def clear(self, store: ConversationStore, conversation_id: str) -> None:
        """Stop what is made and delete every message; every tab is told."""
        await self.stop()
        with suppress(NotFound):  # nothing was said yet
            await store.clear(conversation_id)
        await self.tell({"type": "cleared", "conversation_id": conversation_id})


class Rooms:
    """By what tells conversations apart: tenant, user and id."""

    def __init__(self) -> None:
        self._rooms: dict[Hashable, Room] = {}

    @asynccontextmanager
    async def entered(self, key: Hashable, tab: Tab) -> AsyncIterator[Room]:
        """The room, with the tab in it. UsageError when it is full."""
        room = self._rooms.setdefault(key, Room())
        try:
            room.enter(tab)
            yield room
        finally:
            room.tabs.discard(tab)
            if not room.tabs and self._rooms.get(key) is room:
                del self._rooms[key]
                await room.close()
