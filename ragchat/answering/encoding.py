"""Events as lines of JSON and back: what streams send, what the journal keeps, what pipes read.

A line is made once, and everybody who reads the same event gets that line: two encodings of a number may differ.
"""

import json

from ragchat.answering.events import Event, event_adapter


def encode(seq: int, event: Event) -> str:
    """One JSON object on one line: `{"seq": 3, "type": "token", …}`; `seq` counts from 0 in the stream."""
    body = event_adapter().dump_json(event).decode()
    return f'{{"seq":{seq},{body[1:]}'


def decode(line: str) -> Event:
    """The event of a line that `encode` made."""
    fields = json.loads(line)
    fields.pop("seq")
    return event_adapter().validate_python(fields)
