"""The straight lines of a page's paths, by pdfium."""

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pypdfium2 import raw

if TYPE_CHECKING:
    from pypdfium2 import PdfPage

MAX_EDGES: Final = 2000
"""Straight edges that are looked at on a page: a drawing has more, and is no table."""


@dataclass(frozen=True, slots=True)
class Edge:
    """A straight rule: from `start` to `end` along its axis, at `at` across it."""

    at: float
    start: float
    end: float


Point = tuple[float, float]


def straight_lines(page: "PdfPage") -> Iterator[tuple[Point, Point]]:
    """Lines of the page's paths, at most MAX_EDGES."""
    left = MAX_EDGES
    for item in page.get_objects(filter=[raw.FPDF_PAGEOBJ_PATH], max_depth=1):
        matrix = raw.FS_MATRIX()
        if not raw.FPDFPageObj_GetMatrix(item, matrix):
            continue
        for start, end in _segments(item.raw):
            left -= 1
            if left < 0:
                return
            yield _placed(start, matrix), _placed(end, matrix)


def _placed(point: Point, matrix: object) -> Point:
    a, b, c, d, e, f = (getattr(matrix, name) for name in "abcdef")
    return a * point[0] + c * point[1] + e, b * point[0] + d * point[1] + f


def _segments(path: object) -> Iterator[tuple[Point, Point]]:
    x, y = ctypes.c_float(), ctypes.c_float()
    begin = here = (0.0, 0.0)
    for index in range(min(raw.FPDFPath_CountSegments(path), MAX_EDGES)):
        segment = raw.FPDFPath_GetPathSegment(path, index)
        raw.FPDFPathSegment_GetPoint(segment, x, y)
        point = (x.value, y.value)
        match raw.FPDFPathSegment_GetType(segment):
            case raw.FPDF_SEGMENT_MOVETO:
                begin = point
            case raw.FPDF_SEGMENT_LINETO:
                yield here, point
            case _:
                pass
        here = point
        if raw.FPDFPathSegment_GetClose(segment):
            yield here, begin
            here = begin
