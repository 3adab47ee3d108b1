"""The numbers that a chart shows, as a table with a row per category, from the values stored in its XML."""

from itertools import zip_longest
from typing import TYPE_CHECKING, Final

from ingest.extract.clean import one_line
from ingest.extract.ooxml.formats import shown_number
from ingest.extract.ooxml.names import A, C

if TYPE_CHECKING:
    from lxml.etree import _Element as Element  # type: ignore[import-untyped]

MOST_POINTS: Final = 5000
"""Points of a series that are read."""


def chart_title(root: "Element") -> str:
    """The title that the chart shows, "" for none."""
    title = root.find(f"{C}chart/{C}title")
    return (
        one_line("".join(node.text or "" for node in title.iter(A + "t", C + "v")))
        if title is not None
        else ""
    )


def chart_rows(root: "Element") -> list[list[str]]:
    """A header row with the names of the series, then a row per category; empty for a chart without stored values."""
    columns: list[list[str]] = []
    categories: list[str] = []
    for series in root.iter(C + "ser"):
        name = " ".join(filter(None, _points(series.find(C + "tx"))))
        first = series.find(C + "cat")
        categories = categories or _points(first if first is not None else series.find(C + "xVal"))
        values = series.find(C + "val")
        columns.append([name, *_points(values if values is not None else series.find(C + "yVal"))])
    return [list(row) for row in zip_longest(["", *categories], *columns, fillvalue="")] if columns else []


def _points(node: "Element | None") -> list[str]:
    """The cached points below a node by their place; numbers in their format. Of nested categories the innermost."""
    if node is None:
        return []
    level = next(node.iter(C + "lvl"), node)
    code = next(node.iter(C + "formatCode"), None)
    numeric = next(node.iter(C + "numCache", C + "numLit"), None) is not None
    found: dict[int, str] = {}
    for number, point in enumerate(level.iter(C + "pt")):
        place = int(point.get("idx") or number)
        text = point.findtext(C + "v") or ""
        if place < MOST_POINTS:
            found[place] = (
                _shown(text, (code.text if code is not None else None) or "General")
                if numeric
                else one_line(text)
            )
    if not found:
        return [one_line(value.text or "") for value in level.iter(C + "v")]
    return [found.get(place, "") for place in range(max(found) + 1)]


def _shown(text: str, code: str) -> str:
    try:
        return shown_number(float(text), code)
    except ValueError:
        return one_line(text)
