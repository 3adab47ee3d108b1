"""Blocks of Word, PowerPoint, Excel, CSV and PDF: what each file's build says, and that the promises of blocks hold."""

import io
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from docx import Document

from ingest.extract import Extracted, extract
from ingest.extract.worker import ExtractionWorker, Limits
from ragchat.documents.blocks import check_blocks
from ragchat.errors import DocumentFailed
from tests.support.outlines import outline

REPOSITORY = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("RAGCHAT_EVAL_DIR", REPOSITORY.parent / "shared" / "eval")).parent
FOLDERS = {
    "sample": REPOSITORY / "corpus",
    "evaluation files": SHARED / "eval" / "files",
    "small inputs": SHARED / "ingest" / "dev" / "files",
}
ENDINGS = (
    ".docx",
    ".docm",
    ".dotx",
    ".pptx",
    ".ppsx",
    ".potx",
    ".xlsx",
    ".xlsm",
    ".xltx",
    ".csv",
    ".tsv",
    ".pdf",
)


def office_files(root: Path) -> Iterator[Path]:
    return (path for path in sorted(root.rglob("*")) if path.suffix.lower() in ENDINGS)


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_blocks_of_every_real_file_are_sound(folder: str) -> None:
    root = FOLDERS[folder]
    if not root.is_dir():
        pytest.skip(f"no files at {root}")
    read = 0
    with ExtractionWorker(Limits(seconds=30)) as worker:
        for path in office_files(root):
            try:
                extracted = worker.extract(path)
            except DocumentFailed:
                continue
            check_blocks(extracted.blocks, extracted.text)
            read += bool(extracted.text)
    assert read > 5


def read(document: object, name: str) -> Extracted:
    target = io.BytesIO()
    document.save(target)  # type: ignore[attr-defined]
    extracted = extract(target.getvalue(), name)
    check_blocks(extracted.blocks, extracted.text)
    return extracted


def docx(*paragraphs: tuple[str, str]) -> list[str]:
    """The outline of a document of (style, text)."""
    document = Document()
    for style, text in paragraphs:
        if style not in [known.name for known in document.styles]:
            document.styles.add_style(style, 1)
        document.add_paragraph(text, style=style)
    extracted = read(document, "a.docx")
    return outline(extracted.blocks, extracted.text)


def test_docx_lists_hold_their_items_and_hang_on_their_lead_in() -> None:
    lines = (
        ("Normal", "We pay. You bring:"),
        ("List Bullet", "a coat"),
        ("List Bullet 2", "a warm one"),
        ("List Bullet", "a hat"),
        ("List Number", "Open it."),
        ("List Continue", "It may squeak."),
        ("List Number", "Close it."),
    )
    assert docx(*lines) == [
        "paragraph: We pay. You bring:",
        "list <- You bring:",
        "  item: - a coat",
        "    list <- - a coat",
        "      item: - a warm one",
        "  item: - a hat",
        "list",
        "  step: 1. Open it.",
        "    paragraph: It may squeak.",
        "  step: 2. Close it.",
    ]


def test_docx_code_and_quotations_are_known_by_their_styles() -> None:
    assert docx(
        ("Normal", "Run this:"),
        ("HTML Preformatted", "cd x"),
        ("HTML Preformatted", "make"),
        ("Quote", "Be kind."),
    ) == ["paragraph: Run this:", "code: ``` <- Run this:", "quotation: Be kind."]


def test_tables_are_rows_below_a_header() -> None:
    document = Document()
    document.add_paragraph("Prices are these:")
    table = document.add_table(2, 2)
    for cell, text in zip(table._cells, ("Plan", "Price", "Pro", "20"), strict=True):
        cell.text = text
    extracted = read(document, "a.docx")
    assert outline(extracted.blocks, extracted.text) == [
        "paragraph: Prices are these:",
        "table <- Prices are these:",
        "  header: | Plan | Price |",
        "  row: | Pro | 20 | <- | Plan | Price |",
    ]


def test_slides_hold_lists_and_tables() -> None:
    from pptx import Presentation

    show = Presentation()
    slide = show.slides.add_slide(show.slide_layouts[1])
    slide.shapes.title.text = "Plans"
    slide.placeholders[1].text = "Basic\nPro"
    extracted = read(show, "a.pptx")
    assert outline(extracted.blocks, extracted.text) == [
        "heading: # Plans",
        "list",
        "  item: - Basic",
        "  item: - Pro",
    ]


def test_rows_of_a_csv_file_are_a_table() -> None:
    extracted = extract(b"Plan,Price\nPro,20\nTeam,30\n", "prices.csv")
    check_blocks(extracted.blocks, extracted.text)
    assert outline(extracted.blocks, extracted.text) == [
        "heading: # Prices",
        "table",
        "  row: Plan: Pro; Price: 20",
        "  row: Plan: Team; Price: 30",
    ]


def test_items_of_a_pdf_are_lists_over_page_ends(make_pdf: Callable[..., bytes]) -> None:
    data = make_pdf([["Bring along:", "• a coat", "• a hat"], ["• a bag", "1. Go in.", "2. Sit down."]])
    extracted = extract(data, "a.pdf")
    check_blocks(extracted.blocks, extracted.text)
    assert outline(extracted.blocks, extracted.text) == [
        "paragraph: Bring along:",
        "list <- Bring along:",
        "  item: • a coat",
        "  item: • a hat",
        "  item: • a bag",
        "list",
        "  step: 1. Go in.",
        "  step: 2. Sit down.",
    ]
