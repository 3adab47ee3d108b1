"""PDF: pages of pdfium's glyphs laid out into headings, paragraphs and tables; pages keep their boundaries.

A page that pdfium does not read, or of right-to-left text, comes from pypdf as plain lines (see pdf_engines for which
engine reads what, and docs/adr/0008 for why). What lies where is decided in pdf_layout, what it means in pdf_blocks.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial, reduce
from pathlib import PurePosixPath
from typing import Final

from ingest.extract.assembly.building import TextBuilder
from ingest.extract.assembly.titles import file_title
from ingest.extract.clean import one_line
from ingest.extract.extracted import Extracted
from ingest.extract.formats import MEDIA_TYPES
from ingest.extract.ocr.tesseract import program
from ingest.extract.pdf.blocks import Block, document_blocks
from ingest.extract.pdf.compose import compose
from ingest.extract.pdf.engines import PdfReading, read_pdf
from ingest.extract.pdf.lines import WORD, join_lines, page_lines, paragraphs, without_furniture
from ingest.extract.pdf.page.glyphs import PageGlyphs
from ingest.extract.pdf.page.layout import Line, page_layout
from ingest.extract.pdf.page.margins import without_running
from ragchat.documents import Heading
from ragchat.errors import DocumentFailed

WITHOUT_OCR: Final = "install Tesseract (Debian: apt install tesseract-ocr) or run OCR first"


def extract(data: bytes, name: str) -> Extracted:
    """DocumentFailed "encrypted" where a password is needed, "damaged" where neither engine reads a page."""
    reading = read_pdf(data)
    if all(page is None for page in reading.pages):
        raise DocumentFailed(
            "is damaged: no page of it can be read.",
            hint="Open it in a PDF viewer and save it to a new file.",
            code="damaged",
        )
    builder = TextBuilder()
    compose(builder, _blocks(reading))
    headings = _headings(builder, reading.outline)
    attached = _attach(builder, reading.files)
    metadata = dict(reading.metadata)
    if reading.recognised:
        metadata["ocr_pages"] = reading.recognised
    title = file_title(str(metadata.pop("title", None) or ""), name)
    return Extracted(
        builder.text,
        title,
        "application/pdf",
        pages=tuple(builder.pages),
        headings=(*headings, *builder.headings[len(builder.headings) - attached :]) if attached else headings,
        metadata=metadata,
        blocks=builder.blocks,
        reason="" if builder.length else _no_text(reading),
        notes=_notes(reading),
    )


def _blocks(reading: PdfReading) -> list[list[Block]]:
    """Blocks of each page, laid out where the page has places, as plain paragraphs where it has not."""
    words = _words(reading.pages)
    cell = partial(_cell, words)
    laid: list[list[Line]] = []
    frames: list[tuple[float, float]] = []
    plain = without_furniture([page_lines(page) if isinstance(page, str) else [] for page in reading.pages])
    for page in reading.pages:
        glyphs = page if isinstance(page, PageGlyphs) else PageGlyphs(0.0, 0.0)
        laid.append(page_layout(glyphs, cell))
        frames.append((glyphs.bottom, glyphs.height))
    blocks = document_blocks(without_running(laid, frames), reading.outline, words)
    for number, lines in enumerate(plain):
        if lines:
            blocks[number] = [Block(text, gap) for gap, text in paragraphs(lines, words)]
    return blocks


def _words(pages: Sequence[PageGlyphs | str | None]) -> Counter[str]:
    """How often each word stands in the document, in lower case: they decide what a hyphen at a line end is."""
    counts: Counter[str] = Counter()
    for page in pages:
        texts = [atom.text for atom in page.atoms] if isinstance(page, PageGlyphs) else [page or ""]
        for text in texts:
            counts.update(word.lower() for word in WORD.findall(text))
    return counts


def _cell(words: Counter[str], lines: Sequence[str]) -> str:
    """The lines of a table cell as one; words that a narrow column cut without a hyphen are whole again."""
    return reduce(partial(_cell_joined, words), (" ".join(page_lines(line)).strip() for line in lines), "")


def _cell_joined(words: Counter[str], above: str, below: str) -> str:
    if not above or not below:
        return above or below
    left, right = above.rpartition(" ")[2].lower(), below.partition(" ")[0].lower()
    if left.isalpha() and right.isalpha() and words[left] <= 1 < words[left + right]:
        return above + below
    return join_lines(above, below, words)


def _attach(builder: TextBuilder, files: Sequence[tuple[str, bytes]]) -> int:
    """Appends the documents that the file holds, each under its name; how many headings that gave."""
    before = len(builder.headings)
    for name, data in files:
        suffix = PurePosixPath(name.lower()).suffix
        if (
            suffix in MEDIA_TYPES
            and suffix != ".pdf"
            and (other := _other(name, data)) is not None
            and other.text
        ):
            builder.heading(1, f"Attachment: {name}")
            builder.append(other.text, other.headings, other.blocks)
    return len(builder.headings) - before


def _other(name: str, data: bytes) -> Extracted | None:
    from ingest.extract import extract as extract_any  # an attached file: extract imports this

    try:
        return extract_any(data, name)
    except DocumentFailed:
        return None


def _no_text(reading: PdfReading) -> str:
    pages = len(reading.pages)
    if reading.scanned:
        pages_read = f"no text layer: {reading.scanned} scanned page{'s' * (reading.scanned > 1)}"
        return f"{pages_read}; {'no words could be read on them' if program() else WITHOUT_OCR}"
    return f"no text on {pages} page{'s' * (pages > 1)}"


def _notes(reading: PdfReading) -> tuple[str, ...]:
    unread = [str(number) for number, page in enumerate(reading.pages, 1) if page is None]
    notes = [f"page {', '.join(unread[:20])} could not be read"] if unread else []
    if reading.scanned > reading.recognised:
        notes.append(
            f"{reading.scanned - reading.recognised} of {len(reading.pages)} pages are pictures without text"
        )
    return tuple(notes)


def _headings(builder: TextBuilder, outline: Sequence[tuple[int, int, str]]) -> tuple[Heading, ...]:
    """Those of the layout; where it has none, the outline's entries that stand at the start of a line."""
    if builder.headings:
        return tuple(builder.headings)
    found = list(_located(builder, outline))
    if len(found) * 2 < len(outline):
        return ()
    kept: list[Heading] = []
    for heading in found:
        if not kept or heading.offset > kept[-1].offset:
            kept.append(heading)
    return tuple(kept)


def _located(builder: TextBuilder, outline: Sequence[tuple[int, int, str]]) -> Iterator[Heading]:
    text, starts = builder.text, [*builder.pages, builder.length]
    for level, page, title in outline:
        words = one_line(title).split()
        if not words or not 0 <= page < len(builder.pages):
            continue
        number = r"(?:[\dIVXA-Z]{1,4}[.)]?(?:\d+\.?)*\s+)?"
        pattern = re.compile(rf"^{number}" + r"\s+".join(map(re.escape, words)), re.MULTILINE | re.IGNORECASE)
        match = pattern.search(text, starts[page], starts[page + 1])
        if match:
            yield Heading(match.start(), min(level, 6), " ".join(words))
