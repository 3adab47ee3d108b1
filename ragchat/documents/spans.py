"""A stretch of canonical text; everything else that has a place has one of these."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """`[start, end)` in code points; `end > start` for anything quoted."""

    start: int
    end: int

    def __len__(self) -> int:
        return self.end - self.start

    def of(self, text: str) -> str:
        """The characters that the span covers."""
        return text[self.start : self.end]

    def shifted(self, by: int) -> "Span":
        """The same span in a text that starts `by` code points earlier."""
        return Span(self.start + by, self.end + by)
