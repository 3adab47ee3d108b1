"""What surrounds every request, as plain ASGI (streams pass through untouched): its id, headers, and the last resort.

The request id is the client's if it is short and harmless, else ours; it is in every response, every problem and
every line that is logged for the request.
"""

import re
import uuid
from http import HTTPStatus

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ragchat.faces.openai.errors import error_body, speaks_openai

REQUEST_ID = "ragchat.request_id"
"""Key in the ASGI scope."""

_HARMLESS_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")

log = structlog.get_logger("ragchat.web")


class RequestContext:
    """Gives the request its id, and answers what nobody else did. The one broad `except` of the web floor."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(Headers(scope=scope).get("x-request-id", ""))
        scope[REQUEST_ID] = request_id
        begun = False

        async def sending(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                headers = MutableHeaders(scope=message)
                headers["X-Request-ID"] = request_id
                headers.setdefault("X-Content-Type-Options", "nosniff")
                headers.setdefault("Referrer-Policy", "same-origin")
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self._app(scope, receive, sending)
            except Exception:  # boundary: what nobody foresaw is logged, and the client learns nothing of it
                log.exception("request failed", method=scope["method"], path=scope["path"])
                if begun:
                    raise
                await _unexpected(request_id, scope["path"])(scope, receive, sending)


def _request_id(offered: str) -> str:
    return offered if _HARMLESS_ID.fullmatch(offered) else uuid.uuid4().hex


def _unexpected(request_id: str, path: str) -> JSONResponse:
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    if speaks_openai(path):
        return JSONResponse(
            error_body(status, "internal", f"Something unexpected went wrong ({request_id})."), status
        )
    body = {
        "type": "urn:ragchat:problem:internal",
        "title": status.phrase,
        "status": status.value,
        "detail": "Something unexpected went wrong; the log has the details under this request id.",
        "code": "internal",
        "request_id": request_id,
    }
    return JSONResponse(body, status_code=status.value, media_type="application/problem+json")
