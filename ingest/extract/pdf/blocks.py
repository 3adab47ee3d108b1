"""Lines of laid-out pages into blocks: which lines go on with the one before, which are headings, which are tables."""

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from ingest.extract.pdf.headings import Entry, Style, style_of
from ingest.extract.pdf.lines import FINISHED, HYPHEN, ITEM, join_lines
from ingest.extract.pdf.page.layout import Line
from ingest.extract.pdf.widths import full_widths, is_wrapped
from ingest.extract.tables.grid import Grid


@dataclass(slots=True)
class Block:
    """A paragraph, item, note, table or heading (`level` from 1, `title`); `gap` is what parts it from the one before.

    `x0` is its left end in points; a `form` is a table of names and their words.
    """

    text: str
    gap: str = "\n\n"
    level: int = 0
    title: str = ""
    kind: Literal["prose", "heading", "table", "note"] = "prose"
    x0: float = 0.0
    size: float = 0.0
    table: Grid | None = None
    form: bool = False


def document_blocks(
    pages: Sequence[Sequence[Line]], outline: Sequence[Entry], words: Container[str]
) -> list[list[Block]]:
    """Blocks of each page."""
    style = style_of(pages, outline)
    return [list(_page_blocks(page, number, style, words)) for number, page in enumerate(pages)]


def _page_blocks(page: Sequence[Line], number: int, style: Style, words: Container[str]) -> Iterator[Block]:
    reach = full_widths(page)
    block: Block | None = None
    first = above = None
    for index, line in enumerate(page):
        place = (number, index)
        if block is not None and above is not None and first is not None:
            gap = _gap(block, first, above, line, style, reach[index - 1], place)
            if gap is None:
                block.text = join_lines(block.text, line.text, words)
                above = line
                continue
            yield block
        else:
            gap = "\n\n"
        block = _begun(line, gap, style.levels.get(place, 0), style.titles.get(place, ""))
        first = above = line
    if block is not None:
        yield block


def _begun(line: Line, gap: str, level: int, title: str) -> Block:
    if line.table is not None:
        return Block("", kind="table", table=line.table, form=line.form)
    kind: Literal["heading", "note", "prose"] = "heading" if level else "note" if line.note else "prose"
    return Block(line.text, gap, level, title if level else "", kind, line.x0, line.size)


def _gap(
    block: Block,
    first: Line,
    above: Line,
    line: Line,
    style: Style,
    reach: float,
    place: tuple[int, int],
) -> str | None:
    """What parts a line from the block above it; None where the line belongs to it."""
    if place in style.more:
        return None
    if line.table is not None or line.note or block.kind in ("heading", "table") or place in style.levels:
        return "\n\n"
    finished = bool(FINISHED.search(above.text))
    if ITEM.match(line.text):
        return "\n\n" if finished and not ITEM.match(first.text) else "\n"
    if HYPHEN.search(above.text) and line.text[:1].islower():
        return None
    step = (above.y - line.y) / max(above.size, 1.0)
    if step <= 0:  # the next column
        return "\n\n" if finished and not line.text[:1].islower() else None
    if step > 1.25 * style.leading or abs(above.size - line.size) > 0.1 * style.size:
        return "\n\n"
    indent = (line.x0 - above.x0) / max(line.size, 1.0)
    if finished and 0.8 < indent < 6 and (above is not first or not ITEM.match(first.text)):
        return "\n\n"
    if is_wrapped(above, line, reach):
        return None
    long = above.x1 - above.x0 > 0.5 * (reach - above.x0) and above.text.count(" ") >= 3
    if line.text[:1].islower() and long and not finished:
        return None
    return "\n\n" if finished else "\n"
