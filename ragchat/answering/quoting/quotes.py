"""Quotes: a chosen candidate as it is said, piece by piece, each with the span that it is cited by.

Prose is one line, lists, tables and code keep theirs; the deciding sentence is marked inside its quote.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from ragchat.answering.events import QuoteSpan
from ragchat.answering.quoting.candidates import Candidate, Piece
from ragchat.documents import Span

_BLANKS: Final = re.compile(r"(?:(?<![ \t])[ \t]+)?\n[ \t]*")


@dataclass(frozen=True, slots=True)
class Quote:
    """`text` is how the piece reads in an answer, `key` the deciding sentence within the quoted words (None where it
    lies in another piece), `joint` what is said between it and the quote before."""

    piece: Piece
    text: str
    key: QuoteSpan | None
    joint: str


def quotes_of(candidate: Candidate) -> list[Quote]:
    """In reading order."""
    quotes: list[Quote] = []
    for piece in candidate.pieces:
        quotes.append(Quote(piece, shown(piece), _key(piece, candidate.key), _joint(quotes, piece)))
    return quotes


def shown(piece: Piece) -> str:
    """Hard-wrapped paragraphs on one line; everything laid out keeps its lines."""
    parts: list[str] = []
    at = piece.span.start
    for span, laid_out in _stretches(piece):
        parts.append(piece.window.of(Span(at, span.start)))
        words = piece.window.of(span)
        parts.append(words if laid_out else _BLANKS.sub(" ", words))
        at = span.end
    parts.append(piece.window.of(Span(at, piece.span.end)))
    return "".join(parts)


def _stretches(piece: Piece) -> Iterator[tuple[Span, bool]]:
    """The blocks at the top of the piece, cut to it, and whether their lines mean something."""
    outline = piece.window.outline
    touched = outline.overlapping(piece.span)
    if not touched:
        yield piece.span, "\n\n" in piece.text or "|" in piece.text
        return
    end = piece.span.start
    for index in touched:
        block = outline.blocks[index]
        span = Span(max(block.span.start, piece.span.start), min(block.span.end, piece.span.end))
        if span.start >= end:
            yield span, block.kind not in ("paragraph", "pair", "footnote")
            end = span.end


def _key(piece: Piece, key: Span) -> QuoteSpan | None:
    start, end = max(key.start, piece.span.start), min(key.end, piece.span.end)
    return QuoteSpan(start - piece.span.start, end - piece.span.start) if start < end else None


def _joint(before: list[Quote], piece: Piece) -> str:
    if not before:
        return ""
    same = before[-1].piece.window.document.id == piece.window.document.id
    table = "|" in before[-1].text[-1:] and piece.text.startswith("|")
    return "\n" if same and table else "\n\n"
