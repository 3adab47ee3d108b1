"""Blocks of PDF pages into a document: pages, headings, tables, and items that follow one another as lists.

A list goes on over the end of a page; a sentence that runs over it is parted by one line end only.
"""

import re
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Final

from ingest.extract.building import TextBuilder
from ingest.extract.pdf.blocks import Block
from ingest.extract.pdf.lines import ITEM
from ragchat.documents import BlockKind, Span

_SENTENCE_END: Final = re.compile(r"[.!?:;。！？؟।][\"'”’)\]]*$")
_NUMBER: Final = re.compile(r"\s*\(?(?:\d{1,3}|[a-zA-Z])[.)]")


def compose(builder: TextBuilder, pages: Sequence[Sequence[Block]]) -> None:
    """Appends the pages one after the other."""
    composer = _Composer(builder)
    for page in pages:
        builder.page()
        for number, block in enumerate(page):
            composer.add(block, first=number == 0)
    composer.end_list()


class _Composer:
    def __init__(self, builder: TextBuilder) -> None:
        self._builder = builder
        self._list = ExitStack()
        self._listing: BlockKind | None = None
        self._unfinished = False

    def add(self, block: Block, *, first: bool) -> None:
        """The next block of a page, `first` on it."""
        continues = self._unfinished and first and block.kind == "prose" and block.text[:1].islower()
        self._unfinished = block.kind == "prose" and not _SENTENCE_END.search(block.text)
        kind = _item_kind(block)
        if kind is None:
            self.end_list()
        match block.kind:
            case "heading":
                self._builder.heading(block.level, block.title or block.text, block.text)
            case "table":
                _add_table(self._builder, block.text)
            case "prose" if kind is not None:
                self._item(block, kind)
            case "prose":
                gap = "\n" if continues else "\n\n" if first else block.gap
                self._builder.block(block.text, gap=gap)

    def _item(self, block: Block, kind: BlockKind) -> None:
        if self._listing != kind:
            self.end_list()
        gap = "\n" if self._listing else block.gap
        if self._listing is None:
            self._list.enter_context(self._builder.within("list"))
            self._listing = kind
        self._builder.block(block.text, kind, gap=gap)

    def end_list(self) -> None:
        """No further item follows."""
        self._list.close()
        self._listing = None


def _item_kind(block: Block) -> BlockKind | None:
    if block.kind != "prose" or not ITEM.match(block.text):
        return None
    return "step" if _NUMBER.match(block.text) else "item"


def _add_table(builder: TextBuilder, text: str) -> None:
    """A table that was laid out already: its header with the rule below it, its rows."""
    lines = text.split("\n")
    if len(lines) < 3 or not lines[1].startswith("| ---"):
        builder.block(text)
        return
    header = "\n".join(lines[:2])
    with builder.within("table"):
        start = builder.block(header, "header")
        for line in lines[2:]:
            builder.block(line, "row", gap="\n", lead=Span(start, start + len(header)))
