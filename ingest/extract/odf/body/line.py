"""A paragraph's words: spans, links, fields and blanks; raised, lowered, struck; notes and drawings handed on.

Blanks and line ends of the XML are one blank; those that are meant have elements of their own.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from ingest.extract.assembly.inline import note_mark
from ingest.extract.clean import one_line
from ingest.extract.docx.line import CHECKED, UNCHECKED
from ingest.extract.docx.symbols import in_font
from ingest.extract.odf.names import (
    DC,
    DRAW,
    FIELD,
    LOEXT,
    MAX_DEPTH,
    OFFICE,
    TABLE,
    TEXT,
    XLINK,
    count,
    is_said_hidden,
)
from ingest.extract.odf.styles import PLAIN, Look, Styles
from ingest.extract.ooxml.counting import in_format
from ingest.extract.ooxml.segments import Segment, all_bold, put_link, rendered
from ingest.extract.unseen import left_out, speaks_to_a_model

if TYPE_CHECKING:
    from lxml.etree import _Element as Element  # type: ignore[import-untyped]

_WHITE: Final = re.compile(r"[ \t\r\n]+")
_SKIPPED: Final = frozenset(
    {OFFICE + "annotation-end", OFFICE + "forms", OFFICE + "event-listeners"}
    | {TEXT + name for name in ("ruby-text", "tracked-changes", "placeholder", "script", "hidden-paragraph")}
)
_COLOURED: Final = (TABLE + "table-cell", DRAW + "text-box", DRAW + "page")
MOST_BLANKS: Final = 100
"""Blanks in a row that are written at most."""


@dataclass(slots=True)
class Paragraph:
    """A paragraph's words, and what is to follow it."""

    text: str = ""
    strong: bool = False
    """Whether all of its words are in bold."""
    notes: list[str] = field(default_factory=list)
    drawings: "list[Element]" = field(default_factory=list)


class LineReader:
    """Reads paragraphs one by one; `formula` gives the words of a drawing that is a formula, "" for any other."""

    def __init__(self, styles: Styles, formula: "Callable[[Element], str]") -> None:
        self._styles = styles
        self._formula = formula
        self._counts = {"footnote": 0, "endnote": 0}
        self._segments: list[Segment] = []
        self._into = Paragraph()
        self._after_blank = True

    def read(self, paragraph: "Element", around: Look = PLAIN) -> Paragraph:
        """The words of a `text:p` or `text:h`; `around`: how the cell that it stands in looks. Nothing of a paragraph
        that is hidden."""
        self._segments, self._into, self._after_blank = [], Paragraph(), True
        look = self._styles.look("paragraph", paragraph.get(TEXT + "style-name"), around)
        hiding = (field for field in paragraph.iterchildren(TEXT + "hidden-paragraph"))
        if not look.hidden and not any(map(is_said_hidden, hiding)) and not self._is_unseen(paragraph, look):
            self._children(paragraph, look, 0)
        done = self._into
        done.text = rendered(self._segments)
        done.strong = all_bold(self._segments)
        return done

    def words(self, parent: "Element", separator: str = " ") -> str:
        """All paragraphs below an element, also those of boxes, each on one line; notes and comments left out."""
        reader = LineReader(self._styles, self._formula)
        lines = (one_line(reader.read(node).text) for node in _paragraphs(parent, 0))
        return separator.join(filter(None, lines))

    def comment(self, node: "Element") -> str:
        """A comment with its author, as in Word; "" for one that is resolved or empty."""
        text = "" if node.get(LOEXT + "resolved") == "true" else self.words(node)
        author = one_line(node.findtext(DC + "creator") or "")
        return f"[Comment{f' by {author}' if author else ''}: {text}]" if text else ""

    def _children(self, node: "Element", look: Look, depth: int) -> None:
        self._say(node.text, look)
        for child in node:
            if isinstance(child.tag, str) and child.tag not in _SKIPPED and depth < MAX_DEPTH:
                self._node(child, look, depth + 1)
            self._say(child.tail, look)

    def _node(self, node: "Element", look: Look, depth: int) -> None:
        if node.tag == OFFICE + "annotation":
            self._into.notes += filter(None, [self.comment(node)])
            return
        match node.tag.removeprefix(TEXT):
            case "s":
                self._write(" " * min(count(node, TEXT + "c"), MOST_BLANKS), look)
            case "tab":
                self._write("\t", look)
            case "line-break":
                self._write("\n", look)
            case "note":
                self._note(node)
            case "a":
                self._link(node, look, depth)
            case "span":
                inner = self._styles.look("text", node.get(TEXT + "style-name"), look)
                if not inner.hidden and not (inner.faint and self._is_unseen(node, inner)):
                    self._children(node, inner, depth)
            case name if name.startswith(FIELD):
                self._field(node, look, depth)
            case name if name.startswith(DRAW):
                self._drawing(node, look)
            case _:
                if not is_said_hidden(node) and node.get(LOEXT + "showing-place-holder") != "true":
                    self._children(node, look, depth)

    def _is_unseen(self, node: "Element", look: Look) -> bool:
        """Whether words are white upon paper; where anything else may lie below them, only what speaks to a model is
        taken for hidden."""
        if not look.faint:
            return False
        words = "".join(node.itertext())
        inside = any(above.tag in _COLOURED for above in node.iterancestors())
        sure = not (look.ground or inside or self._styles.has_coloured_pages())
        if not sure and not speaks_to_a_model(words):
            return False
        left_out(words, "white text")
        return True

    def _say(self, text: str | None, look: Look) -> None:
        """Words of the XML."""
        if not text:
            return
        text = _WHITE.sub(" ", text)
        if self._after_blank and text[0] == " ":
            text = text[1:]
        if text:
            self._write(in_font(text, look.font), look)
            self._after_blank = text[-1] == " "

    def _write(self, text: str, look: Look) -> None:
        if text:
            self._segments.append(Segment(text, look.level, look.struck, look.bold))
            self._after_blank = False

    def _field(self, node: "Element", look: Look, depth: int) -> None:
        """A field of a form: a check box as its state, anything else as its words."""
        if not (node.get(FIELD + "type") or "").endswith("FORMCHECKBOX"):
            self._children(node, look, depth)
            return
        told = {param.get(FIELD + "name"): param.get(FIELD + "value") for param in node}
        self._write(CHECKED if told.get("Checkbox_Checked") == "true" else UNCHECKED, PLAIN)

    def _link(self, node: "Element", look: Look, depth: int) -> None:
        start, before = len(self._segments), len(self._into.drawings)
        inner = self._styles.look("text", node.get(TEXT + "style-name"), look)
        self._children(node, inner, depth)
        address = (node.get(XLINK + "href") or "").strip()
        if address and not address.startswith("#") and len(self._into.drawings) == before:
            put_link(self._segments, start, address)

    def _note(self, node: "Element") -> None:
        """A mark in the words, and the note behind the paragraph."""
        kind = "endnote" if node.get(TEXT + "note-class") == "endnote" else "footnote"
        self._counts[kind] += 1
        citation, body = node.find(TEXT + "note-citation"), node.find(TEXT + "note-body")
        label = one_line("".join(citation.itertext())) if citation is not None else ""
        if not label:
            label = in_format(self._counts[kind], "lowerRoman" if kind == "endnote" else "decimal")
        self._write(note_mark(label), PLAIN)
        text = self.words(body) if body is not None else ""
        if text:
            self._into.notes.append(f"{note_mark(label)}: {text}")

    def _drawing(self, node: "Element", look: Look) -> None:
        if words := self._formula(node):
            before = self._segments[-1].text if self._segments else ""
            self._write(f" {words}" if before[-1:].isdigit() and words[:1].isdigit() else words, look)
        else:
            self._into.drawings.append(node)


def _paragraphs(parent: "Element", depth: int) -> "Iterator[Element]":
    for node in parent if depth < MAX_DEPTH else ():
        if node.tag in (TEXT + "p", TEXT + "h"):
            yield node
        if isinstance(node.tag, str) and node.tag not in (*_SKIPPED, TEXT + "note", OFFICE + "annotation"):
            yield from _paragraphs(node, depth + 1)
