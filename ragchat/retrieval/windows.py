"""The text around what was found, read in one call: whatever is shown, scored, quoted or cited afterwards is cut
from it.

A window reaches as far as the blocks that a chunk touches are whole: their list or table, their lead, the next
block, and the section where that is short. So an answer reads documents once, and a citation is a slice of what was
read.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ragchat.corpus.contract import Snapshot
from ragchat.corpus.values import Place, StoredChunk, StoredDocument, Structure
from ragchat.documents import Span
from ragchat.documents.outline import Outline

REACH = 4_000
"""Code points that a window goes beyond a chunk at most, on each side."""
SHORT_SECTION = 3_000
"""Code points up to which the section around a chunk is read whole."""


@dataclass(frozen=True, slots=True)
class Window:
    """`text` is `[start, start + len(text))` of the document."""

    document: StoredDocument
    structure: Structure
    start: int
    text: str

    @property
    def span(self) -> Span:
        return Span(self.start, self.start + len(self.text))

    @property
    def outline(self) -> Outline:
        return Outline(self.structure.blocks)

    def holds(self, span: Span) -> bool:
        """Whether the span lies inside."""
        return self.start <= span.start and span.end <= self.start + len(self.text)

    def of(self, span: Span) -> str:
        """The characters of a span that it holds."""
        return self.text[span.start - self.start : span.end - self.start]


class Windows:
    """The windows of one search; those of a document never overlap."""

    def __init__(self, windows: Iterable[Window]) -> None:
        self._of: dict[str, list[Window]] = defaultdict(list)
        for window in windows:
            self._of[window.document.id].append(window)

    def around(self, document_id: str, span: Span) -> Window:
        """The window that holds the span. KeyError for one that nothing was read around."""
        window = self.find(document_id, span)
        if window is None:
            raise KeyError(f"nothing was read around {span} of {document_id}")
        return window

    def find(self, document_id: str, span: Span) -> Window | None:
        """The window that holds the span, None where nothing was read."""
        return next((window for window in self._of[document_id] if window.holds(span)), None)

    def text(self, document_id: str, span: Span) -> str:
        """The characters of a span that a window holds."""
        return self.around(document_id, span).of(span)

    def read(self, places: Sequence[Place]) -> list[str]:
        """As a snapshot reads them, of places that windows hold."""
        return [self.text(place.document_id, Span(place.start, place.end)) for place in places]


def windows_around(
    chunks: Sequence[StoredChunk], structures: Mapping[str, Structure], snapshot: Snapshot
) -> Windows:
    """One window or more for each document of the chunks; one call to the snapshot."""
    reaches: dict[str, list[Span]] = defaultdict(list)
    documents: dict[str, StoredDocument] = {}
    for chunk in chunks:
        documents[chunk.document.id] = chunk.document
        reaches[chunk.document.id].append(_reach(chunk, structures[chunk.document.id]))
    places = [
        Place(document_id, span.start, span.end)
        for document_id, spans in reaches.items()
        for span in _merged(spans)
    ]
    return Windows(
        Window(documents[place.document_id], structures[place.document_id], place.start, text)
        for place, text in zip(places, snapshot.read(places), strict=True)
    )


def _reach(chunk: StoredChunk, structure: Structure) -> Span:
    """The chunk with its blocks whole, no further than REACH."""
    outline = Outline(structure.blocks)
    touched = outline.overlapping(Span(chunk.start, chunk.end))
    if not touched:
        return Span(chunk.start, chunk.end)
    spans = [Span(chunk.start, chunk.end)]
    for index in touched:
        block = structure.blocks[index]
        if block.kind != "heading":
            spans.append(block.span)
        if block.lead is not None:
            spans.append(block.lead)
    after = outline.following(touched[-1])
    if after >= 0:
        spans.append(structure.blocks[after].span)
    spans += _sections(outline, touched)
    start, end = min(span.start for span in spans), max(span.end for span in spans)
    return Span(
        max(start, chunk.start - REACH, 0),
        min(end, chunk.end + REACH, max(chunk.document.length, chunk.end)),
    )


def _sections(outline: Outline, touched: Sequence[int]) -> list[Span]:
    """The short sections that the chunk's first and last block stand in."""
    headings = {outline.heading(index) for index in (touched[0], touched[-1])}
    headings |= {index for index in touched if outline.blocks[index].kind == "heading"}
    found = [outline.section(heading, SHORT_SECTION) for heading in headings if heading >= 0]
    return [section for section in found if section is not None]


def _merged(spans: Sequence[Span]) -> list[Span]:
    """Spans that overlap, touch, or have little between them become one; in order."""
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.start <= merged[-1].end + 16:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return merged
