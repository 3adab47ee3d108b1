"""Paragraphs and items as lines of Markdown, for formats that know their lists: markers, indents, gaps.

An item's first paragraph is written behind its marker and is its own words; anything further is part of it.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from ingest.extract.assembly.building import TextBuilder
from ragchat.documents import BlockKind, Span

INDENT = "    "


class Listing:
    """Writes into a builder; `depth` is the number of lists around the next paragraph."""

    def __init__(self, builder: TextBuilder) -> None:
        self.builder = builder
        self.depth = 0
        self._marker = ""
        self._said = True
        self._tight = False

    def paragraph(self, text: str) -> None:
        """A paragraph; inside of a list on one line, as an item's own words where they are due."""
        if not text.strip():
            return
        if not self.depth:
            self.builder.block(text)
            self._tight = False
            return
        indent = INDENT * (self.depth - 1)
        own = bool(self._marker) or not self._said
        line = f"{indent}{self._marker or '  '}{' '.join(text.split())}"
        self._marker, self._said = "", True
        gap = "\n" if self._tight else "\n\n"
        if own and self.builder.inside("item", "step"):
            self.builder.write(line, gap=gap)
        else:
            self.builder.block(line, gap=gap)
        self._tight = True

    def line(self, text: str, kind: BlockKind) -> None:
        """A block of one line that follows others of its kind without a gap (pairs)."""
        self.builder.block(text, kind, gap="\n" if self._tight else "\n\n")
        self._tight = True

    def apart(self) -> None:
        """What follows has a blank line before it."""
        self._tight = False

    @contextmanager
    def list(self) -> Iterator[None]:
        """A list around its items."""
        if not self.depth:
            self._tight = False
        self.depth += 1
        with self.builder.within("list"):
            yield
        self.depth -= 1
        if not self.depth:
            self._tight = False

    @contextmanager
    def item(self, marker: str, kind: BlockKind) -> Iterator[None]:
        """An item around its words and parts; `marker` with the blank behind it."""
        self._marker, self._said = marker, False
        with self.builder.within(kind):
            yield
        self._marker, self._said = "", True

    @contextmanager
    def panel(self, title: str) -> Iterator[None]:
        """A title and what belongs to it, as a question and its answer; written as at the top of the text."""
        outer, self.depth = self.depth, 0
        self._tight = False
        start = self.builder.block(title, "question")
        with self.builder.within("answer", lead=Span(start, self.builder.length)):
            yield
        self.depth, self._tight = outer, False
