"""Tables as pipe rows: "| a | b |" per row, so that rows and columns survive and a row can be quoted."""

from collections.abc import Iterable, Sequence

from ingest.extract.assembly.building import TextBuilder
from ingest.extract.clean import one_line
from ragchat.documents import Span


def pipe_row(cells: Iterable[str]) -> str:
    """One row; line ends inside a cell become blanks, pipes are escaped as in Markdown."""
    return "| " + " | ".join(one_line(cell).replace("|", "\\|") for cell in cells) + " |"


def add_table(builder: TextBuilder, rows: Sequence[Sequence[str]]) -> None:
    """A table with its first row as header, each other row led by it; a single column is a list of paragraphs."""
    lines = pipe_lines(rows)
    if not lines:
        return
    if not lines[0].startswith("|"):
        builder.block("\n".join(lines))
        return
    with builder.within("table"):
        header = "\n".join(lines[:2])
        start = builder.block(header, "header")
        span = Span(start, start + len(header))
        for line in lines[2:]:
            builder.block(line, "row", gap="\n", lead=span)


def pipe_table(rows: Sequence[Sequence[str]]) -> str:
    """The lines of `pipe_lines`."""
    return "\n".join(pipe_lines(rows))


def pipe_lines(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows padded to one width, a rule below the first as in Markdown; none when no cell holds anything.

    Columns and rows that are empty throughout (layout, spacing) are left out.
    """
    width = max(map(len, rows), default=0)
    padded = [[*map(one_line, row), *[""] * (width - len(row))] for row in rows]
    columns = [index for index in range(width) if any(row[index] for row in padded)]
    filled = [[row[index] for index in columns] for row in padded if any(row)]
    if not filled:
        return []
    if len(columns) == 1:
        return [row[0] for row in filled]
    head, *body = filled
    return [pipe_row(head), "|" + " --- |" * len(columns), *map(pipe_row, body)]
