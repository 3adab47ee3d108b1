"""Lists of formats that have none: paragraphs with a level each (Word, PowerPoint) become lists inside one another."""

from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Final

from ingest.extract.assembly.listing import Listing

BULLET: Final = "-"


@dataclass(slots=True)
class _Level:
    """An open list with its open item; `place` is the level that its paragraphs have in the file."""

    place: int
    numbered: bool
    around: ExitStack = field(default_factory=ExitStack)
    item: ExitStack = field(default_factory=ExitStack)


class LevelledLists:
    """Opens and closes lists as the levels of the paragraphs go up and down; `close` before anything else follows."""

    def __init__(self, listing: Listing) -> None:
        self.listing = listing
        self._open: list[_Level] = []

    @property
    def depth(self) -> int:
        """How many lists are open."""
        return len(self._open)

    def item(self, level: int, marker: str, text: str) -> None:
        """An item; levels that were skipped are not opened, numbers after bullets are a new list."""
        numbered = marker != BULLET
        while self._open and self._open[-1].place > level:
            self._leave()
        if self._open and self._open[-1].place == level and self._open[-1].numbered is not numbered:
            self._leave()
        if self._open and self._open[-1].place == level:
            self._open[-1].item.close()
        else:
            self._open.append(_Level(level, numbered))
            self._open[-1].around.enter_context(self.listing.list())
        self._open[-1].item.enter_context(self.listing.item(f"{marker} ", "step" if numbered else "item"))
        self.listing.paragraph(text)

    def close(self) -> None:
        """All lists end."""
        while self._open:
            self._leave()

    def _leave(self) -> None:
        level = self._open.pop()
        level.item.close()
        level.around.close()
