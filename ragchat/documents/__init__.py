"""Value types of the corpus: documents, spans, headings, chunks. They import nothing of ours.

Canonical text is what the extractor made, stored once. Every span anywhere is `[start, end)` in Unicode code
points of it (Python string indices). What a document is built of are its blocks (`ragchat.documents.blocks`);
sentence boundaries depend on a language and live in `ragchat.language.sentences`.
"""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from ragchat.documents.blocks import Block, BlockKind
from ragchat.documents.spans import Span

__all__ = ["Block", "BlockKind", "Chunk", "Document", "Heading", "Scalar", "Span", "heading_path", "page_at"]

Scalar: TypeAlias = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading at `offset` of the canonical text; `level` 1 is the outermost."""

    offset: int
    level: int
    title: str


@dataclass(frozen=True, slots=True)
class Document:
    """One document as extracted.

    `id` is opaque, URL-safe and stable for (root, key); `key` is the path relative to the ingested root (POSIX) or
    the id of a JSONL line; `uri` is what people see and click: the JSONL url, else the key.
    `pages[i]` is the offset at which page i+1 starts (empty where the format has no pages);
    `headings` are in text order; `content_hash` is the sha256 (hex) of the source bytes. `blocks` are in text order and
    keep what `check_blocks` checks; `language` is the ISO 639-1 code of its text, "" where that cannot be told.
    """

    id: str
    collection: str
    key: str
    uri: str
    title: str
    media_type: str
    content_hash: str
    text: str
    pages: tuple[int, ...] = ()
    headings: tuple[Heading, ...] = ()
    metadata: Mapping[str, Scalar] = field(default_factory=dict)
    acl: tuple[str, ...] = ()
    blocks: tuple[Block, ...] = ()
    language: str = ""

    def page_at(self, offset: int) -> int | None:
        """The 1-based page that holds `offset`, None where the format has no pages."""
        return page_at(self.pages, offset)

    def heading_path_at(self, offset: int) -> tuple[str, ...]:
        """Titles of the headings in force at `offset`, outermost first."""
        return heading_path(self.headings, offset)


@dataclass(frozen=True, slots=True)
class Chunk:
    """A retrievable piece of a document: `text[start:end]`.

    `heading_path` is what it is read under: the headings, and the lead (a header row, a lead-in, a question) of what it
    begins inside of.

    `sentences` are spans of the *document's* text inside `[start, end)`, in order, without overlap; they are the
    units that are scored, quoted and cited.
    """

    document_id: str
    ordinal: int
    start: int
    end: int
    heading_path: tuple[str, ...] = ()
    page: int | None = None
    sentences: tuple[Span, ...] = ()


def page_at(pages: tuple[int, ...], offset: int) -> int | None:
    """The 1-based page that holds `offset`, given where each page starts; None where there are no pages."""
    return bisect_right(pages, offset) if pages else None


def heading_path(headings: tuple[Heading, ...], offset: int) -> tuple[str, ...]:
    """Titles of the headings in force at `offset`, outermost first; a deeper heading ends at the next of its level."""
    path: list[Heading] = []
    for heading in headings:
        if heading.offset > offset:
            break
        while path and path[-1].level >= heading.level:
            path.pop()
        path.append(heading)
    return tuple(heading.title for heading in path)
