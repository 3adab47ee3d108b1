"""The tables of reStructuredText as rows of cells: drawn with lines, by columns, as lists and as CSV.

Each function gives the number of header rows and all rows. A cell that spans rows is said in each of them.
"""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from ingest.extract.clean import one_line

Table = tuple[int, list[list[str]]]

GRID: Final = re.compile(r"\s*\+[-=]+(?:\+[-=]+)*\+\s*")
SIMPLE: Final = re.compile(r"\s*=+(?: +=+)+\s*")
_COLUMN: Final = re.compile(r"=+")
_SPAN: Final = re.compile(r"\s*-+(?: +-+)*\s*")
_SIGNS: Final = ("-", "*", "+")
_ROW: Final = re.compile(r"[-*+]\s{1,8}(?=[-*+](?:\s|$))")
_CELL: Final = re.compile(r"\A\s*[-*+] ?((?:[-*+] )?)(?P<words>.*)")
_NESTED: Final = re.compile(r"\A[-*+] ")
"""The sign of an item in a cell's own list."""


def grid_table(lines: Sequence[str]) -> Table:
    """A table drawn with +, - and |. A cell is the list of its lines, shared by all rows and columns that it spans."""
    margin = len(lines[0]) - len(lines[0].lstrip())
    body = [line[margin:].rstrip() for line in lines]
    columns = list(pairwise(sorted({place for line in body for place in _corners(line)})))
    rows: list[list[list[str]]] = []
    cells: list[list[str]] = [[] for _ in columns]
    parted = [False for _ in columns]
    heads = 0
    for line in (one.ljust(columns[-1][1] + 1) for one in body[1:]):
        ends = [_is_rule(line[start + 1 : end]) for start, end in columns] if _corners(line) else []
        if any(ends):
            rows.append(_spread(list(cells), parted))
            heads = len(rows) if "=" in line else heads
            cells = [[] if over else cell for over, cell in zip(ends, cells, strict=True)]
            parted = [False for _ in columns]
        for place, text in _texts(line, columns):
            if not ends or not ends[place]:
                cells[place].append(text)
                parted[place] = parted[place] or not ends
    return heads, [[one_line(" ".join(cell)) for cell in row] for row in rows if any(map(any, row))]


def _texts(line: str, columns: Sequence[tuple[int, int]]) -> Iterator[tuple[int, str]]:
    """The texts of a line by column; one that nothing parts from the next column reaches over it."""
    begin = 0
    for place in range(1, len(columns) + 1):
        if place == len(columns) or line[columns[place][0]] in "|+":
            yield begin, line[columns[begin][0] + 1 : columns[place - 1][1]]
            begin = place


def _corners(line: str) -> list[int]:
    """Places of the corners on a line that rules; none on a line of text."""
    ruled = line[:1] in ("+", "|") and ("+-" in line or "+=" in line)
    return [place for place, sign in enumerate(line) if sign == "+"] if ruled else []


def _is_rule(part: str) -> bool:
    return bool(part) and (not part.strip("-") or not part.strip("="))


def _spread(row: list[list[str]], parted: Sequence[bool]) -> list[list[str]]:
    """A cell that no line parts from the next column is that column's too."""
    for place in range(1, len(row)):
        if not parted[place]:
            row[place] = row[place - 1]
    return row


def simple_table(lines: Sequence[str]) -> Table:
    """A table whose columns stand under runs of ="""
    margin = len(lines[0]) - len(lines[0].lstrip())
    starts = [match.start() for match in _COLUMN.finditer(lines[0][margin:])]
    bounds = [*starts, 100_000]
    rows: list[list[str]] = []
    rules = heads = 0
    for line in (one[margin:].rstrip() for one in lines):
        if SIMPLE.fullmatch(line) or (line and not line.strip("= ")):
            rules += 1
            heads = len(rows) if rules == 2 else heads
        elif line and _SPAN.fullmatch(line):
            rows[-1:] = [_spanned(rows[-1], starts, line)] if rows else []
        elif line:
            cells = [line[start:end].strip() for start, end in pairwise(bounds)]
            if rows and not cells[0] and len(rows) != heads:
                rows[-1] = [f"{above} {cell}".strip() for above, cell in zip(rows[-1], cells, strict=True)]
            else:
                rows.append(cells)
    return (heads if rules > 2 else 0), rows


def _spanned(cells: Sequence[str], starts: Sequence[int], rule: str) -> list[str]:
    """A header row whose names reach over the columns that the rule below it holds together."""
    spans = [match.span() for match in re.finditer("-+", rule)]
    groups = [next((n for n, (a, b) in enumerate(spans) if a <= start < b), -1) for start in starts]
    return [
        next((cell for cell, other in zip(cells, groups, strict=True) if other == group and cell), "")
        if group >= 0
        else own
        for own, group in zip(cells, groups, strict=True)
    ]


def list_table(lines: Sequence[str], heads: int) -> Table:
    """Rows as items ("* -") of cells ("-")."""
    rows: list[list[list[str]]] = []
    row_indent = cell_indent = -1
    for line in lines:
        stripped = line.lstrip()
        indent = len(line) - len(stripped)
        if (begins := _ROW.match(stripped)) and row_indent in (-1, indent):
            row_indent, cell_indent = indent, indent + begins.end()
            rows.append([[_CELL.sub(r"\g<words>", stripped[begins.end() :], count=1)]])
        elif (
            rows and indent == cell_indent and (stripped.startswith(("- ", "* ", "+ ")) or stripped in _SIGNS)
        ):
            rows[-1].append([_CELL.sub(r"\g<words>", stripped, count=1)])
        elif rows and stripped:
            rows[-1][-1].append(_NESTED.sub("", stripped))
    return heads, [[one_line(" ".join(cell)) for cell in row] for row in rows]


def csv_table(lines: Sequence[str], options: dict[str, str]) -> Table:
    """Rows as CSV, the header beside them."""
    marks = {"tab": "\t", "space": " "}
    delimiter = marks.get(options.get("delim", ","), options.get("delim", ",")[:1] or ",")
    quote = options.get("quote", '"')[:1] or '"'

    def read(text: str) -> list[list[str]]:
        reader = csv.reader(io.StringIO(text), delimiter=delimiter, quotechar=quote, skipinitialspace=True)
        try:
            return [[one_line(cell) for cell in row] for row in reader if any(map(str.strip, row))]
        except csv.Error:
            return []

    header = read(options.get("header", ""))
    count = options.get("header-rows", "0")
    return len(header) + (int(count) if count.isdecimal() else 0), header + read("\n".join(lines))


def one_header(heads: int, rows: Sequence[Sequence[str]]) -> list[list[str]]:
    """The rows with their header rows as one: names above each other, each once."""
    if heads < 2:
        return [list(row) for row in rows]
    width = max(map(len, rows))
    columns = [
        [row[place] for row in rows[:heads] if place < len(row) and row[place]] for place in range(width)
    ]
    return [[" / ".join(dict.fromkeys(names)) for names in columns], *(list(row) for row in rows[heads:])]
