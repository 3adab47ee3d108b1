"""The limit on request bodies, as plain ASGI.

Starlette's own limiter answers in plain text; this one answers with a problem: at once where the length is announced,
else from where the body is read.
"""

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ragchat.web.problems import problem

MAX_BODY = 256 * 1024
"""Bytes; a message of 8,000 characters is at most 96 kB of escaped JSON."""
UPLOADS = ("/v1/documents", "/documents")


class BodyLimit:
    """Refuses bodies above `limit` bytes by 413; files that are sent to `UPLOADS` above `uploads` bytes."""

    def __init__(self, app: ASGIApp, limit: int = MAX_BODY, uploads: int = MAX_BODY) -> None:
        self._app = app
        self._limit = limit
        self._uploads = uploads

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._uploads if scope["path"] in UPLOADS else self._limit
        detail = f"The body may have at most {limit} bytes."
        announced = Headers(scope=scope).get("content-length", "")
        if announced.isdecimal() and int(announced[:20]) > limit:
            await problem(Request(scope), 413, "too_large", detail)(scope, receive, send)
            return
        seen = 0

        async def limited() -> Message:
            nonlocal seen
            message = await receive()
            if message["type"] == "http.request":
                seen += len(message.get("body", b""))
                if seen > limit:
                    raise HTTPException(413, detail)
            return message

        await self._app(scope, limited, send)
