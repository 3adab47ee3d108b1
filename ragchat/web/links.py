"""Links into another collection than the server's: the address that a citation carries is completed here.

The answerer knows documents, not which collections a server has, so it leaves the collection out. It is added once,
before the answer is recorded: the stream, the whole answer and the stored conversation show the same address.
"""

from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING, assert_never, cast
from urllib.parse import quote

from ragchat.answering.events import Citation, Cited, Done, Error, Event, Sources, Start, Step, Token

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator


async def into(collection: str, events: AsyncIterator[Event]) -> "AsyncGenerator[Event, None]":
    """`events` with every citation's `url` leading into `collection`. Closes `events`."""
    async with aclosing(cast("AsyncGenerator[Event, None]", events)):
        async for event in events:
            match event:
                case Cited():
                    yield replace(event, citation=_led(event.citation, collection))
                case Done():
                    cited = tuple(_led(citation, collection) for citation in event.citations)
                    yield replace(event, citations=cited)
                case Start() | Step() | Sources() | Token() | Error():
                    yield event
                case _:
                    assert_never(event)


def _led(citation: Citation, collection: str) -> Citation:
    address, hash_mark, fragment = citation.url.partition("#")
    joint = "&" if "?" in address else "?"
    url = f"{address}{joint}collection={quote(collection, safe='')}{hash_mark}{fragment}"
    return replace(citation, url=url)
