"""Walks a document from top to bottom: headings with their numbers, lists, clauses, tables, code, notes in place."""

from typing import TYPE_CHECKING, Final

from ingest.extract.assembly.building import TextBuilder
from ingest.extract.assembly.levels import BULLET, LevelledLists
from ingest.extract.assembly.listing import Listing
from ingest.extract.clean import one_line
from ingest.extract.docx.line import MAX_DEPTH, LineReader, Paragraph, is_prompt
from ingest.extract.docx.notes import Notes
from ingest.extract.docx.numbering import Numbering
from ingest.extract.docx.objects import Objects, boxes, descriptions, is_picture
from ingest.extract.docx.styles import Styles, val
from ingest.extract.docx.tables import CellText, cells_of, children, grid_of, places_text
from ingest.extract.ooxml.names import MC, R, W
from ingest.extract.ooxml.parts import Package
from ingest.extract.tables.parts import parts_of
from ingest.extract.tables.writing import add_parts
from ragchat.errors import DocumentFailed

if TYPE_CHECKING:
    from lxml.etree import _Element as Element  # type: ignore[import-untyped]

_SKIPPED: Final = frozenset(
    {W + "del", W + "moveFrom", W + "pPr", W + "rPr", W + "sectPr", W + "sdtPr", MC + "Fallback"}
)


class Body:
    """Writes the body of a document; `title` is the first paragraph of style Title."""

    def __init__(self, package: Package, main: str) -> None:
        self.builder = TextBuilder()
        self.title = ""
        self.styles = Styles(package, main)
        self._package = package
        self._main = main
        self._numbering = Numbering(package, main)
        notes = Notes(package, main, self._words_of_note)
        self._lines = LineReader(package, main, self.styles, notes)
        self._objects = Objects(package, main, self.builder, self._box)
        self._lists = LevelledLists(Listing(self.builder))
        self._code: list[str] = []
        self._joined = ""
        """Words whose paragraph mark a change deletes: they go on in the next paragraph."""

    def write(self, root: "Element") -> None:
        """Everything below a `w:body`."""
        self._walk(root, 0)
        self._apart()
        self.builder.block(self._joined)

    def _words_of_note(self, part: str, paragraph: "Element") -> str:
        return LineReader(self._package, part, self.styles, None).read(paragraph).text

    def _walk(self, parent: "Element", depth: int) -> None:
        """Paragraphs and tables in document order, those in content controls included."""
        if depth > MAX_DEPTH:
            return
        for child in parent:
            if child.tag == W + "p":
                self._paragraph(child)
            elif child.tag == W + "tbl":
                self._table(child, depth)
            elif child.tag == W + "altChunk":
                self._other_document(child)
            elif child.tag == W + "sdt" and (_is_empty_control(child) or _is_contents(child)):
                continue
            elif child.tag not in _SKIPPED and isinstance(child.tag, str):
                self._walk(child, depth + 1)

    def _paragraph(self, node: "Element") -> None:
        paragraph = self._lines.read(node)
        text = self._joined + paragraph.text.strip("\n")
        self._joined = ""
        if node.find(f"{W}pPr/{W}rPr/{W}del") is not None and text.strip():
            self._joined = text
            return
        if self.styles.role(node) == "contents":
            return
        if text.strip():
            self._place(node, text)
        elif node.find(f"{W}pPr/{W}rPr/{W}vanish") is None:
            self._label(node)  # an item without words has its number, too
        self._after(paragraph)

    def _place(self, node: "Element", text: str) -> None:
        """The words of a paragraph as what they are."""
        role = self.styles.role(node)
        if role == "code":
            self._lists.close()
            self._code.append(text)
            return
        self._end_code()
        level = self.styles.heading_level(node)
        place, label = self._label(node)
        if level is not None:
            self._lists.close()
            marked = f"{label} {text}" if label and label != BULLET else text
            self.builder.heading(level, marked)
            if self.styles.is_title(node):
                self.title = self.title or one_line(text)
        elif label is not None:
            self._lists.item(place, label, text)
        elif role == "continuation" and self._lists.depth:
            self._lists.listing.paragraph(text)
        else:
            self._lists.close()
            self.builder.block(text.strip(), "quotation" if role == "quotation" else "paragraph")

    def _label(self, node: "Element") -> tuple[int, str | None]:
        """The level of a list item and its label; None for what is none."""
        number, place, by = self.styles.numbering(node)
        named = self.styles.named_list(node)
        if number is not None and number != "0":
            level = place if place is not None else self._numbering.level_of(number, by)
            label = self._numbering.label(number, level)
            return max(level, named[1] if named else 0), label
        if named is None or number == "0":
            return 0, None
        kind, level = named
        return level, BULLET if kind == "bullet" else self._numbering.count(f"style {level}")

    def _after(self, paragraph: Paragraph) -> None:
        """Notes on the paragraph and what is drawn beside it."""
        if paragraph.notes:
            self._end_code()
        for note in paragraph.notes:
            self.builder.block(note, "footnote", gap="\n")
        for node in paragraph.objects:
            if not is_picture(node):
                self._apart()
            self._objects.write(node)

    def _box(self, content: "Element") -> None:
        self._walk(content, MAX_DEPTH - 10)
        self._apart()

    def _table(self, table: "Element", depth: int) -> None:
        self._apart()
        if places_text(table):
            for row in cells_of(table):
                for cell in row:
                    self._walk(cell, depth + 1)
                    self._apart()
            return
        notes: list[str] = []
        grid = grid_of(table, lambda cell: self._cell(cell, depth + 1, notes))
        add_parts(self.builder, parts_of(grid), "cells")
        for note in notes:
            self.builder.block(note, "footnote", gap="\n")

    def _cell(self, cell: "Element", depth: int, notes: list[str]) -> CellText:
        if depth > MAX_DEPTH:
            return CellText("")
        parts: list[str] = []
        strong: list[bool] = []
        for node in children(cell, W + "p"):
            paragraph = self._lines.read(node)
            text = one_line(paragraph.text)
            _, label = self._label(node)
            parts.append(f"{label} {text}".strip() if label and label != BULLET else text)
            strong += [paragraph.strong] if text else []
            notes += paragraph.notes
            parts += self._drawn(paragraph, depth, notes)
        nested = list(children(cell, W + "tbl"))
        for table in nested:
            rows = grid_of(table, lambda inner: self._cell(inner, depth + 1, notes)).rows
            parts += [", ".join(filter(None, row)) for row in rows]
        shaded = cell.find(f"{W}tcPr/{W}shd")
        coloured = shaded is not None and (shaded.get(W + "fill") or "auto").lower() not in ("auto", "ffffff")
        text = (" / " if nested else " ").join(filter(None, parts))
        return CellText(text, bool(text) and (coloured or (bool(strong) and all(strong))))

    def _drawn(self, paragraph: Paragraph, depth: int, notes: list[str]) -> list[str]:
        """The words of boxes and the descriptions of pictures inside of a cell."""
        found: list[str] = []
        for node in paragraph.objects:
            found += [f"[Image: {words}]" for words in descriptions(node)]
            found += [self._cell(box, depth + 1, notes).text for box in boxes(node)]
        return found

    def _other_document(self, node: "Element") -> None:
        """A document of another format that Word shows as part of this one."""
        from ingest.extract import extract  # a document inside: extract imports this

        relation = self._package.relations(self._main).get(node.get(R + "id") or "")
        if relation is None or relation.external or not self._package.has(relation.target):
            return
        try:
            other = extract(self._package.read(relation.target), relation.target.rpartition("/")[2])
        except DocumentFailed:
            return
        self._apart()
        self.builder.append(other.text, other.headings, other.blocks)

    def _apart(self) -> None:
        """Whatever is open ends."""
        self._end_code()
        self._lists.close()

    def _end_code(self) -> None:
        """Paragraphs of code below each other are one block."""
        if self._code:
            self.builder.block("```\n" + "\n".join(self._code) + "\n```", "code")
        self._code = []


def _is_empty_control(control: "Element") -> bool:
    properties = control.find(W + "sdtPr")
    return properties is not None and is_prompt(properties)


def _is_contents(control: "Element") -> bool:
    """Whether a control holds a list of what stands in the document anyway."""
    gallery = control.find(f"{W}sdtPr/{W}docPartObj/{W}docPartGallery")
    return gallery is not None and val(gallery) == "Table of Contents"
