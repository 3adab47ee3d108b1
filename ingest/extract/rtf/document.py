"""Paragraphs and rows of an RTF file as a document."""

from ingest.extract.assembly.building import TextBuilder
from ingest.extract.assembly.levels import BULLET, LevelledLists
from ingest.extract.assembly.listing import Listing
from ingest.extract.assembly.paragraphs import told_apart
from ingest.extract.assembly.titles import file_title
from ingest.extract.clean import humanised
from ingest.extract.extracted import Extracted
from ingest.extract.rtf.reading import Paragraph, Reader
from ingest.extract.tables.grid import Grid
from ingest.extract.tables.parts import parts_of
from ingest.extract.tables.writing import add_parts
from ragchat.documents import Scalar


def extract(data: bytes, name: str) -> Extracted:
    """Title: that of the file's properties, else its first heading, else its name."""
    reader, builder = Reader(), TextBuilder()
    lists = LevelledLists(Listing(builder))
    rows: list[tuple[str, ...]] = []
    for paragraph in reader.paragraphs(data.decode("latin-1")):
        if paragraph.row is not None:
            rows.append(paragraph.row)
            continue
        _table(builder, lists, rows)
        _paragraph(builder, lists, paragraph)
    _table(builder, lists, rows)
    lists.close()
    for label, words in reader.notes:
        builder.block(_joined(f"[^{label}]: {words}"), "footnote", gap="\n\n")
    first = builder.headings[0].title if builder.headings else ""
    declared = _joined(reader.facts.get("title", ""))
    metadata: dict[str, Scalar] = {}
    if author := _joined(reader.facts.get("author", "")).strip():
        metadata["author"] = author
    return Extracted(
        builder.text,
        file_title(declared, name) if declared.strip() else first or humanised(name),
        "application/rtf",
        headings=tuple(builder.headings),
        metadata=metadata,
        blocks=told_apart(builder.blocks, builder.text),
        reason="" if builder.length else "the document has no text",
    )


def _paragraph(builder: TextBuilder, lists: LevelledLists, paragraph: Paragraph) -> None:
    text = _joined(paragraph.text)
    if paragraph.outline and not paragraph.marker:
        lists.close()
        builder.heading(paragraph.outline, text)
    elif paragraph.marker:
        numbered = any(map(str.isalnum, paragraph.marker))
        lists.item(paragraph.level, _joined(paragraph.marker) if numbered else BULLET, text)
    else:
        lists.close()
        builder.block(text)


def _table(builder: TextBuilder, lists: LevelledLists, rows: list[tuple[str, ...]]) -> None:
    """The rows collected so far, as a table; none are left."""
    if rows:
        lists.close()
        add_parts(builder, parts_of(Grid.of([tuple(map(_joined, row)) for row in rows])), "cells")
        rows.clear()


def _joined(text: str) -> str:
    """Halves of surrogate pairs as the characters that they are."""
    if any("\ud800" <= character <= "\udfff" for character in text):
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text
