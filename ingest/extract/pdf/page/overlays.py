"""What lies upon a page: filled fields, typed-on text, comments, links, lines that strike text out.

pdfium's text of a page holds none of these. Fields and typed-on text become pieces of text at their places, links and
strokes change the look of the characters below them. Coordinates are those of the page, not turned.
"""

import ctypes
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pypdfium2 import raw

from ingest.extract.clean import one_line

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument, PdfPage

MOST_ANNOTATIONS: Final = 1000
LONGEST: Final = 20_000
"""Bytes of a string that is read."""
MOST_BYTES: Final = 16 * 1024 * 1024
"""Bytes of an embedded file that is read."""
SHORTEST_STROKE: Final = 3.0
STROKE_ZONE: Final = (0.12, 0.45)
"""Where a line strikes text out, in font sizes above the baseline."""
CHECKED: Final = "☒"
UNCHECKED: Final = "☐"
_SCHEMES: Final = ("http://", "https://", "mailto:", "tel:", "ftp://")

Point = tuple[float, float]


class Look(NamedTuple):
    """What lies upon a character: the number of the line that strikes it out (-1: none), the address of a link."""

    stroke: int = -1
    address: str = ""


PLAIN: Final = Look()


@dataclass(frozen=True, slots=True)
class Typed:
    """Text in a frame: left, bottom, right, top."""

    text: str
    x0: float
    y0: float
    x1: float
    y1: float


@dataclass(slots=True)
class Overlays:
    """What lies upon one page."""

    typed: list[Typed] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    links: list[tuple[float, float, float, float, str]] = field(default_factory=list)
    strokes: list[tuple[float, float, float]] = field(default_factory=list)
    """Lines across: start, end, height."""
    files: list[tuple[str, bytes]] = field(default_factory=list)
    _by_height: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))

    @property
    def any_look(self) -> bool:
        """Whether anything changes the look of characters."""
        return bool(self.links or self.strokes)

    def touch(self, box: tuple[float, float, float, float]) -> bool:
        """Whether a link or a line across the page may lie upon what is in a frame (left, bottom, right, top)."""
        left, bottom, right, top = box
        if any(x0 <= right and left <= x1 and y0 <= top and bottom <= y1 for x0, y0, x1, y1, _ in self.links):
            return True
        heights = range(int(bottom) - 1, int(top) + 2)
        numbers = (number for height in heights for number in self._by_height.get(height, ()))
        return any(self.strokes[number][0] <= right and left <= self.strokes[number][1] for number in numbers)

    def add_strokes(self, segments: Iterable[tuple[Point, Point]]) -> None:
        """Lines across the page that may strike text out."""
        for (x0, y0), (x1, y1) in segments:
            if abs(y0 - y1) < 0.5 and abs(x0 - x1) >= SHORTEST_STROKE:
                self.add_stroke(min(x0, x1), max(x0, x1), (y0 + y1) / 2)

    def add_stroke(self, start: float, end: float, height: float) -> None:
        """A line across the page."""
        self._by_height[int(height)].append(len(self.strokes))
        self.strokes.append((start, end, height))

    def look(self, x: float, base: float, size: float, *, upright: bool) -> Look:
        """The look of a character by its middle and its baseline; only upright text can be struck out."""
        stroke = self._stroke(x, base, size) if upright else -1
        middle = base + 0.3 * size
        address = next((a for x0, y0, x1, y1, a in self.links if x0 <= x <= x1 and y0 <= middle <= y1), "")
        return Look(stroke, address) if stroke >= 0 or address else PLAIN

    def _stroke(self, x: float, base: float, size: float) -> int:
        low, high = base + STROKE_ZONE[0] * size, base + STROKE_ZONE[1] * size
        for height in range(int(low), int(high) + 1):
            for number in self._by_height.get(height, ()):
                start, end, at = self.strokes[number]
                if low <= at <= high and start <= x <= end:
                    return number
        return -1


def read_overlays(document: "PdfDocument", page: "PdfPage", form: object | None) -> Overlays:
    """The annotations of a page; `form` is pdfium's handle of the document's form."""
    overlays = Overlays()
    for index in range(min(raw.FPDFPage_GetAnnotCount(page.raw), MOST_ANNOTATIONS)):
        annotation = raw.FPDFPage_GetAnnot(page.raw, index)
        if annotation:
            try:
                _take(overlays, document, annotation, form)
            finally:
                raw.FPDFPage_CloseAnnot(annotation)
    return overlays


def _take(overlays: Overlays, document: "PdfDocument", annotation: Any, form: object | None) -> None:
    if raw.FPDFAnnot_GetFlags(annotation) & (raw.FPDF_ANNOT_FLAG_HIDDEN | raw.FPDF_ANNOT_FLAG_NOVIEW):
        return
    box = raw.FS_RECTF()
    raw.FPDFAnnot_GetRect(annotation, box)
    x0, x1 = sorted((box.left, box.right))
    y0, y1 = sorted((box.bottom, box.top))
    kind = raw.FPDFAnnot_GetSubtype(annotation)
    words = one_line(_value(annotation, "Contents"))
    match kind:
        case raw.FPDF_ANNOT_WIDGET if form is not None:
            if text := _field(annotation, form):
                overlays.typed.append(Typed(text, x0, y0, x1, y1))
        case raw.FPDF_ANNOT_FREETEXT if words:
            overlays.typed.append(Typed(words, x0, y0, x1, y1))
        case raw.FPDF_ANNOT_LINK:
            if (address := _address(document, annotation)).lower().startswith(_SCHEMES):
                overlays.links.append((x0, y0, x1, y1, address))
        case raw.FPDF_ANNOT_FILEATTACHMENT:
            if held := attached_file(raw.FPDFAnnot_GetFileAttachment(annotation)):
                overlays.files.append(held)
        case raw.FPDF_ANNOT_STRIKEOUT:
            for start, end, height in _quads(annotation):
                overlays.add_stroke(start, end, height)
        case _:
            pass
    commented = (
        raw.FPDF_ANNOT_TEXT,
        raw.FPDF_ANNOT_HIGHLIGHT,
        raw.FPDF_ANNOT_UNDERLINE,
        raw.FPDF_ANNOT_STRIKEOUT,
    )
    if kind in commented and words and not _value(annotation, "State"):
        overlays.comments.append(words)


def _field(annotation: Any, form: object) -> str:
    """What a field of a form was filled with; a box as ticked or not."""
    match raw.FPDFAnnot_GetFormFieldType(form, annotation):
        case raw.FPDF_FORMFIELD_CHECKBOX | raw.FPDF_FORMFIELD_RADIOBUTTON:
            return CHECKED if raw.FPDFAnnot_IsChecked(form, annotation) else UNCHECKED
        case raw.FPDF_FORMFIELD_COMBOBOX | raw.FPDF_FORMFIELD_LISTBOX:
            return ", ".join(_chosen(annotation, form)) or _filled(annotation, form)
        case raw.FPDF_FORMFIELD_TEXTFIELD:
            return "" if _is_password(annotation, form) else _filled(annotation, form)
        case _:
            return ""


def _is_password(annotation: Any, form: object) -> bool:
    return bool(raw.FPDFAnnot_GetFormFieldFlags(form, annotation) & (1 << 13))


def _filled(annotation: Any, form: object) -> str:
    return _string(
        lambda buffer, size: raw.FPDFAnnot_GetFormFieldValue(form, annotation, buffer, size)
    ).strip()


def _chosen(annotation: Any, form: object) -> Iterator[str]:
    for option in range(min(raw.FPDFAnnot_GetOptionCount(form, annotation), 1000)):
        if raw.FPDFAnnot_IsOptionSelected(form, annotation, option):
            yield _string(partial(raw.FPDFAnnot_GetOptionLabel, form, annotation, option))


def _value(annotation: Any, key: str) -> str:
    return _string(partial(raw.FPDFAnnot_GetStringValue, annotation, key.encode()))


def _string(read: Callable[[Any, int], int]) -> str:
    """A string that pdfium writes into a buffer as UTF-16; "" for none and for one that is too long."""
    size = read(None, 0)
    if not 2 < size <= LONGEST:
        return ""
    buffer = ctypes.create_string_buffer(size)
    read(ctypes.cast(buffer, ctypes.POINTER(raw.FPDF_WCHAR)), size)
    return buffer.raw[: size - 2].decode("utf-16-le", "replace")


def _address(document: "PdfDocument", annotation: Any) -> str:
    link = raw.FPDFAnnot_GetLink(annotation)
    action = raw.FPDFLink_GetAction(link) if link else None
    if not action or raw.FPDFAction_GetType(action) != raw.PDFACTION_URI:
        return ""
    size = raw.FPDFAction_GetURIPath(document.raw, action, None, 0)
    if not 1 < size <= LONGEST:
        return ""
    buffer = ctypes.create_string_buffer(size)
    raw.FPDFAction_GetURIPath(document.raw, action, buffer, size)
    return one_line(buffer.value.decode("utf-8", "replace")).replace(" ", "%20")


def _quads(annotation: Any) -> Iterator[tuple[float, float, float]]:
    """Left, right and middle height of each stretch of text that is marked."""
    quad = raw.FS_QUADPOINTSF()
    for index in range(min(raw.FPDFAnnot_CountAttachmentPoints(annotation), MOST_ANNOTATIONS)):
        if raw.FPDFAnnot_GetAttachmentPoints(annotation, index, quad):
            xs, ys = (quad.x1, quad.x2, quad.x3, quad.x4), (quad.y1, quad.y2, quad.y3, quad.y4)
            yield min(xs), max(xs), (min(ys) + max(ys)) / 2


def attached_file(attachment: Any) -> tuple[str, bytes] | None:
    """The name and the bytes of an embedded file; None where it cannot be read or is larger than a document."""
    if not attachment:
        return None
    name = _string(partial(raw.FPDFAttachment_GetName, attachment))
    size = ctypes.c_ulong()
    if not raw.FPDFAttachment_GetFile(attachment, None, 0, size) or not 0 < size.value <= MOST_BYTES:
        return None
    buffer = ctypes.create_string_buffer(size.value)
    raw.FPDFAttachment_GetFile(attachment, buffer, size.value, size)
    return name, buffer.raw
