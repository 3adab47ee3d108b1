"""Where words stand on a PDF page. Only letters and digits are compared: extraction joined hyphenated words, wrote
table cells between bars and folded characters, and the page knows nothing of it.

Words that do not stand there in one piece are looked for line by line, then cell by cell.
"""

import ctypes
import re
import unicodedata
from collections.abc import Iterator

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

SHORTEST = 4
"""Letters and digits of a piece that is looked for by itself; shorter ones stand everywhere."""

Rectangle = tuple[float, float, float, float]
"""Left, bottom, right, top in the page's own units."""


def rectangles(page: pdfium.PdfPage, words: str) -> list[Rectangle]:
    """One rectangle for each line of `words` on `page`; none where they do not stand on it."""
    textpage = page.get_textpage()
    try:
        letters, places = _letters(textpage)
        spans = list(_spans(letters, words))
        return [box for start, end in spans for box in _boxes(textpage, places[start], places[end - 1] + 1)]
    finally:
        textpage.close()


def _letters(textpage: pdfium.PdfTextPage) -> tuple[str, list[int]]:
    """The letters and digits of a page, folded, and which character each of them comes from."""
    letters: list[str] = []
    places: list[int] = []
    for index in range(textpage.count_chars()):
        folded = _folded(chr(pdfium_c.FPDFText_GetUnicode(textpage.raw, index)))
        letters.append(folded)
        places += [index] * len(folded)
    return "".join(letters), places


def _spans(letters: str, words: str) -> Iterator[tuple[int, int]]:
    for pieces in ([words], words.splitlines(), re.split(r"[|\n]", words)):
        folded = [piece for piece in map(_folded, pieces) if len(piece) >= SHORTEST]
        found = list(_in_order(letters, folded))
        if found and (len(found) == len(folded) or len(pieces) > 1):
            yield from found
            return


def _in_order(letters: str, pieces: list[str]) -> Iterator[tuple[int, int]]:
    """Each piece behind the one before it, as they were read, else wherever it first stands."""
    at = 0
    for piece in pieces:
        start = letters.find(piece, at)
        if start < 0:
            start = letters.find(piece)
        if start >= 0:
            at = start + len(piece)
            yield start, at


def _boxes(textpage: pdfium.PdfTextPage, start: int, end: int) -> Iterator[Rectangle]:
    for index in range(textpage.count_rects(start, end - start)):
        yield textpage.get_rect(index)


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).casefold()
    return "".join(character for character in plain if character.isalnum())


def on_image(page: pdfium.PdfPage, box: Rectangle, width: int, height: int) -> tuple[int, int, int, int]:
    """A rectangle of the page in pixels of its image (left, top, right, bottom), whatever its rotation and crop."""
    left, bottom, right, top = box
    corners = [_on_image(page, x, y, width, height) for x, y in ((left, top), (right, bottom))]
    xs, ys = sorted(x for x, _ in corners), sorted(y for _, y in corners)
    return max(0, xs[0] - 1), max(0, ys[0] - 1), min(width, xs[1] + 2), min(height, ys[1] + 2)


def _on_image(page: pdfium.PdfPage, x: float, y: float, width: int, height: int) -> tuple[int, int]:
    across, down = ctypes.c_int(), ctypes.c_int()
    pdfium_c.FPDF_PageToDevice(
        page.raw, 0, 0, width, height, 0, x, y, ctypes.byref(across), ctypes.byref(down)
    )
    return across.value, down.value
