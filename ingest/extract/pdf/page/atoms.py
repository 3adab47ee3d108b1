"""The characters of a page as atoms: pieces of one line and look, with their places, by pdfium.

Four calls a character are most of the time; all else is asked once of a text object. The order is that of the
page's content stream.
"""

import ctypes
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pypdfium2 import raw

from ingest.extract.pdf.ink import Ink, bounds
from ingest.extract.pdf.page.overlays import PLAIN, Look, Overlays

if TYPE_CHECKING:
    from pypdfium2 import PdfTextPage
    from pypdfium2.raw import FS_RECTF

GAP: Final = 0.8
"""Distance, in font sizes, at which characters are not of one line of prose any more."""
STRETCHED: Final = 2.5
"""The same across one blank of a text object."""
BACK: Final = 1.5
"""Distance that a character may go back: pdfium gives the letters of a ligature one place."""
SPLIT: Final = 0.3
"""Distance, in font sizes, at which characters of different text objects are different atoms."""
SHIFT: Final = 0.2
"""Distance of two baselines, in font sizes, at which characters are not of one atom; of another size: less."""
SHIFT_OF_MARK: Final = 0.1
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
    struck: bool = False
    address: str = ""
    """Of the link that it is."""


@dataclass(frozen=True, slots=True)
class _Face:
    """What all characters of one text object share; `turn` counts quarter turns against the clock."""

    size: float
    bold: bool
    turn: int


@dataclass(frozen=True, slots=True)
class _Run:
    """What is asked once of a text object: its face, whether nobody sees it, whether anything lies upon it."""

    face: _Face
    hidden: bool
    covered: bool


def turned(x: float, y: float, turn: int) -> tuple[float, float]:
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
        self.last = 0.0
        """Baseline of the character before: a slanted line is one, a raised mark is none of it."""
        self.face = _Face(0.0, False, 0)
        self.look = PLAIN
        self.bold = self.spaced = False
        self.order = 0

    def goes_on(self, face: _Face, x0: float, y: float, limit: float) -> bool:
        if face is self.face and y == self.last:  # most characters
            return -BACK < (x0 - self.x1) / face.size < limit
        size = max(face.size, self.face.size)
        other = min(face.size, self.face.size) < 0.9 * size
        level = (
            abs(y - self.last) < (SHIFT_OF_MARK if other else SHIFT) * size and abs(y - self.y) < 0.45 * size
        )
        return level and -BACK < (x0 - self.x1) / size < limit and face.turn == self.face.turn

    @property
    def limit(self) -> float:
        """The widest gap inside a text object: justified prose stretches its single blanks."""
        single = self.letters[-1:] and self.letters[-1].isspace() and self.letters[-2:-1] != [" "]
        return STRETCHED if single else GAP

    def write(self, letter: str, face: _Face, look: Look, x0: float, x1: float, y: float) -> None:
        """A character; blanks do not begin an atom and do not make it wider."""
        blank = letter.isspace()
        if not self.letters:
            if blank:
                self.spaced = True
                return
            self.x0, self.x1, self.y, self.face, self.bold, self.look = x0, x1, y, face, face.bold, look
        self.letters.append(letter)
        self.last = y
        if not blank:
            self.x1 = max(self.x1, x1)
            self.bold = self.bold and face.bold

    def flush(self) -> Iterator[tuple[int, int, Atom]]:
        text = "".join(self.letters)
        self.letters = []
        if not text:
            return
        if not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text):
            text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        face, stroke, address = self.face, *self.look
        yield (
            face.turn,
            stroke,
            Atom(
                text,
                self.x0,
                self.x1,
                self.y,
                face.size,
                self.bold,
                self.order,
                self.spaced,
                stroke >= 0,
                address,
            ),
        )
        self.order += 1
        self.spaced = text[-1].isspace()


def atoms_of(textpage: "PdfTextPage", overlays: Overlays, ink: Ink) -> Iterator[tuple[int, int, Atom]]:
    """(quarter turns, number of the line that strikes it out or -1, atom in the turned frame) in stream order, of what
    is seen."""
    box, x, y = raw.FS_RECTF(), ctypes.c_double(), ctypes.c_double()
    runs: dict[int, _Run] = {}
    run = _Run(_Face(0.0, False, 0), False, False)
    pen, last, current, page, look = _Pen(), 0, 0, textpage.raw, PLAIN
    for index in range(textpage.count_chars()):
        code = raw.FPDFText_GetUnicode(page, index)
        letter = _HYPHENS.get(code) or chr(code if 0 < code < 0x110000 else 0xFFFD)
        pointer = raw.FPDFText_GetTextObject(page, index)
        if not pointer:  # pdfium's own: a blank, a line end, or the hyphen of a wrapped word
            if letter.isspace():
                yield from pen.flush()
                pen.spaced = True
            elif pen.letters:
                pen.letters.append(letter)
            continue
        key = ctypes.addressof(pointer.contents)
        if key != current:
            current = key
            run = runs.get(key) or runs.setdefault(key, _run(textpage, index, pointer, overlays, ink))
        if run.hidden:
            ink.hide(key, letter)
            continue
        raw.FPDFText_GetLooseCharBox(page, index, box)
        raw.FPDFText_GetCharOrigin(page, index, x, y)
        face = run.face
        if not letter.isspace():
            upright = not face.turn
            middle = (box.left + box.right) / 2
            look = overlays.look(middle, y.value, face.size, upright=upright) if run.covered else PLAIN
        left, right, base = _placed(box, x.value, y.value, face.turn)
        limit = pen.limit if key == last else SPLIT
        if pen.letters and (look != pen.look or not pen.goes_on(face, left, base, limit)):
            yield from pen.flush()
        pen.write(letter, face, look, left, right, base)
        last = key
    yield from pen.flush()


def _placed(box: "FS_RECTF", x: float, y: float, turn: int) -> tuple[float, float, float]:
    """Left, right and baseline of a character in the turned frame."""
    if not turn:
        return box.left, box.right, y
    (ax, _), (bx, _) = turned(box.left, box.bottom, turn), turned(box.right, box.top, turn)
    return min(ax, bx), max(ax, bx), turned(x, y, turn)[1]


def _run(textpage: "PdfTextPage", index: int, pointer: Any, overlays: Overlays, ink: Ink) -> _Run:
    face = _face(textpage, index, pointer)
    covered = overlays.any_look and _may_be_covered(textpage, index, pointer, overlays)
    return _Run(face, ink.hides(ctypes.addressof(pointer.contents), pointer, face.size), covered)


def _may_be_covered(textpage: "PdfTextPage", index: int, pointer: Any, overlays: Overlays) -> bool:
    """Whether a link or a stroke may lie upon a text object; its frame is of no use where it tells of places in a form
    that is drawn upon the page."""
    frame, first = bounds(pointer), raw.FS_RECTF()
    if frame is None or not raw.FPDFText_GetLooseCharBox(textpage.raw, index, first):
        return True
    left, bottom, right, top = frame
    placed = first.left <= right and left <= first.right and first.bottom <= top and bottom <= first.top
    return not placed or overlays.touch(frame)


def _face(textpage: "PdfTextPage", index: int, pointer: object) -> _Face:
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
