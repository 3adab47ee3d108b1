"""DOCX, PPTX, XLSX and EPUB: structure kept, hidden text left out, hostile packages refused."""

import io
import zipfile
from collections.abc import Callable

import pytest
from docx import Document
from docx.oxml import OxmlElement

from ingest.extract import Extracted, extract
from ragchat.errors import DocumentFailed


def saved(document: object) -> bytes:
    target = io.BytesIO()
    document.save(target)  # type: ignore[attr-defined]
    return target.getvalue()


def read_docx(fill: Callable[..., None], name: str = "a.docx") -> Extracted:
    document = Document()
    fill(document)
    return extract(saved(document), name)


def test_docx_headings_lists_and_paragraphs_come_in_order() -> None:
    def fill(document) -> None:  # type: ignore[no-untyped-def]
        document.add_heading("Handbook", 0)
        document.add_heading("Leave", 1)
        document.add_paragraph("You have 28 days.")
        document.add_paragraph("ask", style="List Bullet")
        document.add_paragraph("plan", style="List Bullet 2")
        document.add_paragraph("first", style="List Number")
        document.add_paragraph("second", style="List Number")
        document.add_heading("Sick", 2)

    extracted = read_docx(fill)
    assert extracted.text == (
        "# Handbook\n\n# Leave\n\nYou have 28 days.\n\n- ask\n    - plan\n\n1. first\n2. second\n\n## Sick"
    )
    assert [(h.level, h.title) for h in extracted.headings] == [(1, "Handbook"), (1, "Leave"), (2, "Sick")]
    assert extracted.title == "Handbook"


def test_docx_tables_stand_where_they_stood_with_merged_cells_repeated() -> None:
    def fill(document) -> None:  # type: ignore[no-untyped-def]
        document.add_paragraph("before")
        table = document.add_table(3, 3)
        for row, texts in enumerate((("Plan", "Price", "Seats"), ("Pro", "$20", "5"), ("", "$30", "9"))):
            for column, text in enumerate(texts):
                table.cell(row, column).text = text
        table.cell(1, 0).merge(table.cell(2, 0))
        table.cell(1, 1).merge(table.cell(1, 2)).text = "free"
        document.add_paragraph("after")

    assert read_docx(fill).text == (
        "before\n\n| Plan | Price | Seats |\n| --- | --- | --- |\n| Pro | free | free |\n| Pro | $30 | 9 |\n\nafter"
    )


def test_docx_hidden_and_deleted_text_goes_links_and_insertions_stay() -> None:
    def fill(document) -> None:  # type: ignore[no-untyped-def]
        paragraph = document.add_paragraph("seen ")
        paragraph.add_run("hidden").font.hidden = True
        parts = (
            ("w:del", "w:delText", "deleted"),
            ("w:ins", "w:t", "inserted "),
            ("w:hyperlink", "w:t", "linked"),
        )
        for tag, text_tag, text in parts:
            holder, run, content = OxmlElement(tag), OxmlElement("w:r"), OxmlElement(text_tag)
            content.text = text
            run.append(content)
            holder.append(run)
            paragraph._p.append(holder)

    assert read_docx(fill).text == "seen inserted linked"


def test_docx_text_in_content_controls_is_read() -> None:
    def fill(document) -> None:  # type: ignore[no-untyped-def]
        paragraph = document.add_paragraph("in a control")
        control, content = OxmlElement("w:sdt"), OxmlElement("w:sdtContent")
        paragraph._p.addprevious(control)
        control.append(content)
        content.append(paragraph._p)

    assert read_docx(fill).text == "in a control"


def test_docx_comments_follow_the_paragraph_that_they_are_on() -> None:
    def fill(document) -> None:  # type: ignore[no-untyped-def]
        paragraph = document.add_paragraph("Price is 20.")
        document.add_comment(paragraph.runs, text="Check with sales.", author="Ann")

    extracted = read_docx(fill)
    assert extracted.text == "Price is 20.\n[Comment by Ann: Check with sales.]"


def test_docx_facts_are_metadata_and_name_is_the_last_title() -> None:
    def fill(document) -> None:  # type: ignore[no-untyped-def]
        document.add_paragraph("x")
        document.core_properties.author = "Ann"
        document.core_properties.subject = "Prices"
        document.core_properties.comments = ""

    extracted = read_docx(fill, "price-list.docx")
    assert extracted.title == "Price list"
    assert extracted.metadata["author"] == "Ann"
    assert extracted.metadata["description"] == "Prices"


def test_an_empty_docx_has_a_reason() -> None:
    extracted = read_docx(lambda document: None)
    assert (extracted.text, extracted.reason) == ("", "the document holds no text")


def package(parts: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return target.getvalue()


WHOLE = saved(Document())
BOMB = package({"[Content_Types].xml": b"<x/>", "word/document.xml": b" " * (160 * 1024 * 1024)})
ENTITIES = (
    b"""<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><w>&b;</w>"""
)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (WHOLE[:700], "damaged"),
        (WHOLE[:-900], "damaged"),
        (BOMB, "too_large"),
        (package({"[Content_Types].xml": b"<x/>", "word/document.xml": b"<x/>"}), "damaged"),
        (package({"readme.txt": b"x"}), "damaged"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"),
            "encrypted",
        ),
    ],
    ids=["truncated", "no directory", "bomb", "no parts", "no document", "encrypted"],
)
def test_a_docx_that_cannot_be_read_is_refused_by_code(data: bytes, code: str) -> None:
    with pytest.raises(DocumentFailed) as failure:
        extract(data, "a.docx")
    assert failure.value.code == code


def test_pptx_slides_are_pages_with_tables_charts_and_notes() -> None:
    from pptx import Presentation
    from pptx.chart.data import CategoryChartData
    from pptx.enum.chart import XL_CHART_TYPE
    from pptx.util import Inches

    show = Presentation()
    first = show.slides.add_slide(show.slide_layouts[1])
    first.shapes.title.text = "Plans"
    first.placeholders[1].text = "Basic\nPro"
    first.notes_slide.notes_text_frame.text = "Say hello."
    second = show.slides.add_slide(show.slide_layouts[5])
    second.shapes.title.text = "Sales"
    table = second.shapes.add_table(2, 2, 0, Inches(2), Inches(4), Inches(1)).table
    for cell, text in zip(table.iter_cells(), ("Year", "Units", "2026", "7"), strict=True):
        cell.text = text
    data = CategoryChartData()
    data.categories = ["Q1", "Q2"]
    data.add_series("Units", (1.5, 2))
    second.shapes.add_chart(XL_CHART_TYPE.LINE, 0, Inches(4), Inches(4), Inches(2), data)
    extracted = extract(saved(show), "a.pptx")
    assert extracted.text == (
        "# Plans\n\n- Basic\n- Pro\n\nNotes: Say hello.\n\n# Sales\n\n| Year | Units |\n| --- | --- |\n| 2026 | 7 |"
        "\n\n|  | Units |\n| --- | --- |\n| Q1 | 1.5 |\n| Q2 | 2 |"
    )
    assert [extracted.text[start:].split("\n")[0] for start in extracted.pages] == ["# Plans", "# Sales"]


def test_xlsx_rows_name_their_columns_and_hidden_sheets_go() -> None:
    from datetime import datetime

    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    sheet.title = "Prices"
    for row in (["Plan", "Price", "From", "Off"], ["Pro", 20.5, datetime(2026, 1, 2), 0.25]):
        sheet.append(row)
    sheet["D2"].number_format = "0%"
    book.create_sheet("Secret").append(["x"])
    book["Secret"].sheet_state = "hidden"
    extracted = extract(saved(book), "a.xlsx")
    assert extracted.text == "# Prices\n\nPlan: Pro; Price: 20.5; From: 2026-01-02; Off: 25%"


def epub(**extra: bytes) -> bytes:
    chapters = {
        n: f"<html><body><h1>Chapter {n}</h1><p>Text {n}.</p></body></html>".encode() for n in ("one", "two")
    }
    items = "".join(f'<item id="{n}" href="{n}.xhtml" media-type="application/xhtml+xml"/>' for n in chapters)
    opf = (
        '<package xmlns="http://www.idpf.org/2007/opf"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<dc:title>The book</dc:title><dc:creator>Ann</dc:creator></metadata><manifest>{items}</manifest>"
        '<spine><itemref idref="two"/><itemref idref="one"/></spine></package>'
    )
    container = '<container><rootfiles><rootfile full-path="OPS/b.opf"/></rootfiles></container>'
    parts = {f"OPS/{n}.xhtml": content for n, content in chapters.items()}
    return package(
        {
            "mimetype": b"application/epub+zip",
            "META-INF/container.xml": container.encode(),
            "OPS/b.opf": opf.encode(),
        }
        | parts
        | {name.replace("__", "/"): content for name, content in extra.items()}
    )


def test_epub_chapters_come_in_reading_order_with_true_heading_offsets() -> None:
    extracted = extract(epub(), "a.epub")
    assert extracted.text == "# Chapter two\n\nText two.\n\n# Chapter one\n\nText one."
    assert (extracted.title, extracted.metadata) == ("The book", {"author": "Ann"})
    for heading in extracted.headings:
        assert extracted.text[heading.offset :].startswith(f"# {heading.title}")


def test_an_epub_under_drm_is_encrypted() -> None:
    locked = (
        b'<encryption><EncryptedData><CipherData><CipherReference URI="OPS/one.xhtml"/></CipherData>'
        b"</EncryptedData></encryption>"
    )
    target = io.BytesIO(epub())
    with zipfile.ZipFile(target, "a") as archive:
        archive.writestr("META-INF/encryption.xml", locked)
    with pytest.raises(DocumentFailed) as failure:
        extract(target.getvalue(), "a.epub")
    assert failure.value.code == "encrypted"


def test_entities_are_not_expanded() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(WHOLE)) as source, zipfile.ZipFile(target, "w") as copy:
        for member in source.infolist():
            content = source.read(member)
            copy.writestr(member, ENTITIES if member.filename == "word/document.xml" else content)
    assert "aaaa" not in outcome(target.getvalue(), "a.docx")


def outcome(data: bytes, name: str) -> str:
    """The text, or the code of the failure."""
    try:
        return extract(data, name).text
    except DocumentFailed as failure:
        return failure.code
