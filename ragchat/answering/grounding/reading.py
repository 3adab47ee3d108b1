"""What a reader sees of a source: its sentences, each under title, headings, lead-in, and a table's row under its
header.

The quote is what may be cited, the frame is only read along: a claim may take its subject, its year or its version
from there, but never its amounts. Frames come from the blocks of the document, as its extractor knew them.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from ragchat.answering.grounding.overlap import terms
from ragchat.answering.grounding.row import Row, row_of
from ragchat.documents import Span, heading_path
from ragchat.models.embedder import Vectors
from ragchat.retrieval.results import RetrievedPassage
from ragchat.retrieval.windows import Window

LONGEST_LEAD: Final = 400
"""Code points of a lead that are read along, from its end."""
_MARK: Final = re.compile(r"\A\s*(?:[-*+•‣▪◦]|\(?\d{1,3}[.)])\s+")
CONTEXT: Final = frozenset({"heading", "header"})
"""Blocks that say nothing by themselves: they are read with what stands under them."""


@dataclass(frozen=True, slots=True)
class Read:
    """One sentence as it is read: `words` are its index terms, `frame` the text read along, with the terms in it.

    `is_row`: of a table, which nobody reads on into the next; `row` is set where the table's header tells its
    columns.
    """

    span: Span
    text: str
    words: frozenset[str]
    vector: Vectors | None
    frame: str
    frame_words: frozenset[str]
    row: Row | None
    is_row: bool


def read_of(passage: RetrievedPassage, window: Window | None, language: str) -> list[Read]:
    """The sentences of a passage that may be quoted; `window` is what was read around it, None where that is not
    known."""
    return list(_read(passage, window, language))


def _read(passage: RetrievedPassage, window: Window | None, language: str) -> Iterator[Read]:
    whole = len(passage.sentences) == 1
    for sentence in passage.sentences:
        kind, leads = _block(window, sentence.span)
        if kind in CONTEXT and not whole:
            continue
        headings = (
            heading_path(window.structure.headings, sentence.span.start) if window else passage.heading_path
        )
        frame = "\n".join(dict.fromkeys((passage.document.title, *headings, *leads)))
        header = leads[0] if kind == "row" and leads else ""
        yield Read(
            sentence.span,
            _said(sentence.text),
            terms(sentence.text, language),
            sentence.vector,
            frame,
            terms(frame, language),
            row_of(header, sentence.text, language) if header else None,
            kind == "row",
        )


def _said(text: str) -> str:
    """On one line, without the mark of a list: the number of a step is no figure."""
    return " ".join(_MARK.sub("", text, count=1).split())


def _block(window: Window | None, span: Span) -> tuple[str, Sequence[str]]:
    """The kind of block that a sentence stands in, and the leads of it and of what it is part of, innermost first."""
    if window is None:
        return "", ()
    outline = window.outline
    index = outline.at(span.start)
    if index < 0:
        return "", ()
    leads = []
    for at in (index, *outline.above(index)):
        block = outline.blocks[at]
        if block.kind == "heading":
            break
        if block.lead is not None and window.holds(block.lead):
            leads.append(window.of(block.lead)[-LONGEST_LEAD:])
    return outline.blocks[index].kind, leads
