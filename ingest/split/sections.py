"""Where a document may be cut before anything else is looked at: at its headings and its page ends."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from ingest.split.measure import estimated_tokens
from ragchat.documents import Document, Heading, Span


@dataclass(frozen=True, slots=True)
class Section:
    """A stretch of one page under one heading (or under several small ones)."""

    span: Span
    heading_path: tuple[str, ...]


def sections(document: Document, smallest: int) -> list[Section]:
    """Sections in order, covering the whole text; one below `smallest` tokens joins the next of the same page.

    A heading with nothing under it but a deeper heading always joins that: alone it says nothing.
    """
    merged: list[Section] = []
    pages = set(document.pages)
    for section in _every_section(document):
        last = merged[-1] if merged else None
        if last and section.span.start not in pages and _joins(document, last, section, smallest):
            path = _common(last.heading_path, section.heading_path)
            merged[-1] = Section(Span(last.span.start, section.span.end), path)
        else:
            merged.append(section)
    return merged


def _every_section(document: Document) -> Iterator[Section]:
    text = document.text
    cuts = sorted({0, *document.pages, *(heading.offset for heading in document.headings)})
    cuts = [*(cut for cut in cuts if cut < len(text)), len(text)]
    path: list[Heading] = []
    following = 0
    for start, end in pairwise(cuts):
        while following < len(document.headings) and document.headings[following].offset <= start:
            heading = document.headings[following]
            while path and path[-1].level >= heading.level:
                path.pop()
            path.append(heading)
            following += 1
        yield Section(Span(start, end), tuple(heading.title for heading in path))


def _joins(document: Document, last: Section, section: Section, smallest: int) -> bool:
    return estimated_tokens(last.span.of(document.text)) < smallest


def _common(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    """A parent and its child are the child; siblings are their parent."""
    if second[: len(first)] == first:
        return second
    shared = 0
    while shared < min(len(first), len(second)) and first[shared] == second[shared]:
        shared += 1
    return first[:shared]
