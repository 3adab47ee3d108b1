"""Responses that follow a running answer. A reader is counted for exactly as long as its response is being sent."""

from collections.abc import AsyncIterator

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from ragchat.faces import sse, text
from ragchat.web.live import Followed

_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
"""The second keeps nginx from collecting the stream before it passes it on."""


class AnswerStream(StreamingResponse):
    """A stream of one answer; a client that goes away leaves the answer (see Followed.followed)."""

    def __init__(self, answer: Followed, content: AsyncIterator[str], media_type: str) -> None:
        super().__init__(
            content, media_type=media_type, headers={**_HEADERS, "X-Message-ID": answer.message_id}
        )
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._answer.followed():
            await super().__call__(scope, receive, send)


def sse_stream(answer: Followed, *, after: int = -1, named: bool = True) -> AnswerStream:
    """Server-sent events from the one after number `after`."""
    return AnswerStream(answer, _frames(answer, after, named), sse.MEDIA_TYPE)


def text_stream(answer: Followed) -> AnswerStream:
    """The words and the sources, as plain text."""
    return AnswerStream(answer, _pieces(answer), "text/plain; charset=utf-8")


async def _frames(answer: Followed, after: int, named: bool) -> AsyncIterator[str]:
    async for entry in answer.entries(after):
        if entry is None:
            yield sse.HEARTBEAT
        else:
            yield sse.framed(entry.seq, entry.event.type, entry.line, named=named)


async def _pieces(answer: Followed) -> AsyncIterator[str]:
    written = text.Written()
    async for item in answer.follow():
        if item is not None and (piece := written.text_of(item[1])):
            yield piece
