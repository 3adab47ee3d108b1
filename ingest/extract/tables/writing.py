"""Tables into a document: rows that name their columns themselves, or rows of cells below a header; forms as pairs."""

from collections.abc import Iterable, Sequence
from typing import Literal, TypeAlias, assert_never

from ingest.extract.assembly.building import TextBuilder
from ingest.extract.tables.parts import Columns, Fields, Part, Row, Words
from ingest.extract.tables.rows import pipe_row
from ragchat.documents import Span

Form: TypeAlias = Literal["described", "cells"]
"""described: "Plan: Pro; Price: 20" (sheets, CSV). cells: "| Pro | 20 |" below "| Plan | Price |"."""


def add_parts(
    builder: TextBuilder,
    parts: Iterable[Part],
    form: Form,
    above: Columns | None = None,
    header: Span | None = None,
) -> Span | None:
    """Append what a grid holds; the span of the last header. A table that goes on with the columns of `above` (on the
    page before) has that one's `header`, which is not written again."""
    for part in parts:
        match part:
            case Words():
                builder.block(part.text, "footnote" if part.note else "paragraph")
            case Fields():
                add_pairs(builder, part.pairs)
            case Columns() if form == "described":
                _described(builder, part)
            case Columns():
                goes_on = above is not None and part.names == above.names
                header = _cells(builder, part, header if goes_on else None)
            case _:
                assert_never(part)
    return header


def add_pairs(builder: TextBuilder, pairs: Iterable[tuple[str, str]]) -> None:
    """ "Name: value" lines as a list of pairs."""
    with builder.within("list"):
        for number, (name, value) in enumerate(pairs):
            builder.block(f"{name}: {value}" if value else f"{name}:", "pair", gap="\n" if number else "\n\n")


def _described(builder: TextBuilder, table: Columns) -> None:
    label: Span | None = None
    with builder.within("table"):
        if not table.rows and table.named:
            builder.block("; ".join(filter(None, table.names)), "row")
        for number, row in enumerate(table.rows):
            gap = "\n" if number else "\n\n"
            if row.label:
                label = _label(builder, row, gap)
            else:
                builder.block(described_row(table.names, row.cells), "row", gap=gap, lead=label)


def _label(builder: TextBuilder, row: Row, gap: str) -> Span:
    text = next(filter(None, row.cells))
    start = builder.block(text, "paragraph", gap=gap)
    return Span(start, builder.length)


def described_row(names: Sequence[str], cells: Iterable[str]) -> str:
    """ "Name: value" for each filled cell; a column without a name gives its value alone."""
    parts = []
    for index, cell in enumerate(cells):
        name = names[index] if index < len(names) else ""
        if cell:
            parts.append(f"{name}: {cell}" if name else cell)
    return "; ".join(parts)


def _cells(builder: TextBuilder, table: Columns, header: Span | None) -> Span | None:
    """Rows below the names of their columns; the span of these, None where there are none."""
    with builder.within("table"):
        begun = False
        if table.named and header is None:
            text = f"{pipe_row(table.names)}\n|{' --- |' * len(table.names)}"
            start = builder.block(text, "header")
            header, begun = Span(start, start + len(text)), True
        for row in table.rows:
            cells = (next(filter(None, row.cells)), *[""] * (len(row.cells) - 1)) if row.label else row.cells
            builder.block(pipe_row(cells), "row", gap="\n" if begun else "\n\n", lead=header)
            begun = True
    return header
