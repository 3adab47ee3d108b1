"""Walks what stands in a text, a box or a shape: headings with their numbers, lists, tables, code, drawings, notes."""

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from ingest.extract.assembly.building import TextBuilder
from ingest.extract.assembly.levels import BULLET
from ingest.extract.assembly.listing import Listing
from ingest.extract.clean import one_line
from ingest.extract.odf.body.drawings import OBJECTS, has_words, pieces
from ingest.extract.odf.body.line import LineReader, Paragraph
from ingest.extract.odf.body.lists import NestedLists
from ingest.extract.odf.body.numbering import DEEPEST, Counts, Numbering
from ingest.extract.odf.body.objects import Objects
from ingest.extract.odf.body.tables import TableReader, placed_cells, places_text
from ingest.extract.odf.names import DRAW, MAX_DEPTH, OFFICE, TABLE, TEXT, XML, count, is_said_hidden
from ingest.extract.odf.opening import Opened
from ingest.extract.odf.styles import Styles
from ingest.extract.tables.parts import parts_of
from ingest.extract.tables.writing import add_parts

if TYPE_CHECKING:
    from lxml.etree import _Element as Element  # type: ignore[import-untyped]

_PARAGRAPHS: Final = (TEXT + "p", TEXT + "h")
_SKIPPED: Final = frozenset(
    {OFFICE + name for name in ("forms", "annotation", "annotation-end", "event-listeners", "scripts")}
    | {
        TEXT + name
        for name in (
            "tracked-changes", "table-of-content", "alphabetical-index", "illustration-index", "table-index",
            "object-index", "index-title-template", "variable-decls", "sequence-decls", "user-field-decls",
        )
    }
)  # fmt: skip
"""Besides what is no text: lists of what stands in the document anyway."""


@dataclass(frozen=True, slots=True)
class _List:
    """The list around an item: its style, its level from 0, and the numbers so far."""

    style: str = ""
    place: int = 0
    counts: Counts = field(default_factory=dict)


class Flow:
    """Writes into a builder; `title` is the first paragraph of style Title. Where text is `tight`, as on slides, the
    paragraphs of a box stand below each other without blank lines."""

    def __init__(self, opened: Opened, builder: TextBuilder, *, tight: bool = False) -> None:
        self.builder = builder
        self.title = ""
        self.styles = Styles(opened)
        self._objects = Objects(opened)
        self.lines = LineReader(self.styles, self._objects.formula)
        self._numbering = Numbering(opened)
        self._tables = TableReader(self.styles, self._numbering, self.lines)
        self._lists = NestedLists(Listing(builder))
        self._last = _List()
        self._counts: dict[str, Counts] = {}
        """The numbers of lists by their style and by their id: a later list may go on with them."""
        self._headings: Counts = {}
        self._code: list[str] = []
        self._tight = tight
        self._box_start = 0

    def write(self, parent: "Element", depth: int = 0) -> None:
        """Everything below an element."""
        self._walk(parent, depth)
        self.apart()

    def draw(self, node: "Element", depth: int = 0) -> None:
        """A drawing: descriptions of pictures, the words of boxes and shapes, tables, objects."""
        for piece in pieces(node):
            if piece.node is None:
                self.builder.block(f"[Image: {piece.description}]")
            elif piece.node.tag == TABLE + "table":
                self._table(piece.node, depth + 1)
            elif piece.node.tag in OBJECTS:
                self._object(piece.node)
            elif has_words(piece.node):
                self.apart()
                self._box_start = self.builder.length
                self.write(piece.node, depth + 1)

    def apart(self) -> None:
        """Whatever is open ends."""
        self._end_code()
        self._lists.close()

    def _walk(self, parent: "Element", depth: int) -> None:
        if depth > MAX_DEPTH:
            return
        for child in parent:
            if isinstance(child.tag, str) and child.tag not in _SKIPPED and not is_said_hidden(child):
                self._block(child, depth)

    def _block(self, node: "Element", depth: int) -> None:
        if node.tag in _PARAGRAPHS:
            paragraph = self.lines.read(node)
            if paragraph.text.strip():
                self._place(node, paragraph.text.strip("\n"))
            self._after(paragraph, depth)
        elif node.tag == TEXT + "list":
            self._list(node, None, depth)
        elif node.tag == TEXT + "numbered-paragraph":
            self._numbered_paragraph(node, depth)
        elif node.tag == TABLE + "table":
            self._table(node, depth)
        elif node.tag.startswith(DRAW):
            self.draw(node, depth)
        else:
            self._walk(node, depth + 1)

    def _place(self, node: "Element", text: str) -> None:
        """The words of a paragraph outside of lists as what they are."""
        role = self.styles.role(node)
        level = self.styles.heading_level(node)
        if role == "code":
            self._lists.close()
            self._code.append(text)
            return
        self.apart()
        if role == "title":
            self.title = self.title or one_line(text)
            self.builder.heading(1, text)
        elif level is not None:
            self._heading(node, level, self._heading_number(node, level), text)
        else:
            gap = "\n" if self._tight and self.builder.length > self._box_start else "\n\n"
            self.builder.block(text.strip(), "quotation" if role == "quotation" else "paragraph", gap=gap)

    def _heading(self, node: "Element", level: int, label: str, text: str) -> None:
        self.apart()
        self.builder.heading(level, f"{label} {text}" if label else text)

    def _heading_number(self, node: "Element", level: int) -> str:
        if node.tag != TEXT + "h" or node.get(TEXT + "is-list-header") == "true":
            return ""
        start = count(node, TEXT + "start-value", -1)
        if start < 0 and node.get(TEXT + "restart-numbering") == "true":
            start = 1
        return self._numbering.heading(level - 1, self._headings, start if start >= 0 else None)

    def _list(self, node: "Element", outer: _List | None, depth: int, *, anew: bool = True) -> None:
        """A list; `anew`: its numbers begin anew unless it says that they go on."""
        if depth > MAX_DEPTH:
            return
        around = self._begun(node, outer, anew)
        for entry in node:
            if entry.tag not in (TEXT + "list-item", TEXT + "list-header"):
                continue
            marked = entry.tag == TEXT + "list-item"
            start = count(entry, TEXT + "start-value", -1)
            for child in entry:
                if child.tag == TEXT + "list":
                    self._list(child, around, depth + 1, anew=not marked)
                elif child.tag in _PARAGRAPHS:
                    paragraph = self.lines.read(child)
                    self._item(child, paragraph, around, marked, start if start >= 0 else None)
                    self._after(paragraph, depth)
                    marked = False
                elif isinstance(child.tag, str) and child.tag not in _SKIPPED:
                    self._block(child, depth + 1)

    def _begun(self, node: "Element", outer: _List | None, anew: bool) -> _List:
        """A list as its items see it. Lists inside of an item go on where the item only stands around them."""
        style = node.get(TEXT + "style-name") or (outer.style if outer is not None else "")
        if outer is not None:
            around = replace(outer, style=style, place=min(outer.place + 1, DEEPEST - 1))
            if anew and node.get(TEXT + "continue-numbering") != "true":
                around.counts.pop(around.place, None)
            return around
        before = self._counts.get(f"#{node.get(TEXT + 'continue-list') or ''}")
        if before is None and node.get(TEXT + "continue-numbering") == "true":
            before = self._counts.get(style)
        around = _List(style, 0, {} if before is None else before)
        self._counts[style] = around.counts
        if name := node.get(XML + "id"):
            self._counts[f"#{name}"] = around.counts
        if before is None and style != self._last.style:
            self._lists.close()
        self._last = around
        return around

    def _item(
        self, node: "Element", paragraph: Paragraph, around: _List, marked: bool, start: int | None
    ) -> None:
        """A paragraph in a list: an item with its marker, a heading, or what goes on with the item."""
        style = around.style or self.styles.list_style(node)
        new = around.place not in around.counts
        label = self._numbering.label(style, around.place, around.counts, start) if marked else None
        text = paragraph.text.strip("\n")
        if not text.strip():
            return
        self._end_code()
        level = self.styles.heading_level(node)
        if level is not None:
            number = label if label and label != BULLET else self._heading_number(node, level)
            self._heading(node, level, number, text)
        elif label is not None:
            if new and not around.place and label != BULLET:
                self._lists.close()
            self._lists.item(around.place, label, text)
        elif not marked and self._lists.depth:
            self._lists.go_on(around.place, text)
        else:
            self.apart()
            self.builder.block(text.strip())

    def _numbered_paragraph(self, node: "Element", depth: int) -> None:
        """An item that says its list and level by itself."""
        name = f"#{node.get(TEXT + 'list-id') or ''}"
        counts = self._counts.setdefault(name, {})
        place = min(max(count(node, TEXT + "level") - 1, 0), DEEPEST - 1)
        around = _List(node.get(TEXT + "style-name") or "", place, counts)
        start = count(node, TEXT + "start-value", -1)
        for child in node:
            if child.tag in _PARAGRAPHS:
                paragraph = self.lines.read(child)
                self._item(child, paragraph, around, True, start if start >= 0 else None)
                self._after(paragraph, depth)

    def _after(self, paragraph: Paragraph, depth: int) -> None:
        """Notes on a paragraph and what is drawn beside it."""
        if paragraph.notes:
            self._end_code()
        for note in paragraph.notes:
            self.builder.block(note, "footnote", gap="\n")
        for node in paragraph.drawings if depth < MAX_DEPTH else ():
            self._end_code()
            self.draw(node, depth + 1)

    def _table(self, table: "Element", depth: int) -> None:
        self.apart()
        if depth > MAX_DEPTH or not self.styles.is_shown(table):
            return
        if places_text(table):
            for cell in placed_cells(table):
                self.write(cell, depth + 1)
            return
        notes: list[str] = []
        add_parts(self.builder, parts_of(self._tables.grid(table, notes)), "cells")
        for note in notes:
            self.builder.block(note, "footnote", gap="\n")

    def _object(self, node: "Element") -> None:
        """The titles and tables of a chart or a sheet that is shown."""
        self.builder.block(self._objects.formula(node))
        for shown in self._objects.tables(node):
            self.apart()
            if isinstance(shown, str):
                self.builder.block(shown)
            else:
                add_parts(self.builder, parts_of(self._tables.grid(shown, [])), "cells")

    def _end_code(self) -> None:
        """Paragraphs of code below each other are one block."""
        if self._code:
            self.builder.block("```\n" + "\n".join(self._code) + "\n```", "code")
        self._code = []
