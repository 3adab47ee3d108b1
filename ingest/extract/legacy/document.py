"""Which way an old Office file is read: sheets by xlrd, texts and slides by LibreOffice or by their text alone."""

from dataclasses import replace
from typing import Final

from ingest.extract.assembly.building import TextBuilder
from ingest.extract.assembly.paragraphs import told_apart
from ingest.extract.assembly.titles import file_title
from ingest.extract.clean import humanised
from ingest.extract.docx import extract as extract_docx
from ingest.extract.extracted import Extracted
from ingest.extract.formats import LEGACY
from ingest.extract.legacy.container import Container
from ingest.extract.legacy.office import converted
from ingest.extract.legacy.sheets import add_sheets
from ingest.extract.legacy.slides import add_slides
from ingest.extract.legacy.word import add_text
from ingest.extract.pptx import extract as extract_pptx
from ragchat.errors import DocumentFailed

PLAINLY: Final = (
    "read without headings, lists and marks of deletion: install LibreOffice, or save it as {suffix}"
)


def extract(data: bytes, name: str) -> Extracted:
    """DocumentFailed damaged or encrypted; unsupported for a container that holds none of the three."""
    container = Container(data)
    if container.has("WordDocument"):
        return _better(data, "docx", _plainly(container, name, "doc", ".docx"), name)
    if container.has("PowerPoint Document"):
        return _better(data, "pptx", _plainly(container, name, "ppt", ".pptx"), name)
    if container.has("Workbook") or container.has("Book"):
        return _plainly(container, name, "xls", "")
    raise DocumentFailed(
        "is in an old Office format that cannot be read.",
        hint="Save it as DOCX, XLSX, PPTX or PDF.",
        code="unsupported",
    )


def _better(data: bytes, suffix: str, plain: Extracted, name: str) -> Extracted:
    """By way of the format of today; as it was read plainly without LibreOffice, and where LibreOffice gives up or
    loses the tables."""
    modern = converted(data, suffix)
    if modern is None:
        return plain
    read = {"docx": extract_docx, "pptx": extract_pptx}[suffix](modern, name)
    if not read.text or (_has_table(plain) and not _has_table(read)):
        return plain
    return replace(read, media_type=plain.media_type)


def _has_table(extracted: Extracted) -> bool:
    return any(block.kind == "table" for block in extracted.blocks)


def _plainly(container: Container, name: str, kind: str, better: str) -> Extracted:
    builder = TextBuilder()
    notes: tuple[str, ...] = ()
    match kind:
        case "doc":
            add_text(builder, container)
        case "ppt":
            add_slides(builder, container)
        case _:
            notes = add_sheets(builder, container.data)
    if better and builder.length:
        notes = (PLAINLY.format(suffix=better),)
    declared = container.title
    return Extracted(
        builder.text,
        file_title(declared, name) if declared else humanised(name),
        LEGACY[kind],
        pages=tuple(builder.pages),
        headings=tuple(builder.headings),
        reason="" if builder.length else "no text",
        notes=notes,
        blocks=told_apart(builder.blocks, builder.text),
    )
