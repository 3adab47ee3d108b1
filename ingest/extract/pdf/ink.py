"""Which text of a page nobody sees: drawn without ink, in white upon paper, or too small.

The text layer of a scan is drawn without ink as well: it says what the picture below it shows, and is read.
"""

import ctypes
from typing import TYPE_CHECKING, Any, Final

from pypdfium2 import raw

from ingest.extract.unseen import left_out

if TYPE_CHECKING:
    from pypdfium2 import PdfPage

MOST_OBJECTS: Final = 20_000
WHITE: Final = 250
"""Of 255, in each colour."""
TINY: Final = 1.0
"""Font size, in points, at which nobody can read."""
SCAN: Final = 0.5
"""Share of the page that pictures cover where text without ink is theirs."""

Box = tuple[float, float, float, float]


class Ink:
    """Looks at the text objects of one page; what lies on it besides is looked up when it first matters."""

    def __init__(self, page: "PdfPage") -> None:
        self._page = page
        self._laid: tuple[bool, list[Box]] | None = None
        self._ways: dict[int, str] = {}
        self._words: dict[str, list[str]] = {}

    def hides(self, key: int, pointer: Any, size: float) -> bool:
        """Whether the letters of a text object are not seen; `size` is its font's."""
        self._ways[key] = self._way(pointer, size)
        return bool(self._ways[key])

    def hide(self, key: int, letter: str) -> None:
        """A letter of a text object that is not seen: `tell` tells of it."""
        self._words.setdefault(self._ways[key], []).append(letter)

    def tell(self) -> bool:
        """Tells of all that was hidden; whether that was anything."""
        for way, letters in self._words.items():
            left_out("".join(letters), way)
        return bool(self._words)

    def _way(self, pointer: Any, size: float) -> str:
        if raw.FPDFTextObj_GetTextRenderMode(pointer) == raw.FPDF_TEXTRENDERMODE_INVISIBLE:
            return "" if self._covers()[0] else "invisible ink"
        if size <= TINY and (box := bounds(pointer)) is not None and box[3] - box[1] <= TINY:
            return "letters too small to see"
        parts = [ctypes.c_uint() for _ in range(4)]
        if raw.FPDFPageObj_GetFillColor(pointer, *parts) and all(part.value >= WHITE for part in parts[:3]):
            box = bounds(pointer)
            if box is not None and not any(_touch(box, other) for other in self._covers()[1]):
                return "white text"
        return ""

    def _covers(self) -> tuple[bool, list[Box]]:
        """Whether the page is a scan, and the frames of all that may paint a ground other than paper."""
        if self._laid is None:
            left, bottom, right, top = self._page.get_bbox()
            pictures, boxes = 0.0, []
            for index in range(min(raw.FPDFPage_CountObjects(self._page.raw), MOST_OBJECTS)):
                item = raw.FPDFPage_GetObject(self._page.raw, index)
                kind = raw.FPDFPageObj_GetType(item)
                box = None if kind == raw.FPDF_PAGEOBJ_TEXT else bounds(item)
                if box is None or (kind == raw.FPDF_PAGEOBJ_PATH and not _paints(item)):
                    continue
                boxes.append(box)
                if kind in (raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_FORM):
                    wide = min(box[2], right) - max(box[0], left)
                    high = min(box[3], top) - max(box[1], bottom)
                    pictures += max(wide, 0.0) * max(high, 0.0)
            self._laid = pictures >= SCAN * abs((right - left) * (top - bottom)), boxes
        return self._laid


def _paints(path: Any) -> bool:
    """Whether a path is filled with another colour than white (patterns count)."""
    mode, stroke = ctypes.c_int(), raw.FPDF_BOOL()
    if raw.FPDFPath_GetDrawMode(path, mode, stroke) and mode.value == raw.FPDF_FILLMODE_NONE:
        return False
    parts = [ctypes.c_uint() for _ in range(4)]
    return not raw.FPDFPageObj_GetFillColor(path, *parts) or any(part.value < WHITE for part in parts[:3])


def bounds(item: Any) -> Box | None:
    """Left, bottom, right and top of an object of a page; None where it has none."""
    parts = [ctypes.c_float() for _ in range(4)]
    if not raw.FPDFPageObj_GetBounds(item, *parts):
        return None
    left, bottom, right, top = (part.value for part in parts)
    return left, bottom, right, top


def _touch(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
