"""Blocks as PDF: pages with a running head, page numbers, an outline and ruled tables.

No compression and reportlab's invariant mode (fixed dates and ids), so that the same blocks give the same bytes.
"""

import io
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final, TypeAlias, assert_never
from xml.sax.saxutils import escape

from corpus_blocks import Block, Grid, Line, Prose, Run, Title, plain, title_of
from reportlab.lib import colors
from reportlab.lib.styles import ParagraphStyle, getSampleStyleSheet
from reportlab.lib.units import cm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageTemplate, Paragraph, Spacer, Table

COMPANY: Final = "Kestwold Instruments"
DATE: Final = datetime(2026, 7, 1, 9, 0, tzinfo=UTC)
MARGIN: Final = 2 * cm
Size: TypeAlias = tuple[float, float]
"""Width and height in points."""


class _Pages(BaseDocTemplate):  # type: ignore[misc]  # reportlab has no types
    """Pages with the title on top and "Page 2 of 9" below; headings become bookmarks. `total` 0: not yet known."""

    def __init__(self, target: io.BytesIO, title: str, size: Size, total: int) -> None:
        super().__init__(
            target,
            pagesize=size,
            title=title,
            author=COMPANY,
            subject=f"{COMPANY} documentation",
            lang="en",
            invariant=1,
            pageCompression=0,
        )
        self._total = total
        self._bookmarks = 0
        frame = Frame(MARGIN, MARGIN, size[0] - 2 * MARGIN, size[1] - 2 * MARGIN, id="text")
        self.addPageTemplates(PageTemplate("page", [frame], onPage=self._furnish))

    def _furnish(self, canvas: Canvas, _: object) -> None:
        width, height = self.pagesize
        canvas.setFont("Helvetica", 8)
        canvas.drawString(MARGIN, height - 1.3 * cm, f"{COMPANY} · {self.title}")
        canvas.line(MARGIN, height - 1.5 * cm, width - MARGIN, height - 1.5 * cm)
        canvas.drawString(MARGIN, 1.2 * cm, f"© {DATE.year} {COMPANY}")
        canvas.drawRightString(width - MARGIN, 1.2 * cm, f"Page {canvas.getPageNumber()} of {self._total}")

    def afterFlowable(self, flowable: Flowable) -> None:  # noqa: N802  # reportlab's name
        level = getattr(flowable, "outline_level", None)
        if level is not None:
            key = f"heading-{self._bookmarks}"
            self._bookmarks += 1
            self.canv.bookmarkPage(key)
            self.canv.addOutlineEntry(flowable.getPlainText(), key, level)


def pdf(blocks: Sequence[Block], size: Size) -> bytes:
    """The blocks as PDF; built twice, because a page can say "of 9" only when there are nine."""
    os.environ["SOURCE_DATE_EPOCH"] = str(int(DATE.timestamp()))
    total = 0
    for _ in range(2):
        target = io.BytesIO()
        pages = _Pages(target, title_of(blocks), size, total)
        pages.build([part for block in blocks for part in _flowables(block, size[0] - 2 * MARGIN)])
        total = pages.page
    return target.getvalue()


def _flowables(block: Block, width: float) -> list[Flowable]:
    styles = getSampleStyleSheet()
    body = ParagraphStyle("Text", parent=styles["BodyText"], fontSize=10, leading=13.5, spaceAfter=5)
    match block:
        case Title(level, text):
            style = ParagraphStyle("Title", parent=styles[f"Heading{level}"], keepWithNext=1)
            heading = Paragraph(escape(text), style)
            heading.outline_level = level - 1
            return [heading]
        case Prose(line, "paragraph"):
            return [Paragraph(_markup(line), body)]
        case Prose(line, kind, number):
            style = ParagraphStyle("Item", parent=body, leftIndent=14, bulletIndent=2, spaceAfter=2)
            return [Paragraph(_markup(line), style, bulletText="•" if kind == "bullet" else f"{number}.")]
        case Grid(rows):
            return [_table(rows, width), Spacer(1, 8)]
        case _:
            assert_never(block)


def _table(rows: Sequence[Sequence[Line]], width: float) -> Table:
    cell = ParagraphStyle("Cell", fontName="Helvetica", fontSize=9, leading=11)
    head = ParagraphStyle("Head", parent=cell, fontName="Helvetica-Bold")
    cells = [[Paragraph(_markup(line), cell if n else head) for line in row] for n, row in enumerate(rows)]
    widths = _widths(rows, width - 0.5 * cm)
    style = [("GRID", (0, 0), (-1, -1), 0.4, colors.grey), ("BACKGROUND", (0, 0), (-1, 0), colors.whitesmoke)]
    return Table(cells, colWidths=widths, repeatRows=1, style=[*style, ("VALIGN", (0, 0), (-1, -1), "TOP")])


def _widths(rows: Sequence[Sequence[Line]], total: float) -> list[float]:
    """Columns share the width by their longest cell, within reason."""
    longest = [max(len(plain(line)) for line in column) for column in zip(*rows, strict=True)]
    weights = [min(max(length, 9), 40) for length in longest]
    return [total * weight / sum(weights) for weight in weights]


def _markup(line: Line) -> str:
    def mark(run: Run) -> str:
        text = escape(run.text)
        text = f"<b>{text}</b>" if run.bold else text
        return f"<i>{text}</i>" if run.italic else text

    return "".join(map(mark, line))
