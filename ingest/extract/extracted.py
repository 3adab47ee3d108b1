"""What an extractor returns, and the builder that keeps offsets right while text is put together."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ingest.extract.clean import clean, one_line
from ragchat.documents import Heading, Scalar


@dataclass(frozen=True, slots=True)
class Extracted:
    """A file's canonical text and what is known about it.

    `pages[i]` is the offset at which page i+1 starts (pages, slides; empty where the format has none); `headings`
    are in text order, each offset at the start of its line. `text` is "" only together with a `reason` for people.
    `notes` tell what was lost though the document as a whole could be read ("page 7 could not be read: ...").
    """

    text: str
    title: str
    media_type: str
    pages: tuple[int, ...] = ()
    headings: tuple[Heading, ...] = ()
    metadata: Mapping[str, Scalar] = field(default_factory=dict)
    reason: str = ""
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class TextBuilder:
    """Puts clean blocks one after the other, a blank line between them; headings become "## Title" lines."""

    parts: list[str] = field(default_factory=list)
    length: int = 0
    pages: list[int] = field(default_factory=list)
    headings: list[Heading] = field(default_factory=list)
    _page_due: bool = False

    def block(self, text: str, *, gap: str = "\n\n") -> int:
        """Append a block, `gap` before it; its offset. Nothing is appended for an empty one."""
        text = clean(text)
        if not text:
            return self.length
        if self.length:
            self._append(gap)
        start = self.length
        if self._page_due:
            self.pages[-1] = start
            self._page_due = False
        self._append(text)
        return start

    def heading(self, level: int, title: str) -> None:
        """Append a heading line and remember it; `level` 1 is the outermost."""
        title = one_line(title)
        if title:
            level = min(max(level, 1), 6)
            start = self.block(f"{'#' * level} {title}")
            self.headings.append(Heading(start, level, title))

    def page(self) -> None:
        """A new page begins with the next block; a page without text starts where the text so far ends."""
        self.pages.append(self.length)
        self._page_due = True

    def _append(self, text: str) -> None:
        self.parts.append(text)
        self.length += len(text)

    @property
    def text(self) -> str:
        """The canonical text so far."""
        return "".join(self.parts)
