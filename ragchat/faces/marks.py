"""Where the numbers of citations stand between words that come piece by piece: after the sentence, and after a table in
a paragraph of their own, since one inside would break it.
"""

from ragchat.answering.events import Citation


def marker(citation: Citation) -> str:
    """The number after a sentence; a question mark where the words do not support it."""
    return f" [{citation.n}]" if citation.verified else f" [{citation.n}?]"


class Marks:
    """The text of one answer with its marks; what the methods return is to be written, in their order."""

    def __init__(self) -> None:
        self._line = ""
        self._held: list[str] = []
        self._blank = ""

    def words(self, words: str) -> str:
        """The next words of the answer."""
        if not self._held:
            return self._written(words)
        if not words.strip():
            self._blank += words  # nobody knows yet whether the table goes on
            return ""
        blank, self._blank = self._blank, ""
        after = blank + words
        goes_on = after.startswith("\n|") or not after.startswith("\n")
        return self._written(after if goes_on else self._released() + after)

    def mark(self, citation: Citation) -> str:
        """A citation of what stands before it."""
        mark = marker(citation)
        if not self._line.lstrip().startswith("|"):
            return self._written(mark)
        if mark not in self._held:
            self._held.append(mark)
        return ""

    def end(self) -> str:
        """When the last words and citations have come."""
        return self._released() if self._held else ""

    def _released(self) -> str:
        marks, self._held = "".join(self._held).strip(), []
        return self._written(f"\n\n{marks}")

    def _written(self, words: str) -> str:
        self._line = (self._line + words).rpartition("\n")[2]
        return words
