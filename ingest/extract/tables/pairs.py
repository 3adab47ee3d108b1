"""Tables that are forms: each row a name and its value, so that no row names the columns."""

from collections import Counter
from typing import Final, TypeAlias

from ingest.extract.tables.grid import Grid
from ingest.extract.tables.headers import evidence
from ingest.extract.tables.shapes import CODE, DATE, EMPTY, WORDS, YEAR, is_value, shape_of

Pair: TypeAlias = tuple[str, str]

LONGEST_KEY: Final = 60
MIXED: Final = 3
"""Values below the first that can be of many kinds."""
ONE_KIND: Final = 0.7
"""Share of a column's cells from which on they are of one kind."""


def pairs_of(grid: Grid) -> list[Pair]:
    """The names and values of a form, empty for a table with columns. Forms may have several pairs side by side."""
    if grid.heads or not grid.rows or grid.covered:
        return []
    if grid.width == 2 and _is_form(grid):
        return [(_key(name), value) for name, value in grid.rows]
    if grid.width >= 2 and grid.width % 2 == 0 and _has_colons(grid):
        return [
            (_key(row[column]), row[column + 1])
            for row in grid.rows
            for column in range(0, grid.width, 2)
            if row[column]
        ]
    return []


def _key(name: str) -> str:
    return name.strip().rstrip(":").rstrip()


def _has_colons(grid: Grid) -> bool:
    """Whether what stands in every other column ends like a field's name."""
    names = [row[column] for row in grid.rows for column in range(0, grid.width, 2) if row[column]]
    return bool(names) and sum(name.rstrip().endswith(":") for name in names) * 3 >= len(names) * 2


def _is_form(grid: Grid) -> bool:
    names, values = [row[0] for row in grid.rows], [row[1] for row in grid.rows]
    if not all(names) or len(set(names)) < len(names) or max(map(len, names)) > LONGEST_KEY:
        return False
    if _has_colons(grid):
        return True
    if len(grid.rows) < 2 or any(is_value(shape_of(name)) for name in names) or _is_running(names):
        return False
    strong = [(row, 0) in grid.strong for row in range(len(names))]
    if all(strong) and not any((row, 1) in grid.strong for row in range(len(names))):
        return True
    if grid.is_strong(0) and not all(strong):
        return False
    return _is_value_above(values, grid)


def _is_running(names: list[str]) -> bool:
    """Codes that count ("E1", "E2"): a column of things, not names of fields."""
    shapes = [shape_of(name) for name in names]
    return sum(shape == CODE for shape in shapes) * 2 > len(shapes)


def _is_value_above(values: list[str], grid: Grid) -> bool:
    """Whether already the first row has a value: it looks like one, or the values are of many kinds."""
    first, *rest = [shape_of(value) for value in values]
    kinds = Counter(shape for shape in rest if shape)
    mixed = len(rest) >= MIXED and bool(kinds) and max(kinds.values()) < ONE_KIND * kinds.total()
    if first in (WORDS, EMPTY):
        return mixed and (kinds.most_common(1)[0][0] != WORDS or len(kinds) > 2)
    if evidence(grid, 0) != "names":
        return True
    return mixed if first in (YEAR, DATE) else is_value(first) or len(kinds) > 1
