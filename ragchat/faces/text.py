"""Plain text: the answer's words as they come, then the sources that it cites, numbered as in the words.

The joined pieces are meant for a terminal, a log or `curl`; an error ends the text with a line of its own.
"""

from collections.abc import AsyncIterator, Iterable
from typing import assert_never

from ragchat.answering.events import Citation, Cited, Done, Error, Event, Sources, Start, Step, Token
from ragchat.faces.checked import checked
from ragchat.faces.marks import Marks
from ragchat.language.sentences import sentence_spans


async def lines(events: AsyncIterator[Event]) -> AsyncIterator[str]:
    """Pieces of text; joined they are the answer with its sources."""
    written = Written()
    async for event in events:
        if piece := written.text_of(event):
            yield piece


class Written:
    """The text of one answer, event by event."""

    def __init__(self) -> None:
        self._marks = Marks()

    def text_of(self, event: Event) -> str:
        """What one event adds to the text; empty for what has no words."""
        match event:
            case Start() | Step() | Sources():
                return ""
            case Token():
                return self._marks.words(event.token)
            case Cited():
                return self._marks.mark(event.citation)
            case Done():
                return self._marks.end() + ending(event)
            case Error():
                return f"{self._marks.end()}\n[{event.code}] {event.message}\n"
            case _:
                assert_never(event)


def ending(done: Done) -> str:
    """A line break, what is unusual about the end, and the list of sources."""
    note = {"stopped": "\n(stopped)", "incomplete": "\n(incomplete)"}.get(done.finish, "")
    told = checked(done)
    listed = "".join(f"\n{line}" for line in [*source_lines(done.citations), *([told] if told else [])])
    return f"{note}\n{listed}\n" if listed else f"{note}\n"


def source_lines(citations: Iterable[Citation]) -> list[str]:
    """One line for each cited place, by number: `[1] Title, p. 3, Heading: "quoted words"`; said where the words
    support no sentence that cites them."""
    places: dict[tuple[int, int, int], list[Citation]] = {}
    for citation in sorted(citations, key=lambda one: one.n):
        places.setdefault((citation.n, citation.span.start, citation.span.end), []).append(citation)
    return [
        f'[{one.n}] {place(one)}: "{" ".join(one.quote.split())}"'
        + ("" if any(same.verified for same in cited) else " (does not support the sentence)")
        for cited in places.values()
        for one in cited[:1]
    ]


def snippet(text: str, most: int = 160) -> str:
    """The beginning of a passage, from its first whole sentence on."""
    spans = sentence_spans(text)
    inside = text[:1].islower() and len(spans) > 1
    words = " ".join(text[spans[1 if inside else 0].start :].split()) if spans else ""
    return words if len(words) <= most else f"{words[:most].rsplit(' ', 1)[0]} …"


def place(citation: Citation) -> str:
    """Where a person finds the quote: title, page, innermost heading."""
    parts = [citation.document.title or citation.document.uri]
    if citation.span.page is not None:
        parts.append(f"p. {citation.span.page}")
    if citation.span.heading_path and citation.span.heading_path[-1] != parts[0]:
        parts.append(citation.span.heading_path[-1])
    return ", ".join(parts)
