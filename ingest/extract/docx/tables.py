"""The rows and cells of a table in Word: merged cells, rows that begin further right, rows that a change deletes."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ingest.extract.docx.styles import val
from ingest.extract.ooxml.names import W
from ingest.extract.tables.grid import Grid, Place

if TYPE_CHECKING:
    from lxml.etree import _Element as Element  # type: ignore[import-untyped]

MOST_SPANNED: Final = 63
"""Columns of a table in Word at most."""
MOST_PARAGRAPHS: Final = 4
"""Paragraphs of a cell from which on the table places text and holds no data."""
LONGEST_CELL: Final = 1500


@dataclass(frozen=True, slots=True)
class CellText:
    """The words of a cell, and whether they are in bold."""

    text: str
    strong: bool = False


def children(parent: "Element", tag: str) -> "Iterator[Element]":
    """Direct children of a kind, also inside content controls and insertions."""
    for child in parent:
        if child.tag == tag:
            yield child
        elif child.tag in (
            W + "sdt",
            W + "sdtContent",
            W + "ins",
            W + "moveTo",
            W + "customXml",
            W + "smartTag",
        ):
            yield from children(child, tag)


def cells_of(table: "Element") -> "Iterator[list[Element]]":
    """The cells of each row that is not deleted."""
    for row in children(table, W + "tr"):
        if row.find(f"{W}trPr/{W}del") is None:
            yield [cell for cell in children(row, W + "tc") if cell.find(f"{W}tcPr/{W}cellDel") is None]


def places_text(table: "Element") -> bool:
    """Whether a table only places what stands in it: one column, or a page's worth of text in a cell."""
    rows = list(cells_of(table))
    if max(map(len, rows), default=0) < 2:
        return True
    return any(
        len([p for p in children(cell, W + "p") if "".join(p.itertext()).strip()]) >= MOST_PARAGRAPHS
        and sum(map(len, cell.itertext())) > LONGEST_CELL
        for row in rows
        for cell in row
    )


def grid_of(table: "Element", text_of: "Callable[[Element], CellText]") -> Grid:
    """The table's texts; a merged cell is repeated in each place that it spans, so that every row is whole."""
    rows: list[list[str]] = []
    covered: list[Place] = []
    strong: list[Place] = []
    heads = 0
    for row in children(table, W + "tr"):
        if row.find(f"{W}trPr/{W}del") is not None:
            continue
        number = len(rows)
        if heads == number and row.find(f"{W}trPr/{W}tblHeader") is not None:
            heads += val(row.find(f"{W}trPr/{W}tblHeader")) not in ("0", "false")
        cells = [""] * _count(row.find(f"{W}trPr/{W}gridBefore"), 0)
        for cell in children(row, W + "tc"):
            if cell.find(f"{W}tcPr/{W}cellDel") is not None:
                continue
            held = text_of(cell)
            text, down = held.text, _goes_down(cell)
            if down and rows and len(cells) < len(rows[-1]):
                text = rows[-1][len(cells)]
            for step in range(max(1, _count(cell.find(f"{W}tcPr/{W}gridSpan"), 1))):
                place = (number, len(cells))
                if step or down:
                    covered.append(place)
                if held.strong or (down and (number - 1, len(cells)) in strong):
                    strong.append(place)
                cells.append(text)
        rows.append(cells)
    return Grid.of(rows, covered, strong, heads)


def _goes_down(cell: "Element") -> bool:
    """Whether a cell goes on with the one above it."""
    merge = cell.find(f"{W}tcPr/{W}vMerge")
    return merge is not None and val(merge) != "restart"


def _count(element: "Element | None", otherwise: int) -> int:
    value = val(element) or ""
    return min(int(value), MOST_SPANNED) if value.isdecimal() else otherwise
