"""What one search brought for one question, under the numbers by which it may be cited."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from ragchat.answering.events import Source
from ragchat.answering.question.question import Question
from ragchat.documents import Span
from ragchat.retrieval.scoring.rarity import Rarity
from ragchat.retrieval.search import Enough, Retrieval, RetrievedPassage, Retriever, SearchOptions
from ragchat.retrieval.windows import Window


@dataclass(frozen=True, slots=True)
class Found:
    """`sources[i]` is `passages[i]` as a user sees it."""

    retrieval: Retrieval
    passages: tuple[RetrievedPassage, ...]
    sources: tuple[Source, ...]

    @property
    def rarity(self) -> Rarity:
        return self.retrieval.rarity

    def for_model(self) -> "Found":
        """The sources as a model reads them: whole blocks, tables from their header and lists from their lead-in on."""
        return replace(self, sources=tuple(map(self._whole, self.sources, self.passages)))

    def _whole(self, source: Source, passage: RetrievedPassage) -> Source:
        window = self.window(passage.document.id, passage.whole)
        span = whole_blocks(window, passage.whole)
        return replace(source, start=span.start, end=span.end, text=window.of(span))

    def quoted_first(self, quoted: Sequence[tuple[str, Span]]) -> "Found":
        """The sources in the order of their first use: those that hold a quote come first; one that no passage holds is
        a source of its own."""
        passages = list(self.passages)
        first: list[RetrievedPassage] = []
        for document_id, span in quoted:
            held = next((p for p in [*first, *passages] if _holds(p, document_id, span)), None)
            if held is None:
                held = self._passage(document_id, span)
            if held in passages:
                passages.remove(held)
            if held not in first:
                first.append(held)
        return _numbered(self.retrieval, [*first, *passages])

    def number_of(self, document_id: str, span: Span) -> int:
        """The number of the source that holds a span, else of one of its document."""
        numbered = list(enumerate(self.passages, 1))
        for n, passage in numbered:
            if _holds(passage, document_id, span):
                return n
        return next(n for n, passage in numbered if passage.document.id == document_id)

    def window(self, document_id: str, span: Span) -> Window:
        """What was read around the span."""
        return self.retrieval.windows.around(document_id, span)

    def _passage(self, document_id: str, span: Span) -> RetrievedPassage:
        """A quote from beyond the best passages as a passage."""
        # A lead or a header row stands before every unit: then it is the first that was found beside it.
        beside = [
            unit
            for unit in self.retrieval.units
            if unit.document.id == document_id and unit.window.holds(span)
        ]
        unit = next((unit for unit in beside if unit.span.start < span.end), beside[0])
        return RetrievedPassage(
            document=unit.document,
            chunk_ids=(unit.chunk_id,),
            start=span.start,
            end=span.end,
            whole=span,
            text=unit.window.of(span),
            heading_path=unit.heading_path,
            page=unit.page,
            score=unit.chunk_score,
            sentences=(),
            explanation={},
        )


LEAD_APART: Final = 3
"""Code points between a lead and its block, where one follows the other."""
LONGEST_BLOCK: Final = 4_000
"""Code points up to which a list or a table is taken whole where a passage holds a part of it."""


def whole_blocks(window: Window, span: Span) -> Span:
    """The span, grown to the blocks at its ends, and to the list or table that it begins or ends inside of."""
    outline = window.outline
    start, end = span.start, span.end
    for index in {outline.at(span.start), outline.at(max(span.start, span.end - 1))} - {-1}:
        for at in (index, *outline.above(index)):
            block = outline.blocks[at]
            if block.kind == "heading" or len(block.span) > LONGEST_BLOCK or not window.holds(block.span):
                break
            start, end = min(start, block.span.start), max(end, block.span.end)
            lead = block.lead
            if lead is not None and window.holds(lead) and start - lead.end <= LEAD_APART:
                start = min(start, lead.start)
    return Span(start, end)


def _holds(passage: RetrievedPassage, document_id: str, span: Span) -> bool:
    """Whether the passage, before it was cut to what matters, shares most of the span."""
    shared = min(passage.whole.end, span.end) - max(passage.whole.start, span.start)
    return passage.document.id == document_id and 2 * shared > len(span)


def found_of(
    question: Question, retriever: Retriever, options: SearchOptions, enough: Enough | None = None
) -> Found:
    """One search for the question; `enough` as for Retriever.retrieve."""
    asked = question.search
    retrieval = retriever.retrieve(asked.question, replace(options, context=asked.context), enough)
    return _numbered(retrieval, retrieval.passages)


def _numbered(retrieval: Retrieval, passages: Sequence[RetrievedPassage]) -> Found:
    sources = tuple(source_of(passage, n) for n, passage in enumerate(passages, 1))
    return Found(retrieval, tuple(passages), sources)


def source_of(passage: RetrievedPassage, n: int) -> Source:
    """The passage as the user sees it, under the number by which it is cited."""
    return Source(
        n=n,
        document_id=passage.document.id,
        chunk_id=passage.chunk_ids[0],
        title=passage.document.title,
        uri=passage.document.uri,
        page=passage.page,
        heading_path=passage.heading_path,
        start=passage.start,
        end=passage.end,
        text=passage.text,
        score=passage.score,
    )
