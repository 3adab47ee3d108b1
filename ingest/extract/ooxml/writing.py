"""What is drawn in Word and PowerPoint alike, as blocks: SmartArt as a list, charts as tables."""

from typing import TYPE_CHECKING

from ingest.extract.assembly.building import TextBuilder
from ingest.extract.assembly.levels import BULLET, LevelledLists
from ingest.extract.assembly.listing import Listing
from ingest.extract.ooxml.drawings.charts import chart_rows, chart_title
from ingest.extract.ooxml.drawings.diagrams import diagram_lines
from ingest.extract.tables.grid import Grid
from ingest.extract.tables.parts import parts_of
from ingest.extract.tables.writing import add_parts

if TYPE_CHECKING:
    from lxml.etree import _Element as Element  # type: ignore[import-untyped]


def add_diagram(builder: TextBuilder, root: "Element") -> None:
    """The words of SmartArt as a list."""
    lists = LevelledLists(Listing(builder))
    for level, words in diagram_lines(root):
        lists.item(level, BULLET, words)
    lists.close()


def add_chart(builder: TextBuilder, root: "Element") -> None:
    """The title and the numbers of a chart."""
    builder.block(chart_title(root))
    add_parts(builder, parts_of(Grid.of(chart_rows(root), heads=1)), "cells")
