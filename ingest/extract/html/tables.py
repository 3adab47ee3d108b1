"""Tables of a page: which are tables at all, their header rows as one, their cells with what spans them.

Header rows below each other become one ("Office / Pallet"); a table whose rows are a name and a value each becomes
pairs; a table inside a cell is text of that cell.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from ingest.extract.assembly.building import TextBuilder
from ingest.extract.assembly.inline import struck
from ingest.extract.html.line import Facts
from ingest.extract.html.words import inline_text
from ingest.extract.tables.rows import add_table

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

_CELL_BLOCKS: Final = "p, ul, ol, div, pre, table, h1, h2, h3, h4"
_PARTS: Final = frozenset({"thead", "tbody", "tfoot"})
MOST_HEADER_ROWS: Final = 3
MOST_SPANNED: Final = 50
LONGEST_KEY: Final = 60


def is_layout(table: "LexborNode") -> bool:
    """A table that places things: it says so, holds tables but no header of its own, has one column, or cells full of
    blocks."""
    if table.attributes.get("role") in ("presentation", "none"):
        return True
    rows = rows_of(table)
    cells = [[cell for cell in _cells(row) if cell.text().strip()] for row in rows]
    if any(cell.tag == "th" for row in cells for cell in row) or any(
        row.parent_tag == "thead" for row in rows
    ):
        return False
    if table.css_first("caption") is not None and len(table.css("table")) <= 1:
        return False
    if len(table.css("table")) > 1 or max(map(len, cells), default=0) < 2:
        return True
    return any(len(cell.css(_CELL_BLOCKS)) > 3 or len(cell.text()) > 1500 for row in cells for cell in row)


class Row:
    """A row of a table itself, not of one inside of it."""

    __slots__ = ("node", "parent_tag")

    def __init__(self, node: "LexborNode", parent_tag: str) -> None:
        self.node, self.parent_tag = node, parent_tag


def rows_of(table: "LexborNode") -> list[Row]:
    """Rows in order, the foot last."""
    rows: list[Row] = []
    for part in table.iter():
        if part.tag == "tr":
            rows.append(Row(part, "table"))
        elif part.tag in _PARTS:
            rows += [Row(row, part.tag) for row in part.iter() if row.tag == "tr"]
    return [row for row in rows if row.parent_tag != "tfoot"] + [
        row for row in rows if row.parent_tag == "tfoot"
    ]


def _cells(row: Row) -> "list[LexborNode]":
    return [cell for cell in row.node.iter() if cell.tag in ("td", "th")]


def add_html_table(builder: TextBuilder, table: "LexborNode", facts: Facts) -> None:
    """The table as rows under its header, or as pairs."""
    rows = [row for row in rows_of(table) if row.node.mem_id not in facts.dropped]
    grid = _grid(rows, facts)
    while len(rows) > 2 and (title := _title_row(rows[0], grid[0])):
        builder.block(title)
        rows, grid = rows[1:], grid[1:]
    heads = _header_rows(rows, grid)
    if not heads and (pairs := _pairs(rows, grid)):
        with builder.within("list"):
            for number, (name, value) in enumerate(pairs):
                builder.block(f"{name}: {value}", "pair", gap="\n" if number else "\n\n")
        return
    body = [_once(cells) for cells in grid[heads:]]
    add_table(builder, [_one_header(grid[:heads]), *body] if heads else body)


def _header_rows(rows: Sequence[Row], grid: Sequence[Sequence[str]]) -> int:
    """How many rows at the top name the columns."""
    count = 0
    for row, cells in zip(rows[:MOST_HEADER_ROWS], grid, strict=False):
        own = _cells(row)
        named = [cell for cell in own if cell.tag == "th" or not cell.text().strip()]
        if row.parent_tag != "thead" and (not own or len(named) < len(own) or not any(cells)):
            break
        if row.parent_tag != "thead" and len(own) == 1 and len(cells) > 1 and len(set(cells)) == 1:
            break  # a title over the rows that follow
        count += 1
    return count if count < len(rows) or len(rows) == 1 else 1


def _title_row(row: Row, cells: Sequence[str]) -> str:
    """A first row that is one cell across all columns is a caption."""
    return cells[0] if len(_cells(row)) == 1 and len(cells) > 1 else ""


def _one_header(heads: Sequence[Sequence[str]]) -> list[str]:
    """Several header rows as one: the names above each other, each once."""
    width = max(map(len, heads), default=0)
    columns = [[row[place] for row in heads if place < len(row) and row[place]] for place in range(width)]
    return [" / ".join(dict.fromkeys(names)) for names in columns]


def _once(cells: Sequence[str]) -> list[str]:
    """A row that is one cell across all columns says it once."""
    return [cells[0], *[""] * (len(cells) - 1)] if len(cells) > 2 and len(set(cells)) == 1 else list(cells)


def _pairs(rows: Sequence[Row], grid: Sequence[Sequence[str]]) -> list[tuple[str, str]]:
    """Names and values, where every row is one of each; else none."""
    filled = [(row, cells) for row, cells in zip(rows, grid, strict=True) if any(cells)]
    if not filled or any(len(cells) != 2 or not cells[0] for _, cells in filled):
        return []
    tags = [[cell.tag for cell in _cells(row)] for row, _ in filled]
    names = [cells[0].rstrip(" :") for _, cells in filled]
    said = all(tag == ["th", "td"] for tag in tags)
    told = (
        len(filled) > 1 and len(set(names)) == len(names) and all(len(name) <= LONGEST_KEY for name in names)
    )
    values = filled[0][1][1]
    told = told and (
        (any(map(str.isdigit, values)) and not any(map(str.isdigit, names[0])))
        or sum(cells[0].rstrip().endswith(":") for _, cells in filled) * 2 > len(filled)
    )
    return [(name, cells[1]) for name, (_, cells) in zip(names, filled, strict=True)] if said or told else []


def _grid(rows: Sequence[Row], facts: Facts) -> list[list[str]]:
    """Cell texts; a spanning cell is repeated in every place that it covers (at most 50 columns)."""
    grid: list[list[str]] = []
    below: dict[int, tuple[int, str]] = {}
    for row in rows:
        cells: list[str] = []
        for cell in _cells(row):
            _take_spans(cells, below)
            text = inline_text(cell, facts)
            text = struck(text) if facts.styles.strikes(row.node) else text
            for _ in range(_span(cell, "colspan")):
                if (down := _span(cell, "rowspan")) > 1:
                    below[len(cells)] = (down - 1, text)
                cells.append(text)
        _take_spans(cells, below)
        grid.append(cells)
    return grid


def _take_spans(cells: list[str], below: dict[int, tuple[int, str]]) -> None:
    while len(cells) in below:
        left, text = below.pop(len(cells))
        if left > 1:
            below[len(cells)] = (left - 1, text)
        cells.append(text)


def _span(cell: "LexborNode", name: str) -> int:
    value = cell.attributes.get(name) or "1"
    return min(max(int(value), 1), MOST_SPANNED) if value.isdecimal() else 1
