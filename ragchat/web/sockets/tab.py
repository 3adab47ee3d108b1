"""One open WebSocket: it is sent to in order, never waited for longer than a moment, and never sends too much.

A tab follows each answer of its conversation by itself: a slow one holds back nobody but itself.
"""

import asyncio
import json
from time import monotonic
from typing import Final

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from ragchat.answering.events import Event
from ragchat.faces.ndjson import encode
from ragchat.web.live import Followed
from ragchat.web.sockets.frames import Said

SEND_SECONDS: Final = 30.0
"""How long a reader may take nothing before it is dropped."""
FRAMES, WITHIN = 30, 10.0
"""Frames that a client may send in as many seconds."""


class Gone(Exception):
    """The client left, or was dropped."""


class Tab:
    """A connection that was accepted."""

    def __init__(self, socket: WebSocket) -> None:
        self._socket = socket
        self._sending = asyncio.Lock()
        self._following: set[asyncio.Task[None]] = set()
        self._left = float(FRAMES)
        self._counted = monotonic()

    async def tell(self, said: Said) -> None:
        """Send one object. Raises Gone."""
        await self._send(json.dumps(said, ensure_ascii=False, default=str))

    def follow(self, question: str, answer: Followed) -> None:
        """Show the question and then its answer, from the beginning, while both are there."""
        task = asyncio.create_task(self._follow(question, answer), name=f"tab follows {answer.message_id}")
        self._following.add(task)
        task.add_done_callback(self._following.discard)

    def within_rate(self) -> bool:
        """Count a frame of the client; False when it sends faster than a person could want."""
        now = monotonic()
        self._left = min(FRAMES, self._left + (now - self._counted) * FRAMES / WITHIN)
        self._counted = now
        self._left -= 1
        return self._left >= 0

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Say goodbye, if anybody is there, and stop following."""
        following = list(self._following)
        for task in following:
            task.cancel()
        await asyncio.gather(*following, return_exceptions=True)
        if self._socket.application_state is not WebSocketState.DISCONNECTED:
            try:
                await self._socket.close(code, reason)
            except (RuntimeError, WebSocketDisconnect):  # the client was faster
                return

    async def _follow(self, question: str, answer: Followed) -> None:
        try:
            await self.tell({"type": "question", "message_id": answer.message_id, "message": question})
            with answer.followed():
                async for item in answer.follow():
                    if item is not None:
                        await self._send(_event(answer.message_id, *item))
        except Gone:
            return

    async def _send(self, text: str) -> None:
        async with self._sending:
            try:
                async with asyncio.timeout(SEND_SECONDS):
                    await self._socket.send_text(text)
            except (TimeoutError, RuntimeError, WebSocketDisconnect) as gone:
                raise Gone from gone


def _event(message_id: str, seq: int, event: Event) -> str:
    """An event as everywhere else, with the answer that it belongs to."""
    return f'{{"message_id":{json.dumps(message_id)},{encode(seq, event)[1:]}'
