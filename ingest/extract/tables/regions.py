"""A sheet's cells taken apart into tables: by blank rows, and by blank columns where both sides are tables."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, TypeAlias

from ingest.extract.tables.grid import Grid, Place
from ingest.extract.tables.shapes import is_value, shape_of

Area: TypeAlias = tuple[int, int, int, int]
"""First row, first column, last row, last column, from 0."""

MOST_COLUMNS: Final = 2000
"""Filled columns of a sheet that are read."""


@dataclass(frozen=True, slots=True)
class SheetCells:
    """Texts by row and column: only filled cells are held, however far away they are. What is hidden is no blank row
    or column; `tables` are areas that the sheet itself calls so. `covered` and `strong` as in Grid."""

    cells: Mapping[int, Mapping[int, str]]
    covered: Collection[Place] = frozenset()
    strong: Collection[Place] = frozenset()
    tables: Sequence[Area] = ()
    hidden_rows: Collection[int] = frozenset()
    hidden_columns: Collection[int] = frozenset()


def regions(sheet: SheetCells) -> Iterator[Grid]:
    """Each table with its titles, from top to bottom."""
    edges = {row for area in sheet.tables for row in (area[0], area[2] + 1)}
    inside = {row for first, _, last, _ in sheet.tables for row in range(first + 1, last + 1)}
    run: list[int] = []
    for row in sorted(row for row, held in sheet.cells.items() if held):
        if run and row not in inside and (row in edges or _has_gap(run[-1], row, sheet.hidden_rows)):
            yield from _side_by_side(sheet, run)
            run = []
        run.append(row)
    if run:
        yield from _side_by_side(sheet, run)


def _has_gap(before: int, after: int, hidden: Collection[int]) -> bool:
    """Whether a row or column lies between two that is seen and holds nothing."""
    return any(between not in hidden for between in range(before + 1, after))


def _side_by_side(sheet: SheetCells, rows: Sequence[int]) -> Iterator[Grid]:
    columns = sorted({column for row in rows for column in sheet.cells[row]})[:MOST_COLUMNS]
    groups: list[list[int]] = [[columns[0]]]
    for before, column in pairwise(columns):
        if _has_gap(before, column, sheet.hidden_columns):
            groups.append([])
        groups[-1].append(column)
    if len(groups) == 1 or not _are_apart(sheet, rows, groups):
        groups = [columns]
    for group in groups:
        held = [row for row in rows if any(column in sheet.cells[row] for column in group)]
        yield _grid(sheet, held, group)


def _are_apart(sheet: SheetCells, rows: Sequence[int], groups: Sequence[Sequence[int]]) -> bool:
    """Whether blank columns part tables: each side has two columns, and other rows or the same names as another."""
    if any(len(group) < 2 for group in groups):
        return False
    spans, names = set(), list[str]()
    for group in groups:
        held = [row for row in rows if any(column in sheet.cells[row] for column in group)]
        spans.add((held[0], held[-1]))
        full = next((row for row in held if sum(column in sheet.cells[row] for column in group) > 1), held[0])
        names += [sheet.cells[full][column].casefold() for column in group if column in sheet.cells[full]]
    return (
        len(spans) > 1
        or len(set(names)) < len(names)
        or all(_begins_with_names(sheet, rows, g) for g in groups)
    )


def _begins_with_names(sheet: SheetCells, rows: Sequence[int], group: Sequence[int]) -> bool:
    """Whether the first column tells what each row is about: a spare column inside of a table has values behind it."""
    texts = [sheet.cells[row].get(group[0], "") for row in rows]
    distinct = len(set(texts)) == len(texts) > 2
    return distinct and all(text and not is_value(shape_of(text)) for text in texts)


def _grid(sheet: SheetCells, rows: Sequence[int], columns: Sequence[int]) -> Grid:
    texts = [[sheet.cells[row].get(column, "") for column in columns] for row in rows]
    places = [(row, column) for row in range(len(rows)) for column in range(len(columns))]

    def of(marked: Collection[Place]) -> Iterator[Place]:
        return ((row, column) for row, column in places if marked and (rows[row], columns[column]) in marked)

    return Grid.of(texts, of(sheet.covered), of(sheet.strong))
