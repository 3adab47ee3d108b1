"""Events as JSON: one object each, with `type` and `seq`; one line each for pipes and log files."""

from collections.abc import AsyncIterator

from ragchat.answering.events import Event, event_adapter


def encode(seq: int, event: Event) -> str:
    """One JSON object on one line: `{"seq": 3, "type": "token", …}`; `seq` counts from 0 in the stream."""
    body = event_adapter().dump_json(event).decode()
    return f'{{"seq":{seq},{body[1:]}'


async def lines(events: AsyncIterator[Event]) -> AsyncIterator[str]:
    """Each event as a line, newline included."""
    seq = 0
    async for event in events:
        yield encode(seq, event) + "\n"
        seq += 1
