"""What a command prints and where: results on stdout, progress and errors on stderr, no ANSI without a terminal."""

import sys
from typing import TYPE_CHECKING

from ragchat.errors import RagchatError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console


def out() -> "Console":
    """The console for results."""
    from rich.console import Console

    return Console(soft_wrap=not sys.stdout.isatty(), highlight=False)


def err() -> "Console":
    """The console for progress and logs."""
    from rich.console import Console

    return Console(stderr=True, highlight=False, soft_wrap=not sys.stderr.isatty())


def print_json(value: object) -> None:
    """One JSON object on stdout, on one line, real characters."""
    import json

    sys.stdout.write(json.dumps(value, ensure_ascii=False, default=str) + "\n")


def print_table(headings: "Iterable[str]", rows: "Iterable[Iterable[object]]") -> None:
    """A plain table on stdout; columns keep their order, numbers align right."""
    from rich.box import SIMPLE
    from rich.table import Table

    table = Table(box=SIMPLE, pad_edge=False)
    cells = [list(row) for row in rows]
    for column, heading in enumerate(headings):
        numeric = bool(cells) and all(isinstance(row[column], int | float) for row in cells)
        table.add_column(heading, justify="right" if numeric else "left", overflow="fold")
    for row in cells:
        table.add_row(*(str(cell) for cell in row))
    out().print(table)


def print_error(error: RagchatError) -> None:
    """The error and its next step, for a person, on stderr."""
    from rich.markup import escape

    console = err()
    console.print(f"[bold red]error:[/] {escape(error.message)}")
    if error.hint:
        console.print(f"  {escape(error.hint)}")


def size(count: float) -> str:
    """Bytes for people: 532 B, 12.3 kB, 4.0 GB (powers of 1,000)."""
    for unit in ("B", "kB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"
