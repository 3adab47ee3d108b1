"""Documents into chunks: exact spans of the canonical text, with headings, page and sentences.

Strategies are chosen by SplitOptions; the default was chosen by measurement (docs/adr/0004). Nothing here knows an
embedder: lengths are estimates, and the default leaves room for what embedding puts before a chunk.
"""

from collections.abc import Iterator, Sequence
from typing import assert_never

from ingest.split.blocks import BlockUnits
from ingest.split.options import (
    SplitOptions,
    SplitRule,
    Strategy,
    code_language,
    split_options,
    strategy_for,
)
from ingest.split.packing import Unit, pack, units_of, windows
from ingest.split.recursive import recursive_spans
from ingest.split.sections import Section, sections
from ragchat.documents import Chunk, Document, Span
from ragchat.language.sentences import sentence_spans

__all__ = ["SplitOptions", "SplitRule", "Strategy", "split", "split_options"]


def split(document: Document, options: SplitOptions) -> list[Chunk]:
    """The document's chunks in text order. Every character but white space is in one (in several, with overlap)."""
    strategy = strategy_for(document, options)
    blocks = BlockUnits.of(document, options.tokens) if document.blocks else None
    chunks: list[Chunk] = []
    for section in sections(document, 0 if strategy == "rows" else options.smallest):
        for run in _pieces(document, section, strategy, options, blocks):
            chunks.append(_chunk(document, len(chunks), section, run))
    return chunks


def _pieces(
    document: Document, section: Section, strategy: Strategy, options: SplitOptions, blocks: BlockUnits | None
) -> Iterator[Sequence[Unit]]:
    """The units of each chunk of a section."""
    text, span = document.text, section.span
    match strategy:
        case "markdown" | "auto":
            yield from pack(_sentences(text, span, options, blocks), options.tokens)
        case "sentences":
            yield from windows(_sentences(text, span, options, blocks), options.tokens, options.overlap)
        case "rows":
            yield from windows(_units(text, _rows(text, span), options), options.tokens, 0)
        case "recursive" | "code":
            language = code_language(document, options) if strategy == "code" else None
            for piece in recursive_spans(text, span, options.tokens, options.overlap, language):
                yield units_of(text, sentence_spans(text, piece.start, piece.end))
        case _:
            assert_never(strategy)


def _sentences(text: str, span: Span, options: SplitOptions, blocks: BlockUnits | None) -> list[Unit]:
    """The units of a section's blocks; without blocks its structure is guessed from the lines."""
    if blocks is not None:
        return blocks.within(span)
    return _units(text, sentence_spans(text, span.start, span.end), options)


def _units(text: str, spans: Sequence[Span], options: SplitOptions) -> list[Unit]:
    """Sentences or rows as units; one longer than a whole chunk (a minified line) is cut by LangChain."""
    units: list[Unit] = []
    for unit in units_of(text, spans):
        if unit.tokens <= options.tokens:
            units.append(unit)
        else:
            units += units_of(text, recursive_spans(text, unit.span, options.tokens, 0, None))
    return units


def _rows(text: str, span: Span) -> list[Span]:
    """Lines that are not blank."""
    spans: list[Span] = []
    position = span.start
    for line in span.of(text).splitlines(keepends=True):
        kept = line.strip()
        if kept:
            start = position + len(line) - len(line.lstrip())
            spans.append(Span(start, start + len(kept)))
        position += len(line)
    return spans


def _chunk(document: Document, ordinal: int, section: Section, run: Sequence[Unit]) -> Chunk:
    start = run[0].span.start
    return Chunk(
        document_id=document.id,
        ordinal=ordinal,
        start=start,
        end=run[-1].span.end,
        heading_path=section.heading_path + run[0].context,
        page=document.page_at(start),
        sentences=tuple(unit.span for unit in run),
    )
