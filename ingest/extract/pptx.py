"""PPTX: one page per slide, its title as heading, shapes in reading order, tables as pipe rows, charts' data, notes."""

import io
import re
from collections.abc import Iterable
from itertools import zip_longest
from typing import TYPE_CHECKING, Final

from ingest.extract.building import TextBuilder
from ingest.extract.clean import one_line
from ingest.extract.extracted import Extracted
from ingest.extract.levels import BULLET, LevelledLists
from ingest.extract.listing import Listing
from ingest.extract.package import check_package, damaged
from ingest.extract.rows import add_table
from ingest.extract.titles import file_title
from ragchat.documents import Scalar

if TYPE_CHECKING:
    from pptx.presentation import Presentation
    from pptx.slide import Slide

MEDIA_TYPE: Final = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
C: Final = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
MAX_DEPTH: Final = 20
_NUMBER: Final = re.compile(r"-?\d+\.\d+(?:[eE][-+]?\d+)?")


def extract(data: bytes, name: str) -> Extracted:
    """Title: the core property, else the first slide's title; see `file_title`."""
    check_package(data)
    presentation = _open(data)
    builder = TextBuilder()
    for slide in presentation.slides:
        builder.page()
        if slide.element.get("show") != "0":
            _slide(builder, slide)
    facts = _facts(presentation)
    first = builder.headings[0].title if builder.headings else ""
    title = file_title(first or str(facts.get("title") or ""), name)
    facts.pop("title", None)
    return Extracted(
        builder.text,
        title,
        MEDIA_TYPE,
        pages=tuple(builder.pages),
        headings=tuple(builder.headings),
        metadata=facts,
        blocks=builder.blocks,
        reason="" if builder.length else "no text on the slides",
    )


def _open(data: bytes) -> "Presentation":
    import zipfile
    import zlib

    from lxml.etree import LxmlError  # type: ignore[import-untyped]
    from pptx import Presentation
    from pptx.exc import PythonPptxError

    try:
        return Presentation(io.BytesIO(data))
    except (
        PythonPptxError,
        LxmlError,
        KeyError,
        ValueError,
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
    ) as error:
        raise damaged("parts of the presentation are missing or broken") from error


def _facts(presentation: "Presentation") -> dict[str, Scalar]:
    core = presentation.core_properties
    texts = {
        "title": core.title,
        "author": core.author,
        "description": core.subject,
        "keywords": core.keywords,
    }
    facts: dict[str, Scalar] = {
        name: one_line(text) for name, text in texts.items() if text and one_line(text)
    }
    if core.created is not None:
        facts["created"] = core.created.date().isoformat()
    if str(facts.get("title", "")).lower() in ("powerpoint presentation", "presentation"):
        del facts["title"]
    return facts


def _slide(builder: TextBuilder, slide: "Slide") -> None:
    title = slide.shapes.title
    if title is not None and title.has_text_frame:
        builder.heading(1, title.text_frame.text)
    skipped = title.shape_id if title is not None else None
    _shapes(builder, _reading_order(slide.shapes), skipped, 0)
    if (
        slide.has_notes_slide
        and (frame := slide.notes_slide.notes_text_frame) is not None
        and frame.text.strip()
    ):
        builder.block("Notes: " + frame.text)


def _reading_order(shapes: "Iterable[object]") -> list[object]:
    """Top to bottom in bands of half a centimetre, then left to right; placeholders without a place keep theirs."""
    band = 180_000  # EMU
    placed = list(shapes)
    return sorted(placed, key=lambda s: (_emu(s, "top") // band, _emu(s, "left")))


def _emu(shape: object, side: str) -> int:
    value = getattr(shape, side, None)
    return int(value) if value is not None else 0


def _shapes(builder: TextBuilder, shapes: "Iterable[object]", skipped: int | None, depth: int) -> None:
    for shape in shapes:
        if getattr(shape, "shape_id", None) == skipped and skipped is not None:
            continue
        if getattr(shape, "has_table", False):
            add_table(builder, _table(shape.table))  # type: ignore[attr-defined]
        elif getattr(shape, "has_chart", False):
            _chart(builder, shape.chart)  # type: ignore[attr-defined]
        elif getattr(shape, "has_text_frame", False):
            _paragraphs(builder, shape.text_frame)  # type: ignore[attr-defined]
        elif hasattr(shape, "shapes") and depth < MAX_DEPTH:
            _shapes(builder, _reading_order(shape.shapes), None, depth + 1)


def _paragraphs(builder: TextBuilder, frame: "object") -> None:
    """A paragraph; several become a list by their level."""
    lines = [(p.level, one_line(p.text)) for p in frame.paragraphs]  # type: ignore[attr-defined]
    lines = [(level, text) for level, text in lines if text]
    if len(lines) == 1:
        builder.block(lines[0][1])
        return
    lists = LevelledLists(Listing(builder))
    for level, text in lines:
        lists.item(level, BULLET, text)
    lists.close()


def _chart(builder: TextBuilder, chart: "object") -> None:
    """The chart's title and its numbers, a row per category, from the values stored in its XML (any chart type)."""
    if chart.has_title and chart.chart_title.has_text_frame:  # type: ignore[attr-defined]
        builder.block(chart.chart_title.text_frame.text)  # type: ignore[attr-defined]
    columns: list[list[str]] = []
    categories: list[str] = []
    for series in chart.element.iter(C + "ser"):  # type: ignore[attr-defined]
        name = _points(series.find(C + "tx"))
        categories = categories or _points(series.find(C + "cat"))
        columns.append([" ".join(name), *_points(series.find(C + "val"))])
    if columns:
        add_table(builder, list(zip_longest(["", *categories], *columns, fillvalue="")))


def _points(node: "object") -> list[str]:
    """The cached points below a node, in order; numbers without float noise."""
    values = [value.text or "" for value in node.iter(C + "v")] if node is not None else []  # type: ignore[attr-defined]
    return [f"{float(value):.10g}" if _NUMBER.fullmatch(value) else value for value in values]


def _table(table: "object") -> list[list[str]]:
    """Cell texts; a merged cell is repeated in every place that it covers."""
    rows: list[list[str]] = [[cell.text for cell in row.cells] for row in table.rows]  # type: ignore[attr-defined]
    for y, row in enumerate(table.rows):  # type: ignore[attr-defined]
        for x, cell in enumerate(row.cells):
            if cell.is_merge_origin:
                for covered in rows[y : y + cell.span_height]:
                    covered[x : x + cell.span_width] = [cell.text] * len(covered[x : x + cell.span_width])
    return rows
