"""Readers that take nothing, as plain ASGI: a connection whose buffer stays full is given up.

uvicorn lets a sender wait while its buffer is full, for as long as the client likes. The answer itself does not wait
(ragchat.web.live); what is saved here are the connection, its buffer and the place among the open streams.
"""

import asyncio

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = structlog.get_logger("ragchat.web")


class SlowReader(OSError):
    """The client took nothing for too long; starlette and uvicorn end the response."""


class SlowReaders:
    """Drops responses of which no byte could be handed on for `seconds`."""

    def __init__(self, app: ASGIApp, seconds: float) -> None:
        self._app = app
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return

        async def patient(message: Message) -> None:
            try:
                async with asyncio.timeout(self._seconds):
                    await send(message)
            except TimeoutError as slow:
                raise SlowReader(f"the client took nothing for {self._seconds:g} seconds") from slow

        try:
            await self._app(scope, receive, patient)
        except SlowReader as slow:
            log.info("reader dropped", path=scope["path"], reason=str(slow))
