"""CSV and TSV: one line per row, "Header: value; Header: value", under the table's name as heading.

Each row names its columns itself, so that a quoted row is understood alone and a question's words ("price", "plan")
stand beside the values they ask for; pipe rows would leave the header in another chunk. Empty cells are left out.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from ingest.extract.building import TextBuilder
from ingest.extract.charset import decode
from ingest.extract.clean import clean_characters, humanised
from ingest.extract.extracted import Extracted

DELIMITERS: Final = ",;\t|"
SAMPLE: Final = 64_000
_NUMBER: Final = re.compile(r"[-+(]?[\d.,\s'%$€£¥:/-]*\d[\d.,\s'%$€£¥)]*")


def extract(data: bytes, name: str) -> Extracted:
    """Rows in file order; a title or note above the header stays a paragraph of its own."""
    text = clean_characters(decode(data)).lstrip("\n")
    title = humanised(name)
    media_type = "text/tab-separated-values" if name.lower().endswith(".tsv") else "text/csv"
    builder = TextBuilder()
    builder.heading(1, title)
    before = builder.length
    add_described(builder, described(parsed(text)))
    if builder.length == before:
        return Extracted("", title, media_type, reason="the table is empty")
    return Extracted(builder.text, title, media_type, headings=tuple(builder.headings), blocks=builder.blocks)


def add_described(builder: TextBuilder, lines: Iterable[str]) -> None:
    """A table of rows that name their columns themselves."""
    with builder.within("table"):
        for number, line in enumerate(lines):
            builder.block(line, "row", gap="\n" if number else "\n\n")


def parsed(text: str) -> list[list[str]]:
    """Rows of one-line cells, blank rows left out; an unbalanced quote does not swallow the rest of the file."""
    delimiter = delimiter_of(text)
    try:
        rows = list(_rows(text, delimiter, csv.QUOTE_MINIMAL))
        if not any(cell.count("\n") > 200 for row in rows for cell in row):
            return [[" ".join(cell.split()) for cell in row] for row in rows if any(map(str.strip, row))]
    except csv.Error:
        pass
    return [
        [" ".join(cell.split()) for cell in row]
        for row in _rows(text, delimiter, csv.QUOTE_NONE)
        if any(map(str.strip, row))
    ]


def _rows(text: str, delimiter: str, quoting: int) -> Iterator[list[str]]:
    csv.field_size_limit(max(csv.field_size_limit(), len(text)))
    return csv.reader(io.StringIO(text), delimiter=delimiter, quoting=quoting, skipinitialspace=True)  # type: ignore[arg-type]


def delimiter_of(text: str) -> str:
    """The delimiter under which most sampled rows have the same number (> 1) of cells; a comma when none does."""
    sample = text[:SAMPLE]
    if len(text) > SAMPLE:
        sample = sample.rpartition("\n")[0]
    return max(DELIMITERS, key=lambda delimiter: _agreement(sample, delimiter))


def _agreement(sample: str, delimiter: str) -> tuple[float, int]:
    try:
        widths = Counter(len(row) for row in _rows(sample, delimiter, csv.QUOTE_MINIMAL) if row)
    except csv.Error:
        return 0.0, 0
    width, count = max(widths.items(), key=lambda item: (item[0] > 1, item[1]), default=(1, 0))
    return (count / widths.total(), width) if width > 1 else (0.0, 0)


def described(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Each row as a line that names its columns; rows above the header are given as they are."""
    start = header_index(rows)
    for row in rows[:start]:
        yield "; ".join(filter(None, row))
    if start >= len(rows):
        return
    header = rows[start]
    names = list(header) if is_header(header, rows[start + 1 :]) else []
    if names and len(rows) == start + 1:
        yield "; ".join(filter(None, names))
    for row in rows[start + bool(names) :]:
        if line := described_row(names, row):
            yield line


def described_row(names: Sequence[str], row: Iterable[str]) -> str:
    """ "Name: value" for each filled cell; a column without a name gives its value alone."""
    named = [*names]
    cells = []
    for index, cell in enumerate(row):
        name = named[index] if index < len(named) else ""
        if cell:
            cells.append(f"{name}: {cell}" if name else cell)
    return "; ".join(cells)


def header_index(rows: Sequence[Sequence[str]]) -> int:
    """Where the table begins: the first row with more than one filled cell; a title may stand above it."""
    filled = [sum(map(bool, row)) for row in rows[:50]]
    if not filled or max(filled) < 2:
        return 0
    return next(index for index, count in enumerate(filled) if count > 1)


def is_header(row: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Names, not values: distinct, short and no numbers; with nothing below, still a header."""
    names = [cell for cell in row if cell]
    if not names or len(set(names)) < len(names) or any(map(_NUMBER.fullmatch, names)):
        return False
    return not below or all(len(name) <= 100 for name in names)
