"""PDF: pypdf page by page, pypdfium2 where pypdf fails or finds nothing; pages keep their boundaries.

pypdf is first because it keeps right-to-left text in order (pdfium swaps Arabic lam-alef); pdfium reads broken
files and pages that pypdf cannot (see ingest.extract.pdf_engines). What lines mean is decided in pdf_lines.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from ingest.extract.clean import humanised, one_line
from ingest.extract.extracted import Extracted, TextBuilder
from ingest.extract.pdf_engines import PdfReading, read_pdf
from ingest.extract.pdf_lines import page_lines, paragraphs, without_furniture, words_of
from ragchat.documents import Heading, Scalar
from ragchat.errors import DocumentFailed

_JUNK_TITLE: Final = re.compile(
    r"untitled.*|unknown|\(.*\)|presentation\s?\d*|document\d*|title|slide \d+|(microsoft )?(word|powerpoint|excel)\b.*"
    r"|.*\.(docx?|pdf|indd|qxd|tex|dvi|xlsx?|pptx?|odt|fm)",
    re.IGNORECASE,
)
_SENTENCE_END: Final = re.compile(r"[.!?:;。！？؟।][\"'”’)\]]*$")


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
    _compose(builder, [page or "" for page in reading.pages])
    metadata = dict(reading.metadata)
    title = _title(metadata.pop("title", None)) or humanised(name)
    return Extracted(
        builder.text,
        title,
        "application/pdf",
        pages=tuple(builder.pages),
        headings=_headings(builder, reading.outline),
        metadata=metadata,
        reason="" if builder.length else _no_text(reading),
        notes=_notes(reading),
    )


def _compose(builder: TextBuilder, pages: Sequence[str]) -> None:
    """Pages one after the other; a sentence that runs over a page end is parted by one line end only."""
    lines = without_furniture([page_lines(page) for page in pages])
    words = words_of(lines)
    unfinished = False
    for page in lines:
        builder.page()
        for number, (gap, paragraph) in enumerate(paragraphs(page, words)):
            continues = unfinished and number == 0 and paragraph[:1].islower()
            builder.block(paragraph, gap="\n" if continues else gap)
            unfinished = not _SENTENCE_END.search(paragraph)


def _title(declared: Scalar) -> str:
    title = one_line(str(declared or ""))
    return "" if len(title) < 3 or len(title) > 300 or _JUNK_TITLE.fullmatch(title) else title


def _no_text(reading: PdfReading) -> str:
    pages = len(reading.pages)
    if reading.scanned:
        return f"no text layer: {reading.scanned} scanned page{'s' * (reading.scanned > 1)}; run OCR first"
    return f"no text on {pages} page{'s' * (pages > 1)}"


def _notes(reading: PdfReading) -> tuple[str, ...]:
    unread = [str(number) for number, page in enumerate(reading.pages, 1) if page is None]
    notes = [f"page {', '.join(unread[:20])} could not be read"] if unread else []
    if reading.scanned:
        notes.append(f"{reading.scanned} of {len(reading.pages)} pages are pictures without text")
    return tuple(notes)


def _headings(builder: TextBuilder, outline: Sequence[tuple[int, int, str]]) -> tuple[Heading, ...]:
    """The outline's entries that stand at the start of a line on their page; none when most do not."""
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
