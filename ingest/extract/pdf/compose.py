"""Blocks of PDF pages into a document: pages, headings, tables, and items that follow one another as lists.

A list goes on over the end of a page, and so does a table; a sentence that runs over it is parted by one line end only.
"""

import re
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Final

from ingest.extract.assembly.building import TextBuilder
from ingest.extract.pdf.blocks import Block
from ingest.extract.pdf.lines import ITEM
from ingest.extract.tables.parts import Columns, Fields, parts_of
from ingest.extract.tables.writing import add_parts
from ragchat.documents import BlockKind, Span

INDENT: Final = 0.8
"""Distance of left ends, in font sizes, from which on an item is one of a deeper list."""
_SENTENCE_END: Final = re.compile(r"[.!?:;。！？؟।][\"'”’)\]]*$")
_NUMBER: Final = re.compile(r"\s*\(?(?:\d{1,3}|[a-zA-Z])[.)]")


def compose(builder: TextBuilder, pages: Sequence[Sequence[Block]]) -> None:
    """Appends the pages one after the other."""
    composer = _Composer(builder)
    for page in pages:
        builder.page()
        for number, block in enumerate(page):
            composer.add(block, first=number == 0)
    composer.end_lists()


@dataclass(slots=True)
class _List:
    """A list that is open, with its open item."""

    kind: BlockKind
    x0: float
    stack: ExitStack
    item: ExitStack


class _Composer:
    def __init__(self, builder: TextBuilder) -> None:
        self._builder = builder
        self._lists: list[_List] = []
        self._unfinished = False
        self._table: tuple[Columns, Span | None] | None = None
        """The table right above, and its header: one at the top of the next page may go on with it."""

    def add(self, block: Block, *, first: bool) -> None:
        """The next block of a page, `first` on it."""
        continues = self._unfinished and first and block.kind == "prose" and block.text[:1].islower()
        self._unfinished = block.kind == "prose" and not _SENTENCE_END.search(block.text)
        kind = _item_kind(block)
        if kind is None:
            self.end_lists()
        if block.kind != "table" or not first:
            self._table = None
        match block.kind:
            case "heading":
                self._builder.heading(block.level, block.title or block.text, block.text)
            case "table":
                self._add_table(block)
            case "note":
                self._builder.block(block.text, "footnote", gap=block.gap)
            case "prose" if kind is not None:
                self._item(block, kind)
            case "prose":
                gap = "\n" if continues else "\n\n" if first else block.gap
                self._builder.block(block.text, gap=gap)

    def _add_table(self, block: Block) -> None:
        assert block.table is not None
        if block.form:
            add_parts(self._builder, [Fields(tuple((row[0], row[1]) for row in block.table.rows))], "cells")
            return
        above, header = self._table or (None, None)
        parts = list(parts_of(block.table, above))
        header = add_parts(self._builder, parts, "cells", above, header)
        last = parts[-1] if parts else None
        self._table = (last, header) if isinstance(last, Columns) else None

    def _item(self, block: Block, kind: BlockKind) -> None:
        """An item of the list whose items begin where it does; one further right opens a list in the item above."""
        step = INDENT * max(block.size, 1.0)
        gap = "\n" if self._lists else block.gap
        while self._lists and self._lists[-1].x0 > block.x0 + step:
            self._leave()
        if self._lists and block.x0 <= self._lists[-1].x0 + step:
            if self._lists[-1].kind != kind:
                self._leave()
            else:
                self._lists[-1].item.close()
        if not self._lists or block.x0 > self._lists[-1].x0 + step:
            stack = ExitStack()
            stack.enter_context(self._builder.within("list"))
            self._lists.append(_List(kind, block.x0, stack, ExitStack()))
        self._lists[-1].item.enter_context(self._builder.within(kind))
        self._builder.write(block.text, gap=gap)

    def _leave(self) -> None:
        done = self._lists.pop()
        done.item.close()
        done.stack.close()

    def end_lists(self) -> None:
        """No further item follows."""
        while self._lists:
            self._leave()


def _item_kind(block: Block) -> BlockKind | None:
    if block.kind != "prose" or not ITEM.match(block.text):
        return None
    return "step" if _NUMBER.match(block.text) else "item"
