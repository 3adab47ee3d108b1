"""Follows the groups of an RTF file: which words are text, in which code page, and how they look.

What is hidden, deleted or belongs to no reader (fonts, pictures, headers, annotations) is passed over; an ignorable
destination (`\\*`) that is not known is one of these (RTF 1.9.1, "Destination control words").
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Final

from ingest.extract.assembly.inline import link, note_mark
from ingest.extract.docx.symbols import in_font
from ingest.extract.rtf.look import Look, looking, written
from ingest.extract.rtf.rows import Rows
from ingest.extract.rtf.signs import CHARSETS, DOUBLE, READ, SIGNS, UNREAD, character, codec_of
from ingest.extract.rtf.tokens import tokens
from ingest.extract.unseen import left_out, speaks_to_a_model

MOST_FIELDS: Final = 20
"""Fields inside one another that are followed."""
WHITE: Final = 250
"""Of 255, in each colour."""
MOST_DEPTH: Final = 2_000
"""Groups inside one another that are followed."""


@dataclass(slots=True)
class Paragraph:
    """`marker` is that of a list ("•", "3."), `level` of its list from 0, `outline` of a heading from 1 (0: none);
    `row` holds the cells of a table's row instead of text."""

    text: str = ""
    marker: str = ""
    level: int = 0
    outline: int = 0
    row: tuple[str, ...] | None = None


@dataclass(slots=True)
class Reader:
    """One pass over a file; `facts` (title, author) and `notes` (label, words) are there at its end."""

    facts: dict[str, str] = field(default_factory=dict)
    notes: list[tuple[str, str]] = field(default_factory=list)
    _look: Look = field(default_factory=Look)
    _stack: list[Look] = field(default_factory=list)
    _page: str = "cp1252"
    _fonts: dict[int, str] = field(default_factory=dict)
    _white: set[int] = field(default_factory=set)
    """Places of white in the table of colours."""
    _colours: list[int] = field(default_factory=lambda: [0, 0, 0, 0])
    """The place of the colour that is read, and its parts."""
    _faces: dict[int, str] = field(default_factory=dict)
    """Names of fonts."""
    _styles: dict[int, int] = field(default_factory=dict)
    _style: int = -1
    _style_name: str = ""
    _runs: list[tuple[Look, str]] = field(default_factory=list)
    _bytes: bytearray = field(default_factory=bytearray)
    _address: str = ""
    _fields: list[tuple[int, int, str]] = field(default_factory=list)
    _ignorable: bool = False
    _skip: int = 0
    _marker: str = ""
    _note: str = ""
    _level: int = 0
    _outline: int = 0
    _rows: Rows = field(default_factory=Rows)

    def paragraphs(self, source: str) -> Iterator[Paragraph]:
        """Paragraphs and rows in the order of the file."""
        for token in tokens(source):
            if token.kind == "text" and self._bytes and self._is_half():
                self._bytes += token.text[:1].encode(
                    "latin-1"
                )  # the second half of a character may stand as it is
                token = token._replace(text=token.text[1:])
            if token.kind != "byte" and self._bytes:
                self._put(self._decoded())
            match token.kind:
                case "open":
                    self._stack.append(self._look)
                    self._ignorable = False
                    if len(self._stack) > MOST_DEPTH:
                        return
                case "close":
                    self._close()
                case "word":
                    yield from self._word(token.text, token.number)
                case "byte":
                    self._byte(int(token.text, 16))
                case "sign":
                    yield from self._sign(token.text)
                case "text":
                    self._text(token.text)
        yield from self._end_paragraph()
        if self._rows.cells:
            yield self._end_row()

    # Characters

    def _text(self, text: str) -> None:
        cut = min(self._skip, len(text))
        self._skip -= cut
        text = text[cut:]
        if text and not text.isascii():  # bytes above 127 stand unescaped in some files
            text = text.encode("latin-1").decode(self._codec(), "replace")
        self._put(text)

    def _byte(self, value: int) -> None:
        if self._skip:
            self._skip -= 1
        else:
            self._bytes.append(value)

    def _is_half(self) -> bool:
        """Whether the last byte is the first half of a character of a double-byte code page."""
        if self._codec() not in DOUBLE:
            return False
        try:
            bytes(self._bytes).decode(self._codec())
        except UnicodeDecodeError as error:
            return error.end >= len(self._bytes)
        return False

    def _decoded(self) -> str:
        text = bytes(self._bytes).decode(self._codec(), "replace")
        self._bytes.clear()
        return text

    def _codec(self) -> str:
        return self._fonts.get(self._look.font, self._page)

    def _put(self, text: str) -> None:
        look = self._look
        if look.to == "colortbl":
            self._end_colours(text.count(";"))
        elif look.to == "fonttbl":
            self._faces[look.font] = self._faces.get(look.font, "") + text
        if look.to in ("fonttbl", "colortbl", "info") or look.unread or not text:
            return
        if look.to == "stylesheet":
            self._name_style(text)
        elif look.to in ("title", "author"):
            self.facts[look.to] = self.facts.get(look.to, "") + text
        elif look.to == "marker":
            self._marker += text
        elif look.to == "address":
            self._address += text
        elif look.to == "note":
            self._note += text
        elif not look.hidden and not look.deleted:
            face = self._faces.get(look.font, "").strip("; ")
            self._runs.append((look, in_font(text, face) or text if face else text))

    def _end_colours(self, number: int) -> None:
        """So many colours end; the first of the table is that of ink."""
        for _ in range(number):
            place, *parts = self._colours
            if place and all(part >= WHITE for part in parts):
                self._white.add(place)
            self._colours = [place + 1, 0, 0, 0]

    def _name_style(self, text: str) -> None:
        self._style_name += text
        if ";" not in text:
            return
        name, self._style_name = self._style_name.strip().rstrip(";").lower(), ""
        for start in ("heading ", "überschrift ", "titre ", "título ", "titolo ", "kop "):
            if name.startswith(start) and name[len(start) :].strip().isdigit() and self._style >= 0:
                self._styles[self._style] = int(name[len(start) :])

    # Groups and words

    def _close(self) -> None:
        ended = self._look
        self._look = self._stack.pop() if self._stack else Look()
        self._skip = 0
        if ended.to == "note" and self._look.to != "note" and self._note.strip():
            label = str(len(self.notes) + 1)
            self.notes.append((label, " ".join(self._note.split())))
            self._note = ""
            self._put(note_mark(label))
        while self._fields and len(self._stack) < self._fields[-1][0]:
            self._end_field()

    def _end_field(self) -> None:
        """The runs of a field's result become a link where its instruction was one."""
        _, first, _ = self._fields.pop()
        instruction, self._address = self._address.strip(), ""
        if instruction.upper().startswith("HYPERLINK"):
            address = instruction[9:].replace("\\l", "").strip().strip('"').split('"')[0].strip()
            shown = "".join(text for _, text in self._runs[first:])
            if address.startswith(("http", "mailto:", "ftp")) and shown.strip():
                self._runs[first:] = [(replace(self._look, height=0), link(shown, address))]

    def _sign(self, sign: str) -> Iterator[Paragraph]:
        match sign:
            case "*":
                self._ignorable = True
            case "~":
                self._put(" ")
            case "_":
                self._put("-")
            case "\\" | "{" | "}":
                self._put(sign)
            case "\n" | "\r":
                yield from self._end_paragraph()

    def _word(self, word: str, number: int | None) -> Iterator[Paragraph]:
        ignorable, self._ignorable = self._ignorable, False
        if word in UNREAD or (ignorable and word not in READ):
            self._enter_unread(word)
        elif word in READ or word in ("field", "fldrslt"):
            self._enter(word)
        elif word in ("par", "sect", "page") and not self._look.unread and self._look.to in ("", "note"):
            yield from self._end_paragraph()
        elif word == "cell" and not self._look.unread:
            self._end_cell()
        elif word == "row" and not self._look.unread:
            yield self._end_row()
        elif word in SIGNS:
            self._put(SIGNS[word])
        elif word == "u" and number is not None:
            self._put(character(number))
            self._skip = self._look.skipped
        else:
            self._set(word, number)

    def _enter_unread(self, word: str) -> None:
        if word in ("fonttbl", "colortbl", "stylesheet", "info"):
            self._look = replace(self._look, to=word)
        else:
            self._look = replace(self._look, unread=True)

    def _enter(self, word: str) -> None:
        depth = len(self._stack)
        match word:
            case "field":
                self._fields.append((depth, len(self._runs), ""))
            case "fldinst":
                self._look = replace(self._look, to="address")
            case "fldrslt":
                self._look = replace(self._look, to="" if self._look.to == "address" else self._look.to)
            case "listtext" | "pntext":
                self._look = replace(self._look, to="marker")
            case "footnote":
                self._look = replace(self._look, to="note", height=0)
            case "title" | "author":
                self._look = replace(self._look, to=word)

    def _set(self, word: str, number: int | None) -> None:
        look = self._look
        match word:
            case "ansicpg" if number:
                self._page = codec_of(number)
            case "mac":
                self._page = "mac_roman"
            case "pc":
                self._page = "cp437"
            case "fcharset" if number in CHARSETS and look.to == "fonttbl":
                self._fonts[look.font] = CHARSETS[number]
            case "red" | "green" | "blue" if look.to == "colortbl":
                self._colours[("red", "green", "blue").index(word) + 1] = number or 0
            case "s" if number is not None and look.to == "stylesheet":
                self._style, self._style_name = number, ""
            case "s" if number is not None:
                self._outline = self._styles.get(number, self._outline)
            case "outlinelevel" if number is not None and look.to != "stylesheet" and number < 9:
                self._outline = number + 1
            case "ilvl" if number is not None:
                self._level = min(max(number, 0), 8)
            case "intbl":
                self._rows.in_table = True
            case "pard" if look.to not in ("marker", "note"):
                self._rows.in_table, self._level, self._outline = False, 0, 0
                self._look = looking(look, word, number)
            case _:
                self._rows.define(word)
                self._look = looking(look, word, number)

    # Paragraphs and tables

    def _written(self) -> str:
        text = written(self._seen())
        self._runs.clear()
        self._fields = [(depth, 0, "") for depth, _, _ in self._fields[-MOST_FIELDS:]]
        return text

    def _seen(self) -> list[tuple[Look, str]]:
        """The runs without what is white upon paper; in a table, that may be upon a colour, only what speaks to a
        model."""
        kept: list[tuple[Look, str]] = []
        for colour, group in groupby(self._runs, lambda run: run[0].colour):
            runs = list(group)
            words = "".join(text for _, text in runs)
            sure = not self._rows.in_table and not any(look.ground for look, _ in runs)
            if colour in self._white and words.strip() and (sure or speaks_to_a_model(words)):
                left_out(words, "white text")
            else:
                kept += runs
        return kept

    def _end_paragraph(self) -> Iterator[Paragraph]:
        if self._look.to == "note":
            self._note += " "
            return
        if self._rows.in_table:
            self._runs.append((self._look, "\n"))
            return
        if self._rows.cells:
            yield self._end_row()
        text = self._written()
        if text:
            self._rows.leave()
            yield Paragraph(text, self._marker.strip(), self._level, self._outline)
        self._marker = ""

    def _end_cell(self) -> None:
        marker = f"{self._marker.strip()} " if self._marker.strip() else ""
        self._marker = ""
        self._rows.cells.append(" ".join(f"{marker}{self._written()}".split()))

    def _end_row(self) -> Paragraph:
        return Paragraph(row=self._rows.end())
