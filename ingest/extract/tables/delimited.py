"""Rows of delimited text: which sign parts the cells, and quotes that people left open.

A quote that is never closed costs its own row: the lines below it would have been rows by themselves. Linear in the
length of the text, whatever it holds.
"""

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

DELIMITERS: Final = "\t;|,"
"""The likelier sign of two that part the rows alike first: commas stand in words as well."""
SAMPLE: Final = 64_000
"""Characters that the delimiter is told by."""
MOST_LINES: Final = 60
"""Lines of a quoted cell at most."""
ENOUGH: Final = 0.5
"""Share of the rows that a delimiter has to part."""
_SEPARATOR_LINE: Final = re.compile(r"sep=(.)\n", re.IGNORECASE)


def delimited_rows(text: str) -> list[list[str]]:
    """The cells of each row as they are written, quotes resolved; blank lines are empty rows."""
    if told := _SEPARATOR_LINE.match(text):
        return list(_rows(text[told.end() :].split("\n"), told[1]))
    delimiter = delimiter_of(text)
    if not delimiter:
        return [_unquoted_line(line) for line in text.split("\n")]
    return list(_rows(text.split("\n"), delimiter))


def _unquoted_line(line: str) -> list[str]:
    line = line.strip()
    return [line[1:-1].replace('""', '"') if len(line) > 1 and line[0] == line[-1] == '"' else line]


def delimiter_of(text: str) -> str:
    """The sign under which most sampled rows have the same number (> 1) of cells; "" where most have a single cell."""
    sample = text[:SAMPLE]
    if len(text) > SAMPLE:
        sample = sample.rpartition("\n")[0]
    scores = {delimiter: _agreement(sample, delimiter) for delimiter in DELIMITERS}
    if scores["\t"][0] == 1:
        return "\t"
    best = max(scores, key=lambda delimiter: scores[delimiter])
    return best if scores[best][0] > 0 else ""


def _agreement(sample: str, delimiter: str) -> tuple[float, int]:
    widths = Counter(len(row) for row in _rows(sample.split("\n"), delimiter) if any(row))
    parted = Counter({width: count for width, count in widths.items() if width > 1})
    if not parted or parted.total() < ENOUGH * widths.total():
        return 0.0, 0
    width, count = max(parted.items(), key=lambda item: (item[1], item[0]))
    return count / widths.total(), width


def _rows(lines: Sequence[str], delimiter: str) -> Iterator[list[str]]:
    """Rows, those over several lines too."""
    csv.field_size_limit(max(csv.field_size_limit(), 2**31 - 1))
    usual = _usual_width(lines, delimiter)
    index = 0
    while index < len(lines):
        length = _length(lines, index, delimiter, usual)
        if not length:
            yield _open_row(lines[index], delimiter)
        elif not lines[index].strip():
            yield []
        else:
            yield _parsed("\n".join(lines[index : index + length]), delimiter)
        index += length or 1


def _usual_width(lines: Sequence[str], delimiter: str) -> int:
    counts = Counter(line.count(delimiter) + 1 for line in lines[:500] if delimiter in line)
    return counts.most_common(1)[0][0] if counts else 2


def _length(lines: Sequence[str], start: int, delimiter: str, usual: int) -> int:
    """How many lines the row that begins here has; 0 where its quote is never closed."""
    if not _is_open(lines[start], delimiter, False):
        return 1
    whole = 0
    for number, line in enumerate(lines[start + 1 : start + MOST_LINES], 1):
        if not _is_open(line, delimiter, True):
            return number + 1
        if line.count(delimiter) + 1 == usual:
            whole += 1
            if whole > 1:
                return 0  # rows, not lines of a cell
    return 0


def _is_open(line: str, delimiter: str, quoted: bool) -> bool:
    """Whether a line ends inside of a quoted cell. A quote opens one at the start of a cell only, and closes it at the
    end of one."""
    if '"' not in line:
        return quoted
    begins = not quoted
    at = 0
    while at < len(line):
        sign = line[at]
        if quoted and sign == '"':
            if line[at + 1 : at + 2] == '"':
                at += 1
            elif _ends_cell(line, at + 1, delimiter):
                quoted = False
        elif not quoted:
            quoted = begins and sign == '"'
            begins = not quoted and (sign == delimiter or (begins and sign == " "))
        at += 1
    return quoted


def _ends_cell(line: str, at: int, delimiter: str) -> bool:
    while at < len(line) and line[at] == " " != delimiter:
        at += 1
    return at == len(line) or line[at] == delimiter


def _parsed(record: str, delimiter: str) -> list[str]:
    try:
        rows = list(csv.reader([record], delimiter=delimiter, skipinitialspace=True, strict=True))
    except csv.Error:
        closed = re.sub(
            rf'" +(?={re.escape(delimiter)}|$)', '"', record
        )  # blanks between a quote and the next cell
        return _parsed(closed, delimiter) if closed != record else _open_row(record, delimiter)
    return rows[0] if len(rows) == 1 else _open_row(record, delimiter)


def _open_row(line: str, delimiter: str) -> list[str]:
    """A row whose quotes do not pair: each cell as it stands, without the quote that opens it."""
    return [_bare(cell) for cell in line.split(delimiter)]


def _bare(cell: str) -> str:
    cell = cell.strip()
    if cell.startswith('"'):
        cell = cell[1:-1] if len(cell) > 1 and cell.endswith('"') and not cell.endswith('""') else cell[1:]
    return cell.replace('""', '"')
