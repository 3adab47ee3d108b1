"""Which pages may call from a browser: those of the settings, and those that keys are bound to.

Starlette's CORS, with a list that changes while the server runs: a key that is made for a page opens the door to it.
"""

from collections.abc import Sequence

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

from ragchat.access.ring import KeyRing


class Origins(CORSMiddleware):
    """Answers preflight requests and marks responses. Keys travel in headers: cookies are never allowed."""

    def __init__(self, app: ASGIApp, configured: Sequence[str], ring: KeyRing) -> None:
        super().__init__(
            app,
            allow_origins=list(configured),
            allow_methods=["GET", "POST", "PATCH", "DELETE"],
            allow_headers=[
                "Authorization",
                "Cache-Control",
                "Content-Type",
                "Idempotency-Key",
                "Last-Event-ID",
                "X-API-Key",
                "X-Filename",
                "X-Request-ID",
            ],
            expose_headers=[
                "Location",
                "RateLimit",
                "RateLimit-Policy",
                "Retry-After",
                "X-Message-ID",
                "X-Request-ID",
            ],
        )
        self._ring = ring

    def is_allowed_origin(self, origin: str) -> bool:
        """Whether a page of `origin` may read what we answer."""
        return super().is_allowed_origin(origin) or origin in self._ring.origins
