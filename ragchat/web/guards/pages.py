"""Whose page sends a request that a browser lets any page send: a WebSocket, a form with files.

Browsers ask before a page of another site sends JSON (CORS), but not before these; the origin is all that tells. Who
shows a key is not asked: no page has a key that it was not given, and what it may do with it is the key's business.
"""

from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from ragchat.access import ANYONE, Principal


def may_call(headers: Mapping[str, str], origins: Sequence[str], principal: Principal) -> bool:
    """Whether it is one of our own pages, one of the listed `origins`, no page at all, or who has shown a key."""
    origin = headers.get("origin")
    if principal is not ANYONE or origin is None or origin in origins or "*" in origins:
        return True
    return urlsplit(origin).netloc.lower() == headers.get("host", "").lower() != ""
