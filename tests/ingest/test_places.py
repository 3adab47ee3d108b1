"""Each block of a document leads back: its span to its words, its page and headings to where they were written."""

import io
import json
import zipfile
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


SCHEMAS = "urn:oasis:names:tc:opendocument:xmlns"
NAMES = " ".join(f'xmlns:{name}="{SCHEMAS}:{name}:1.0"' for name in ("office", "text", "table"))
NAMES += f' xmlns:draw="{SCHEMAS}:drawing:1.0" xmlns:presentation="{SCHEMAS}:presentation:1.0"'


def open_document(kind: str, body: str) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("mimetype", f"application/vnd.oasis.opendocument.{kind}")
        archive.writestr(
            "content.xml",
            f'<office:document-content {NAMES} office:version="1.3"><office:body><office:{kind}>{body}'
            f"</office:{kind}></office:body></office:document-content>",
        )
    return target.getvalue()


def open_text(sections: list[Section]) -> bytes:
    def one(heading: str, paragraphs: list[str]) -> str:
        words = "".join(f"<text:p>{words}</text:p>" for words in paragraphs)
        return f'<text:h text:outline-level="1">{heading}</text:h>{words}'

    return open_document("text", "".join(one(*section) for section in sections))


def open_slides(sections: list[Section]) -> bytes:
    def frame(of: str, paragraphs: list[str]) -> str:
        words = "".join(f"<text:p>{words}</text:p>" for words in paragraphs)
        return f'<draw:frame presentation:class="{of}"><draw:text-box>{words}</draw:text-box></draw:frame>'

    return open_document(
        "presentation",
        "".join(
            f"<draw:page>{frame('title', [heading])}{frame('outline', paragraphs)}</draw:page>"
            for heading, paragraphs in sections
        ),
    )


def open_workbook(sections: list[Section]) -> bytes:
    def row(*cells: str) -> str:
        told = "".join(f"<table:table-cell><text:p>{cell}</text:p></table:table-cell>" for cell in cells)
        return f"<table:table-row>{told}</table:table-row>"

    def one(heading: str, paragraphs: list[str]) -> str:
        rows = "".join(row(words, "open") for words in paragraphs)
        return f'<table:table table:name="{heading}">{row("Remark", "State")}{rows}</table:table>'

    return open_document("spreadsheet", "".join(one(*section) for section in sections))


def rich_text(sections: list[Section]) -> bytes:
    told = "".join(
        rf"\pard\s1 {heading}\par" + "".join(rf"\pard {words}\par" for words in paragraphs)
        for heading, paragraphs in sections
    )
    return (r"{\rtf1\ansi{\stylesheet{\s0 Normal;}{\s1 heading 1;}}" + told + "}").encode()


def web_page(sections: list[Section]) -> bytes:
    told = "".join(
        f"<h1>{heading}</h1>" + "".join(f"<p>{words}</p>" for words in paragraphs)
        for heading, paragraphs in sections
    )
    return f"<html><head><title>Care</title></head><body><main>{told}</main></body></html>".encode()


def markdown(sections: list[Section]) -> bytes:
    return "\n\n".join(
        f"# {heading}\n\n" + "\n\n".join(paragraphs) for heading, paragraphs in sections
    ).encode()


def restructured(sections: list[Section]) -> bytes:
    return "\n\n".join(
        f"{heading}\n{'=' * len(heading)}\n\n" + "\n\n".join(paragraphs) for heading, paragraphs in sections
    ).encode()


def notebook(sections: list[Section]) -> bytes:
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": f"# {heading}\n\n" + "\n\n".join(paragraphs)}
        for heading, paragraphs in sections
    ]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}).encode()


def book(sections: list[Section]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("mimetype", "application/epub+zip")
        archive.writestr(
            "META-INF/container.xml",
            '<container><rootfiles><rootfile full-path="b.opf"/></rootfiles></container>',
        )
        numbers = range(len(sections))
        items = "".join(
            f'<item id="c{n}" href="{n}.xhtml" media-type="application/xhtml+xml"/>' for n in numbers
        )
        spine = "".join(f'<itemref idref="c{n}"/>' for n in numbers)
        archive.writestr(
            "b.opf",
            '<package xmlns="http://www.idpf.org/2007/opf"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/">'
            f"<dc:title>Care</dc:title></metadata><manifest>{items}</manifest><spine>{spine}</spine></package>",
        )
        for number, section in enumerate(sections):
            archive.writestr(f"{number}.xhtml", web_page([section]))
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
    [
        (word_file, "care.docx"), (slides, "care.pptx"), (workbook, "care.xlsx"), (pages, "care.pdf"),
        (open_text, "care.odt"), (open_slides, "care.odp"), (open_workbook, "care.ods"), (rich_text, "care.rtf"),
        (web_page, "care.html"), (markdown, "care.md"), (restructured, "care.rst"), (notebook, "care.ipynb"),
        (book, "care.epub"),
    ],
)  # fmt: skip
@settings(max_examples=15, deadline=None)
@given(sections=written())
def test_blocks_lead_back(
    write: Callable[[list[Section]], bytes], name: str, sections: list[Section]
) -> None:
    extracted = extract(write(sections), name)
    check_blocks(extracted.blocks, extracted.text)
    assert bool(extracted.pages) is name.endswith((".pptx", ".pdf", ".odp"))
    for number, (heading, paragraphs) in enumerate(sections, 1):
        for words in paragraphs:
            held = [b.span for b in extracted.blocks if words in b.span.of(extracted.text)]
            innermost = min(held, key=lambda span: span.end - span.start)
            place = extracted.text.index(words, innermost.start)
            assert heading_path(extracted.headings, place) == (heading,)
            if extracted.pages:
                assert page_at(extracted.pages, innermost.start) == page_at(extracted.pages, place) == number
