"""Tables as pipe rows: "| a | b |" per row, so that rows and columns survive and a row can be quoted."""

from collections.abc import Iterable, Sequence

from ingest.extract.clean import one_line


def pipe_row(cells: Iterable[str]) -> str:
    """One row; line ends inside a cell become blanks, pipes are escaped as in Markdown."""
    return "| " + " | ".join(one_line(cell).replace("|", "\\|") for cell in cells) + " |"


def pipe_table(rows: Sequence[Sequence[str]]) -> str:
    """Rows padded to one width, a rule below the first as in Markdown; "" when no cell holds anything.

    Columns and rows that are empty throughout (layout, spacing) are left out.
    """
    width = max(map(len, rows), default=0)
    padded = [[*map(one_line, row), *[""] * (width - len(row))] for row in rows]
    columns = [index for index in range(width) if any(row[index] for row in padded)]
    filled = [[row[index] for index in columns] for row in padded if any(row)]
    if not filled:
        return ""
    if len(columns) == 1:
        return "\n".join(row[0] for row in filled)
    head, *body = filled
    return "\n".join([pipe_row(head), "|" + " --- |" * len(columns), *map(pipe_row, body)])
