"""Each block of an office document or PDF leads back: its span to its words, its page and headings to where they were
written."""

import io
from collections.abc import Callable
from typing import TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.extract import extract
from ragchat.documents import heading_path, page_at
from ragchat.documents.blocks import check_blocks

Section: TypeAlias = tuple[str, list[str]]
"""A heading and the paragraphs below it."""


def word_file(sections: list[Section]) -> bytes:
    from docx import Document

    document = Document()
    for heading, paragraphs in sections:
        document.add_heading(heading, 1)
        for words in paragraphs:
            document.add_paragraph(words)
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def slides(sections: list[Section]) -> bytes:
    from pptx import Presentation

    deck = Presentation()
    for heading, paragraphs in sections:
        slide = deck.slides.add_slide(deck.slide_layouts[1])
        slide.shapes.title.text = heading
        slide.placeholders[1].text = "\n".join(paragraphs)
    target = io.BytesIO()
    deck.save(target)
    return target.getvalue()


def workbook(sections: list[Section]) -> bytes:
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.active)
    for heading, paragraphs in sections:
        sheet = book.create_sheet(heading)
        for row, words in enumerate(("Remark", *paragraphs), 1):
            sheet.cell(row, 1, words)
            sheet.cell(row, 2, "State" if row == 1 else "open")
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def pages(sections: list[Section]) -> bytes:
    from reportlab.pdfgen.canvas import Canvas

    target = io.BytesIO()
    canvas = Canvas(target)
    for heading, paragraphs in sections:
        canvas.setFont("Helvetica-Bold", 18)
        canvas.drawString(70, 780, heading)
        canvas.setFont("Helvetica", 11)
        for row, words in enumerate(paragraphs):
            canvas.drawString(70, 740 - 40 * row, words)
        canvas.showPage()
    canvas.save()
    return target.getvalue()


NOUNS = ("mooring", "kettle", "lantern", "saddle", "chimney", "orchard", "ladder", "bellows")
ENDS = (" is looked at in spring.", " stays closed at night.", " was paid for in coins.")
SUBJECTS = st.sampled_from(NOUNS)


@st.composite
def written(draw: st.DrawFn) -> list[Section]:
    """Sections whose headings and paragraphs are all different."""
    number = draw(st.integers(1, 4))
    sections = []
    for place in range(number):
        nouns = draw(st.lists(SUBJECTS, min_size=1, max_size=4, unique=True))
        heading = f"Care of the {draw(SUBJECTS)} {'abcd'[place]}"
        ends = [draw(st.sampled_from(ENDS)) for _ in nouns]
        sections.append(
            (
                heading,
                [
                    f"The {['first', 'second', 'third', 'fourth'][place]} {n}{e}"
                    for n, e in zip(nouns, ends, strict=True)
                ],
            )
        )
    return sections


@pytest.mark.parametrize(
    ("write", "name"),
    [(word_file, "care.docx"), (slides, "care.pptx"), (workbook, "care.xlsx"), (pages, "care.pdf")],
)
@settings(max_examples=15, deadline=None)
@given(sections=written())
def test_blocks_lead_back(
    write: Callable[[list[Section]], bytes], name: str, sections: list[Section]
) -> None:
    extracted = extract(write(sections), name)
    check_blocks(extracted.blocks, extracted.text)
    assert bool(extracted.pages) is name.endswith((".pptx", ".pdf"))
    for number, (heading, paragraphs) in enumerate(sections, 1):
        for words in paragraphs:
            held = [b.span for b in extracted.blocks if words in b.span.of(extracted.text)]
            innermost = min(held, key=lambda span: span.end - span.start)
            place = extracted.text.index(words, innermost.start)
            assert heading_path(extracted.headings, place) == (heading,)
            if extracted.pages:
                assert page_at(extracted.pages, innermost.start) == page_at(extracted.pages, place) == number
