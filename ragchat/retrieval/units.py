"""Units: the blocks of what was found, each with what makes it readable, as a second reader reads and an answer quotes.

A unit is a paragraph, a list, an item, a row with its header, code with what introduces it; headings, header rows and
questions are context of others. Each is scored from what the search knows of the sentences inside it.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from ragchat.corpus.values import StoredDocument
from ragchat.documents import Block, BlockKind, Heading, Span
from ragchat.documents.outline import Outline
from ragchat.language.sentences import prose_spans, sentence_spans
from ragchat.retrieval.ranking import Scored
from ragchat.retrieval.windows import Window, Windows

WHOLE: Final = 2_400
"""Code points up to which a list, an answer or a quotation is a unit of its own, besides its parts."""
CONTEXT: Final = frozenset[BlockKind]({"heading", "header", "question"})
PROSE: Final = frozenset[BlockKind]({"paragraph", "item", "step", "footnote", "pair"})
"""Blocks that hold no other: however a line of theirs begins, it is prose."""
MEANING, OVERLAP, CHUNK = 0.45, 0.25, 0.3
"""Weights of the first order of units: best cosine, best overlap, the chunk's score. It only decides which of them are
read closely; chosen on two thirds of bench/answering/questions (recall of the right block among the first 16)."""


@dataclass(frozen=True, slots=True)
class UnitSentence:
    """A sentence inside a unit with its cosine with the question and the share of the question's words that it
    holds."""

    span: Span
    cosine: float
    overlap: float


@dataclass(frozen=True, slots=True)
class GradedSentence:
    """A sentence of a unit as the second reader graded it."""

    span: Span
    grade: float


@dataclass(frozen=True, slots=True)
class Unit:
    """A block (`index` of the window's structure) that can be read by itself, after its `lead`.

    `rank` is the place of its chunk, `first` its score in the first order; `sentences` are those that the search read,
    in text order (none for the parts of a block that lie in other chunks). `grade` is the second reader's, None where
    it was not read; `graded` are the sentences that it read one by one.
    """

    window: Window
    index: int
    kind: BlockKind
    span: Span
    lead: Span | None
    heading_path: tuple[str, ...]
    page: int | None
    rank: int
    chunk_id: int
    chunk_score: float
    first: float
    sentences: tuple[UnitSentence, ...]
    grade: float | None = None
    graded: tuple[GradedSentence, ...] = ()

    @property
    def document(self) -> StoredDocument:
        return self.window.document

    @property
    def text(self) -> str:
        """The block's own words."""
        return self.window.of(self.span)

    @property
    def lead_text(self) -> str:
        """What is read before it, "" where there is nothing or where it was not read."""
        return self.window.of(self.lead) if self.lead is not None and self.window.holds(self.lead) else ""

    def cut_to_sentences(self) -> list[Span]:
        """Spans of the document, in order, that the block's sentences take."""
        cut = prose_spans(self.text, 0, len(self.text)) if self.kind in PROSE else sentence_spans(self.text)
        return [span.shifted(self.span.start) for span in cut]

    @property
    def above(self) -> str:
        """Title and headings, outermost first."""
        path = [title for title in self.heading_path if title != self.document.title]
        return " > ".join([self.document.title, *path])

    @property
    def reading(self) -> str:
        """As a second reader reads it: title and headings, a line end, lead and block."""
        return "\n".join(filter(None, (self.above, self.lead_text, self.text)))


def units_of(found: Sequence[Scored], windows: Windows) -> list[Unit]:
    """The units that the chunks touch, best first, each once."""
    units: dict[tuple[str, Span, BlockKind], Unit] = {}
    for rank, scored in enumerate(found):
        chunk = scored.chunk
        window = windows.around(chunk.document.id, Span(chunk.start, chunk.end))
        sentences = [
            UnitSentence(span, float(cosine), float(overlap))
            for span, cosine, overlap in zip(chunk.sentences, scored.cosines, scored.overlaps, strict=True)
        ]
        for unit in _of_chunk(scored, rank, window, sentences):
            key = (chunk.document.id, unit.span, unit.kind)
            known = units.get(key)
            if known is None or known.first < unit.first:
                units[key] = unit
    return sorted(units.values(), key=lambda unit: (-unit.first, unit.rank, unit.span))


def _of_chunk(scored: Scored, rank: int, window: Window, sentences: Sequence[UnitSentence]) -> Iterator[Unit]:
    chunk = scored.chunk
    outline = window.outline
    for index, block in _readable(outline, Span(chunk.start, chunk.end)):
        if not window.holds(block.span):
            continue
        inside = tuple(
            one for one in sentences if one.span.start < block.span.end and one.span.end > block.span.start
        )
        meaning = max((one.cosine for one in inside), default=0.0)
        overlap = max((one.overlap for one in inside), default=0.0)
        yield Unit(
            window=window,
            index=index,
            kind=block.kind,
            span=block.span,
            lead=block.lead,
            heading_path=chunk.heading_path
            if index < 0
            else _path(outline, index, window.structure.headings),
            page=chunk.page,
            rank=rank,
            chunk_id=chunk.chunk_id,
            chunk_score=scored.score,
            first=MEANING * meaning + OVERLAP * overlap + CHUNK * scored.score,
            sentences=inside,
        )


def _readable(outline: Outline, span: Span) -> Iterator[tuple[int, Block]]:
    """Indices and blocks that may be units; a chunk of a document without blocks is one paragraph."""
    touched = outline.overlapping(span)
    if not touched:
        yield -1, Block("paragraph", span)
    for index in touched:
        block = outline.blocks[index]
        match block.kind:
            case "heading" | "header" | "question" | "table":
                continue
            case "list" | "quotation" | "answer":
                if len(block.span) <= WHOLE:
                    yield index, block
            case "item" | "step" | "paragraph" | "row" | "code" | "pair" | "footnote":
                yield index, _led(outline, index, block)


def _led(outline: Outline, index: int, block: Block) -> Block:
    """An item hangs on what its list hangs on."""
    if block.lead is not None or block.kind not in ("item", "step"):
        return block
    parent = outline.blocks[block.parent] if block.parent >= 0 else None
    return Block(block.kind, block.span, block.parent, parent.lead if parent else None)


def _path(outline: Outline, index: int, headings: Sequence[Heading]) -> tuple[str, ...]:
    """Titles of the headings that the block stands under, outermost first."""
    if index < 0:
        return ()
    above = [i for i in outline.above(index) if outline.blocks[i].kind == "heading"]
    starts = [outline.blocks[i].span.start for i in reversed(above)]
    places = [bisect_right(headings, start, key=lambda heading: heading.offset) - 1 for start in starts]
    return tuple(headings[place].title for place in places if place >= 0)
