"""One line of the log and one measurement for each request, as plain ASGI, once it is answered.

The route's pattern is written down, never the address with what the client put into it: a question may stand there, or
a token. Probes and static files are logged at debug level only.
"""

from time import perf_counter
from typing import Final

import structlog
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ragchat.access import NOBODY
from ragchat.web.desk.metrics import Metrics

QUIET: Final = frozenset({"/healthz", "/health", "/health/ready", "/metrics", "/static"})
HUNG_UP: Final = 499
"""What is written down when the client went away before the response began (nginx's number)."""

log = structlog.get_logger("ragchat.requests")


class Accounts:
    """Logs and measures requests and sockets."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        begun, status, streaming = perf_counter(), HUNG_UP, False

        async def sending(message: Message) -> None:
            nonlocal status, streaming
            if message["type"] == "http.response.start":
                status = message["status"]
                if is_stream(message) and not streaming:
                    streaming = True
                    self._metrics.open_streams.inc()
            elif message["type"] == "websocket.accept":
                status, streaming = 101, True
                self._metrics.open_streams.inc()
            elif message["type"] == "websocket.close" and not streaming:
                status = 403
            await send(message)

        try:
            await self._app(scope, receive, sending)
        finally:
            if streaming:
                self._metrics.open_streams.dec()
            self._write(scope, status, perf_counter() - begun)

    def _write(self, scope: Scope, status: int, seconds: float) -> None:
        route, method = route_of(scope), scope.get("method", "WEBSOCKET")
        self._metrics.requests.labels(method if method in METHODS else "other", route, str(status)).inc()
        self._metrics.request_seconds.labels(route).observe(seconds)
        tell = log.debug if route in QUIET else log.info
        state = scope.get("state", {})
        principal = state.get("principal", NOBODY)
        refused = {"problem": state["problem"]} if "problem" in state else {}
        tell(
            "request",
            method=method,
            route=route,
            status=int(status),
            milliseconds=round(seconds * 1000, 1),
            principal=principal.id,
            **refused,
        )


METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "WEBSOCKET"})


def is_stream(start: Message) -> bool:
    """Whether a response is one whose end is not in sight."""
    return Headers(scope=start).get("content-type", "").startswith("text/event-stream")


def route_of(scope: Scope) -> str:
    """The pattern of the route that answered, `/v1/messages/{message_id}`; "unmatched" where none did."""
    context = scope.get("fastapi", {}).get("effective_route_context")
    for found in (context, getattr(context, "starlette_route", None), scope.get("route")):
        if path := getattr(found, "path", ""):
            return str(path)
    return "/static" if scope["path"].startswith("/static/") else "unmatched"
