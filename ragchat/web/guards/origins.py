"""Whose page sends a request that a browser lets any page send: a WebSocket, a form with files.

Browsers ask before a page of another site sends JSON (CORS), but not before these; the origin is all that tells.
"""

from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit


def may_call(headers: Mapping[str, str], origins: Sequence[str]) -> bool:
    """Whether it is one of our own pages, one of the listed `origins`, or no page at all."""
    origin = headers.get("origin")
    if origin is None or origin in origins or "*" in origins:
        return True
    return urlsplit(origin).netloc.lower() == headers.get("host", "").lower() != ""
