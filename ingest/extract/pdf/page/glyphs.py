"""What stands where on a PDF page, by pdfium: atoms of text and straight rules. No meaning here, see pdf_layout.

Coordinates are points with y upwards, turned so that most of the page's text runs from left to right. Four calls a
character cost about 7 ms on a full page; the word order is that of the page's content stream.
"""

import ctypes
import math
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from ingest.extract.pdf.page.rules import Edge, straight_lines

if TYPE_CHECKING:
    from pypdfium2 import PdfPage, PdfTextPage

GAP: Final = 0.8
"""Distance, in font sizes, at which characters are not of one line of prose any more."""
STRETCHED: Final = 2.5
"""The same across one blank of a text object."""
BACK: Final = 1.5
"""Distance that a character may go back: pdfium gives the letters of a ligature one place."""
SPLIT: Final = 0.3
"""Distance, in font sizes, at which characters of different text objects are different atoms."""
_HYPHENS: Final = {2: "-", 0xFFFE: "-"}
_BOLD: Final = ("bold", "black", "heavy", "demi", "cmbx", "sfbx")


@dataclass(frozen=True, slots=True)
class Atom:
    """Text on one line without a gap: left, right, baseline, font size, and the place in the content stream."""

    text: str
    x0: float
    x1: float
    y: float
    size: float
    bold: bool
    order: int
    spaced: bool = False
    """Whether a blank parts it from the atom before, as pdfium sees it."""


@dataclass(slots=True)
class PageGlyphs:
    """A page as it lies on paper; `height` is that of the turned page."""

    bottom: float
    height: float
    atoms: list[Atom] = field(default_factory=list)
    across: list[Edge] = field(default_factory=list)
    down: list[Edge] = field(default_factory=list)
    sideways: list[Atom] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Face:
    """What all characters of one text object share; `turn` counts quarter turns against the clock."""

    size: float
    bold: bool
    turn: int


def read_glyphs(page: "PdfPage", textpage: "PdfTextPage") -> PageGlyphs:
    """Atoms and rules of a page."""
    by_turn: dict[int, list[Atom]] = {}
    for turn, atom in _atoms(textpage):
        by_turn.setdefault(turn, []).append(atom)
    sizes = Counter({turn: sum(len(atom.text) for atom in atoms) for turn, atoms in by_turn.items()})
    main = sizes.most_common(1)[0][0] if sizes else 0
    left, bottom, right, top = page.get_bbox()
    corners = [_turned(x, y, main) for x in (left, right) for y in (bottom, top)]
    ys = [y for _, y in corners]
    glyphs = PageGlyphs(min(ys), max(ys) - min(ys))
    glyphs.atoms = list(_seen_once(by_turn.pop(main, []), glyphs.height))
    glyphs.sideways = [replace(atom, y=0.0) for atoms in by_turn.values() for atom in atoms]
    for (x0, y0), (x1, y1) in straight_lines(page):
        (ax, ay), (bx, by) = _turned(x0, y0, main), _turned(x1, y1, main)
        if abs(ay - by) < 1 and abs(ax - bx) >= 8:
            glyphs.across.append(Edge((ay + by) / 2, min(ax, bx), max(ax, bx)))
        elif abs(ax - bx) < 1 and abs(ay - by) >= 4:
            glyphs.down.append(Edge((ax + bx) / 2, min(ay, by), max(ay, by)))
    return glyphs


def _seen_once(atoms: Iterable[Atom], height: float) -> Iterator[Atom]:
    """Without what is printed over itself to look bold, and letters larger than half a page (broken files)."""
    seen: set[tuple[str, int, int]] = set()
    for atom in atoms:
        key = (atom.text, round(atom.x0 / 2), round(atom.y / 2))
        if key not in seen and atom.size <= height / 2:
            yield atom
        seen.add(key)


def _turned(x: float, y: float, turn: int) -> tuple[float, float]:
    """The point after `turn` quarter turns with the clock."""
    match turn % 4:
        case 1:
            return y, -x
        case 2:
            return -x, -y
        case 3:
            return -y, x
        case _:
            return x, y


class _Pen:
    """Collects characters until the line, the object or the direction ends."""

    def __init__(self) -> None:
        self.letters: list[str] = []
        self.x0 = self.x1 = self.y = 0.0
        self.face = _Face(0.0, False, 0)
        self.bold = self.spaced = False
        self.order = 0

    def goes_on(self, face: _Face, x0: float, y: float, limit: float) -> bool:
        size = max(face.size, self.face.size)
        near = abs(y - self.y) < 0.45 * size and -BACK < (x0 - self.x1) / size < limit
        return near and face.turn == self.face.turn

    @property
    def limit(self) -> float:
        """The widest gap inside a text object: justified prose stretches its single blanks."""
        return STRETCHED if self.letters[-1].isspace() and self.letters[-2:-1] != [" "] else GAP

    def write(self, letter: str, face: _Face, x0: float, x1: float, y: float) -> None:
        """A character; blanks do not begin an atom and do not make it wider."""
        blank = letter.isspace()
        if not self.letters:
            if blank:
                self.spaced = True
                return
            self.x0, self.x1, self.y, self.face, self.bold = x0, x1, y, face, face.bold
        self.letters.append(letter)
        if not blank:
            self.x1 = max(self.x1, x1)
            self.bold = self.bold and face.bold

    def flush(self) -> Iterator[tuple[int, Atom]]:
        text = "".join(self.letters)
        self.letters = []
        if not text:
            return
        if not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text):
            text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        face, spaced = self.face, self.spaced
        yield face.turn, Atom(text, self.x0, self.x1, self.y, face.size, self.bold, self.order, spaced)
        self.order += 1
        self.spaced = text[-1].isspace()


def _atoms(textpage: "PdfTextPage") -> Iterator[tuple[int, Atom]]:
    """(quarter turns, atom in the frame turned by them) in stream order."""
    from pypdfium2 import raw

    box, x, y = raw.FS_RECTF(), ctypes.c_double(), ctypes.c_double()
    faces: dict[int, _Face] = {}
    pen, last, textpage_raw = _Pen(), 0, textpage.raw
    for index in range(textpage.count_chars()):
        code = raw.FPDFText_GetUnicode(textpage_raw, index)
        letter = _HYPHENS.get(code) or chr(code if 0 < code < 0x110000 else 0xFFFD)
        pointer = raw.FPDFText_GetTextObject(textpage_raw, index)
        if not pointer:  # pdfium's own: a blank, a line end, or the hyphen of a wrapped word
            if letter.isspace():
                yield from pen.flush()
                pen.spaced = True
            elif pen.letters:
                pen.letters.append(letter)
            continue
        key = ctypes.addressof(pointer.contents)
        face = faces.get(key) or faces.setdefault(key, _face(textpage, index, pointer))
        raw.FPDFText_GetLooseCharBox(textpage_raw, index, box)
        raw.FPDFText_GetCharOrigin(textpage_raw, index, x, y)
        if face.turn:
            (ax, _), (bx, _) = (
                _turned(box.left, box.bottom, face.turn),
                _turned(box.right, box.top, face.turn),
            )
            _, base = _turned(x.value, y.value, face.turn)
            left, right = min(ax, bx), max(ax, bx)
        else:
            left, right, base = box.left, box.right, y.value
        if pen.letters and not pen.goes_on(face, left, base, pen.limit if key == last else SPLIT):
            yield from pen.flush()
        pen.write(letter, face, left, right, base)
        last = key
    yield from pen.flush()


def _face(textpage: "PdfTextPage", index: int, pointer: object) -> _Face:
    from pypdfium2 import raw

    size, matrix = ctypes.c_float(), raw.FS_MATRIX()
    raw.FPDFTextObj_GetFontSize(pointer, size)
    turn = 0
    scale = 1.0
    if raw.FPDFText_GetMatrix(textpage, index, matrix):
        scale = math.hypot(matrix.c, matrix.d) or 1.0
        turn = round(math.atan2(matrix.b, matrix.a) / (math.pi / 2)) % 4
    name = ctypes.create_string_buffer(128)
    if font := raw.FPDFTextObj_GetFont(pointer):
        raw.FPDFFont_GetBaseFontName(font, name, 128)
    label = name.value.decode("latin-1").lower()
    bold = raw.FPDFText_GetFontWeight(textpage, index) >= 600 or any(word in label for word in _BOLD)
    return _Face(max(size.value * scale, 0.1), bold, turn)
