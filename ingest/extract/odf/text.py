"""Texts: the body in its order; headers and footers stand with the master pages and are not read."""

from typing import TYPE_CHECKING

from ingest.extract.assembly.building import TextBuilder
from ingest.extract.odf.body.flow import Flow
from ingest.extract.odf.held import Held
from ingest.extract.odf.opening import Opened

if TYPE_CHECKING:
    from lxml.etree import _Element as Element  # type: ignore[import-untyped]


def read_text(opened: Opened, body: "Element") -> Held:
    """The title that it tells: its first Title, else the first of its outermost headings."""
    builder = TextBuilder()
    flow = Flow(opened, builder)
    flow.write(body)
    outermost = min(builder.headings, key=lambda heading: heading.level, default=None)
    first = outermost.title if outermost is not None else ""
    return Held(builder, "the document holds no text", flow.title or first)
