"""Where a click on a citation leads: the one place that knows the addresses of documents.

The answerer knows documents, not servers; the address is completed once, before an answer is recorded, so that the
stream, the whole answer and the stored conversation show the same one.
"""

from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING, assert_never, cast
from urllib.parse import quote as percent_encoded
from urllib.parse import urlencode

from ragchat.answering.events import Citation, Cited, Done, Error, Event, Sources, Start, Step, Token

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

FRAGMENT_WORDS = 4
"""Words at each end of a quote that a text fragment names; browsers find the rest between them."""

VERSION_DIGITS = 16
"""Of a document's sha256: enough to tell two versions of one document apart."""


async def linked(
    events: AsyncIterator[Event], collection: str | None = None
) -> "AsyncGenerator[Event, None]":
    """`events` with every citation's `url`, and the conversation in `done`. Closes `events`.

    `collection` is given where it is not the server's own.
    """
    conversation_id = ""
    async with aclosing(cast("AsyncGenerator[Event, None]", events)):
        async for event in events:
            match event:
                case Cited():
                    yield replace(event, citation=_led(event.citation, collection))
                case Done():
                    cited = tuple(_led(citation, collection) for citation in event.citations)
                    refused = event.refusal
                    if refused is not None:
                        quotes = tuple(_led(citation, collection) for citation in refused.quotes)
                        refused = replace(refused, quotes=quotes)
                    yield replace(event, citations=cited, refusal=refused, conversation_id=conversation_id)
                case Start():
                    conversation_id = event.conversation_id
                    yield event
                case Step() | Sources() | Token() | Error():
                    yield event
                case _:
                    assert_never(event)


def _led(citation: Citation, collection: str | None) -> Citation:
    return replace(citation, url=deep_link(citation, collection))


def deep_link(citation: Citation, collection: str | None = None) -> str:
    """The source viewer with the quote marked; for what was fetched from the web a text fragment (WICG
    Scroll-to-Text) of its own page.

    The viewer is told which version was quoted, so that it marks nothing else as proof once the document has changed.
    """
    if citation.document.uri.startswith(("https://", "http://")):
        return f"{citation.document.uri.partition('#')[0]}{_place(citation)}"
    span = citation.span
    told = {
        "start": str(span.start),
        "end": str(span.end),
        "version": citation.document.version[:VERSION_DIGITS],
    }
    if not citation.verified:
        told["unverified"] = "1"
    if collection is not None:
        told["collection"] = collection
    return f"/documents/{percent_encoded(citation.document.id, safe='')}#{urlencode(told)}"


def _place(citation: Citation) -> str:
    """The fragment of a web page's address that leads to the quote."""
    if citation.span.page is not None:
        return f"#page={citation.span.page}"
    parts = citation.quote.split()
    if len(parts) <= 2 * FRAGMENT_WORDS:
        fragment = _fragment(parts)
    else:
        fragment = f"{_fragment(parts[:FRAGMENT_WORDS])},{_fragment(parts[-FRAGMENT_WORDS:])}"
    return f"#:~:text={fragment}"


def _fragment(words: list[str]) -> str:
    # "-" and "," have a meaning of their own in text fragments; quote() leaves "-" as it is.
    joined = " ".join(words).encode("utf-8", "replace").decode()
    return percent_encoded(joined, safe="").replace("-", "%2D")
