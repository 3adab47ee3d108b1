"""Plain text: the answer's words as they come, then the sources that it cites, numbered as in the words.

The joined pieces are meant for a terminal, a log or `curl`; an error ends the text with a line of its own.
"""

from collections.abc import AsyncIterator, Iterable
from typing import assert_never

from ragchat.answering.events import Citation, Cited, Done, Error, Event, Sources, Start, Step, Token


async def lines(events: AsyncIterator[Event]) -> AsyncIterator[str]:
    """Pieces of text; joined they are the answer with its sources."""
    async for event in events:
        if piece := text_of(event):
            yield piece


def text_of(event: Event) -> str:
    """What one event adds to the text; empty for what has no words."""
    match event:
        case Start() | Step() | Sources():
            return ""
        case Token():
            return event.token
        case Cited():
            return marker(event.citation)
        case Done():
            return ending(event)
        case Error():
            return f"\n[{event.code}] {event.message}\n"
        case _:
            assert_never(event)


def marker(citation: Citation) -> str:
    """The number after a sentence; a question mark where the words do not support it."""
    return f" [{citation.n}]" if citation.verified else f" [{citation.n}?]"


def ending(done: Done) -> str:
    """A line break, what is unusual about the end, and the list of sources."""
    note = {"stopped": "\n(stopped)", "incomplete": "\n(incomplete)"}.get(done.finish, "")
    listed = "".join(f"\n{line}" for line in source_lines(done.citations))
    return f"{note}\n{listed}\n" if listed else f"{note}\n"


def source_lines(citations: Iterable[Citation]) -> list[str]:
    """One line for each cited place, by number: `[1] Title, p. 3, Heading: "quoted words"`."""
    seen: set[tuple[int, int, int]] = set()
    listed: list[str] = []
    for citation in sorted(citations, key=lambda one: one.n):
        key = (citation.n, citation.span.start, citation.span.end)
        if key not in seen:
            seen.add(key)
            listed.append(f'[{citation.n}] {place(citation)}: "{" ".join(citation.quote.split())}"')
    return listed


def place(citation: Citation) -> str:
    """Where a person finds the quote: title, page, innermost heading."""
    parts = [citation.document.title or citation.document.uri]
    if citation.span.page is not None:
        parts.append(f"p. {citation.span.page}")
    if citation.span.heading_path and citation.span.heading_path[-1] != parts[0]:
        parts.append(citation.span.heading_path[-1])
    return ", ".join(parts)
