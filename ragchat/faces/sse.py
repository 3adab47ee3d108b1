"""Server-sent events (WHATWG HTML §9.2): `id:` is seq, `event:` the type, `data:` the event as one line of JSON.

Browsers' EventSource sends unnamed events to `onmessage`, named ones only to listeners of that name: streams that
are opened by EventSource leave the name out (`named=False`), the type is in the data as well.
"""

from ragchat.answering.encoding import encode
from ragchat.answering.events import Event

HEARTBEAT = ": ping\n\n"
"""A comment: keeps proxies from closing a quiet stream, and lets the server notice that a client has gone."""
MEDIA_TYPE = "text/event-stream"


def frame(seq: int, event: Event, *, named: bool = True) -> str:
    """One event on the wire. JSON escapes line breaks, so the data is always one line."""
    return framed(seq, event.type, encode(seq, event), named=named)


def framed(seq: int, kind: str, line: str, *, named: bool = True) -> str:
    """One event on the wire whose JSON `line` is there already."""
    name = f"event: {kind}\n" if named else ""
    return f"id: {seq}\n{name}data: {line}\n\n"
