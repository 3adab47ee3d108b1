"""Blocks as DOCX, with Word's own heading, list and table styles.

A DOCX is a ZIP package: it is written again with one fixed date and without compression, because zlib versions
compress differently. What Word does not need (a thumbnail, a copy of the styles for Word 2010) is left out.
"""

import io
import zipfile
from collections.abc import Sequence
from datetime import datetime
from typing import Final, assert_never

import docx
from corpus_blocks import Block, Grid, Line, Prose, Title, title_of
from docx.document import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.text.paragraph import Paragraph as DocxParagraph

COMPANY: Final = "Kestwold Instruments"
DATE: Final = datetime(2026, 7, 1, 9, 0)


def word(blocks: Sequence[Block]) -> bytes:
    """The blocks as a DOCX file."""
    document = docx.Document()
    _slim(document)
    properties = document.core_properties
    properties.title = title_of(blocks)
    properties.author = properties.last_modified_by = COMPANY
    properties.comments = ""
    properties.created = properties.modified = DATE
    for block in blocks:
        _append(document, block)
    target = io.BytesIO()
    document.save(target)
    return _settled(target.getvalue())


def _slim(document: Document) -> None:
    """Drops what the template brings and these documents do not use: 800 kB of styles, and a picture."""
    for style in list(document.styles):
        if style.type is WD_STYLE_TYPE.TABLE and style.name not in ("Table Grid", "Normal Table"):
            style.delete()
    for relations in (document.part.rels, document.part.package.rels):
        for key, relation in list(relations.items()):
            if relation.reltype.endswith(("/stylesWithEffects", "/thumbnail")):
                del relations[key]


def _append(document: Document, block: Block) -> None:
    match block:
        case Title(level, text):
            document.add_heading(text, level)
        case Prose(line, kind):
            style = {"paragraph": None, "bullet": "List Bullet", "numbered": "List Number"}[kind]
            _write(document.add_paragraph(style=style), line)
        case Grid(rows):
            table = document.add_table(len(rows), len(rows[0]), style="Table Grid")
            for row, lines in zip(table.rows, rows, strict=True):
                for cell, line in zip(row.cells, lines, strict=True):
                    _write(cell.paragraphs[0], line)
            document.add_paragraph()
        case _:
            assert_never(block)


def _write(paragraph: DocxParagraph, line: Line) -> None:
    for part in line:
        run = paragraph.add_run(part.text)
        run.bold, run.italic = part.bold or None, part.italic or None


def _settled(package: bytes) -> bytes:
    """The same ZIP package with fixed dates and without compression."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(package)) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            new.writestr(zipfile.ZipInfo(name, DATE.timetuple()[:6]), old.read(name))
    return target.getvalue()
