"""A paragraph's words: its runs in links, insertions, fields, controls and formulas; raised, struck, ticked.

What stands on other parts or lies upon the page (notes, comments, boxes, pictures) is handed on to be written behind
the paragraph.
"""

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from ingest.extract.assembly.inline import note_mark
from ingest.extract.docx.notes import Notes
from ingest.extract.docx.styles import RunStyle, Styles, val
from ingest.extract.docx.symbols import in_font, sign
from ingest.extract.ooxml.formulas import equation, formula
from ingest.extract.ooxml.names import MC, W14, M, R, W
from ingest.extract.ooxml.parts import Package
from ingest.extract.ooxml.segments import Segment, all_bold, put_link, rendered
from ingest.extract.unseen import left_out, speaks_to_a_model

if TYPE_CHECKING:
    from lxml.etree import _Element as Element  # type: ignore[import-untyped]

MAX_DEPTH: Final = 60
"""Nesting that is followed; deeper is no document."""
_SKIPPED: Final = frozenset(
    W + name
    for name in (
        "del", "moveFrom", "delText", "pPr", "rPr", "sdtPr", "sdtEndPr", "sectPr", "rt", "rubyPr",
        "annotationRef", "footnoteRef", "endnoteRef", "separator", "continuationSeparator", "softHyphen", "pgNum",
        "customXmlPr", "smartTagPr",
    )
) | {MC + "Fallback"}  # fmt: skip
_COLOURED: Final = (W + "tc", W + "txbxContent")
_PAGES: Final = frozenset({"PAGE", "NUMPAGES", "SECTIONPAGES"})
_ADDRESS: Final = re.compile(r'\s*HYPERLINK\s+(?:\\[a-z]\s+)*"([^"]*)"', re.IGNORECASE)
CHECKED: Final = "☒"
UNCHECKED: Final = "☐"

Phase: TypeAlias = Literal["instruction", "result"]


@dataclass(slots=True)
class Paragraph:
    """A paragraph's words, and what is to follow it."""

    text: str = ""
    strong: bool = False
    """Whether all of its words are in bold."""
    notes: list[str] = field(default_factory=list)
    objects: "list[Element]" = field(default_factory=list)


@dataclass(slots=True)
class _Field:
    """A field under way: what it does, and where its result begins."""

    instruction: str = ""
    phase: Phase = "instruction"
    start: int = 0
    box: str = ""


class LineReader:
    """Reads the paragraphs of one part; fields may go on from one paragraph to the next."""

    def __init__(
        self, package: Package, part: str, styles: Styles, notes: Notes | None, *, pages: bool = True
    ) -> None:
        self._package = package
        self._part = part
        self._styles = styles
        self._notes = notes
        self._pages = pages
        """Whether page numbers are read."""
        self._fields: list[_Field] = []
        self._segments: list[Segment] = []
        self._into = Paragraph()
        self._around: Element | None = None

    def read(self, paragraph: "Element") -> Paragraph:
        """The words of a `w:p`."""
        self._segments, self._into, self._around = [], Paragraph(), paragraph
        for under_way in self._fields:
            under_way.start = 0
        self._children(paragraph, 0)
        done = self._into
        done.text = rendered(self._segments)
        done.strong = all_bold(self._segments)
        return done

    def _children(self, node: "Element", depth: int) -> None:
        if depth > MAX_DEPTH:
            return
        for child in node:
            if isinstance(child.tag, str) and child.tag not in _SKIPPED:
                self._node(child, depth + 1)

    def _node(self, node: "Element", depth: int) -> None:
        match node.tag:
            case t if t == W + "r":
                self._run(node, depth)
            case t if t == W + "hyperlink":
                self._hyperlink(node, depth)
            case t if t == W + "fldSimple":
                self._simple_field(node, depth)
            case t if t == W + "sdt":
                self._control(node, depth)
            case t if t in (M + "oMath", M + "oMathPara"):
                text = formula(node)
                before = self._segments[-1].text if self._segments else ""
                self._say(f" {text}" if before[-1:].isdigit() and text[:1].isdigit() else text)
            case t if t in (W + "txbxContent", W + "pict", W + "drawing", W + "object"):
                self._into.objects.append(node)
            case _:
                self._children(node, depth)

    def _run(self, run: "Element", depth: int) -> None:
        assert self._around is not None
        style = self._styles.run(run, self._around)
        if how := self._way_of_hiding(run, style):
            left_out("".join(node.text or "" for node in run.iterchildren(W + "t")), how, usual=style.hidden)
            return
        for child in run:
            if isinstance(child.tag, str) and child.tag not in _SKIPPED:
                self._content(child, style, depth + 1)

    def _way_of_hiding(self, run: "Element", style: RunStyle) -> str:
        """How a run is kept from being seen, "" for one that is seen."""
        if style.hidden:
            return "hidden text"
        if style.tiny:
            return "letters too small to see"
        if not style.faint:
            return ""
        words = "".join(node.text or "" for node in run.iterchildren(W + "t"))
        return "white text" if speaks_to_a_model(words) or not self._stands_on_colour(run) else ""

    def _stands_on_colour(self, run: "Element") -> bool:
        """Whether anything but paper may lie below it: a shade, a cell, a box, a page with a colour."""
        assert self._around is not None
        if self._styles.value(self._around, "shd") is not None:
            return True
        root = run.getroottree().getroot()
        coloured = root.find(W + "background") is not None or root.tag != W + "document"
        return coloured or any(above.tag in _COLOURED for above in run.iterancestors())

    def _content(self, node: "Element", style: RunStyle, depth: int) -> None:
        """One piece of a run."""
        name = node.tag.removeprefix(W)
        match name:
            case "t":
                self._say(in_font(node.text or "", style.font), style)
            case "tab" | "ptab":
                self._say("\t")
            case "br" | "cr":
                self._say("\n" if node.get(W + "type") is None else " ")
            case "noBreakHyphen":
                self._say("-", style)
            case "sym":
                self._say(sign(node.get(W + "font") or "", node.get(W + "char") or ""), style)
            case "fldChar":
                self._field(node)
            case "instrText":
                if self._fields and self._fields[-1].phase == "instruction":
                    self._fields[-1].instruction += node.text or ""
            case "footnoteReference" | "endnoteReference" | "commentReference":
                self._reference(name, node)
            case _:
                self._node(node, depth)

    def _say(self, text: str, style: RunStyle | None = None) -> None:
        if text and all(under_way.phase == "result" for under_way in self._fields):
            style = style or RunStyle()
            self._segments.append(Segment(text, style.level, style.struck, style.bold))

    def _reference(self, name: str, node: "Element") -> None:
        """A mark in the words, and the note behind the paragraph."""
        if self._notes is None:
            return
        if name == "commentReference":
            if text := self._notes.comment(node.get(W + "id") or ""):
                self._into.notes.append(text)
            return
        kind = "endnotes" if name.startswith("endnote") else "footnotes"
        label, text = self._notes.note(kind, node.get(W + "id") or "")
        self._say(note_mark(label))
        if text:
            self._into.notes.append(f"{note_mark(label)}: {text}")

    def _hyperlink(self, node: "Element", depth: int) -> None:
        relation = self._package.relations(self._part).get(node.get(R + "id") or "")
        start = len(self._segments)
        self._children(node, depth)
        if relation is not None and relation.external:
            anchor = node.get(W + "anchor") or ""
            inside = f"#{anchor}" if anchor and "#" not in relation.target else ""
            put_link(self._segments, start, relation.target + inside)

    def _simple_field(self, node: "Element", depth: int) -> None:
        under_way = _Field(node.get(W + "instr") or "", "result", len(self._segments))
        self._children(node, depth)
        self._end(under_way)

    def _field(self, node: "Element") -> None:
        match node.get(W + "fldCharType"):
            case "begin":
                self._fields.append(_Field(start=len(self._segments), box=_form_field(node)))
            case "separate" if self._fields:
                self._fields[-1].phase = "result"
                self._fields[-1].start = len(self._segments)
            case "end" if self._fields:
                self._end(self._fields.pop())
            case _:
                pass

    def _end(self, done: _Field) -> None:
        """What a field that is over has said: an address, a box, a page number."""
        if done.box:
            self._say(done.box)
        elif done.instruction.upper().split()[:1] == ["EQ"] and done.start == len(self._segments):
            before = self._segments[-1].text if self._segments else ""
            self._say(equation(done.instruction, before))
        elif address := _ADDRESS.match(done.instruction):
            put_link(self._segments, done.start, address[1])
        elif (
            not self._pages and done.instruction.split()[:1] and done.instruction.split()[0].upper() in _PAGES
        ):
            del self._segments[done.start :]

    def _control(self, node: "Element", depth: int) -> None:
        """A content control: a check box as its state, a prompt as nothing."""
        properties = node.find(W + "sdtPr")
        if properties is not None and is_prompt(properties):
            return
        if properties is not None and (box := properties.find(f"{W14}checkbox")) is not None:
            checked = box.find(f"{W14}checked")
            on = checked is not None and checked.get(f"{W14}val") in ("1", "true")
            self._say(CHECKED if on else UNCHECKED)
            return
        for content in node.iterchildren(W + "sdtContent"):
            self._children(content, depth)


def is_prompt(properties: "Element") -> bool:
    """Whether a control shows only what is to be filled in."""
    shown = properties.find(W + "showingPlcHdr")
    return shown is not None and val(shown) not in ("0", "false")


def _form_field(node: "Element") -> str:
    """The state of a check box or a choice of the old kind, "" for anything else."""
    box = node.find(f"{W}ffData/{W}checkBox")
    if box is not None:
        told = box.find(W + "checked")
        told = box.find(W + "default") if told is None else told
        return UNCHECKED if told is None or val(told) in ("0", "false") else CHECKED
    choices = node.find(f"{W}ffData/{W}ddList")
    if choices is None:
        return ""
    told = val(choices.find(W + "result")) or val(choices.find(W + "default")) or "0"
    entries = [val(entry) or "" for entry in choices.iterchildren(W + "listEntry")]
    return entries[int(told)] if told.isdecimal() and int(told) < len(entries) else ""
