"""Taking out what reasoning models think aloud (<think>…</think>), however the stream was cut.

It is neither shown nor checked. An unclosed thought reaches to the end; a closing tag alone is dropped. What is
held back is never longer than a tag.
"""

import re
from dataclasses import dataclass
from typing import Final

_NAMES: Final = ("think", "thinking", "reasoning", "thought")
_OPEN: Final = re.compile(rf"<(?:{'|'.join(_NAMES)})>", re.I)
_CLOSE: Final = re.compile(rf"</(?:{'|'.join(_NAMES)})>", re.I)
_TAGS: Final = tuple(f"<{slash}{name}>" for name in _NAMES for slash in ("", "/"))
_LONGEST: Final = max(map(len, _TAGS))


@dataclass(slots=True)
class Thinking:
    """Feed it the stream; joined, what it gives is the text without thoughts."""

    _buffer: str = ""
    _inside: bool = False
    _after: bool = False

    def feed(self, text: str) -> str:
        """What is certain by now."""
        self._buffer += text
        said: list[str] = []
        while (match := self._next()) is not None:
            said.append(self._outside(self._buffer[: match.start()]))
            self._inside = not match.group().startswith("</")
            self._after = True
            self._buffer = self._buffer[match.end() :]
        ready = len(self._buffer) - self._held()
        said.append(self._outside(self._buffer[:ready]))
        self._buffer = self._buffer[ready:]
        return "".join(said)

    def flush(self) -> str:
        """The rest; the stream is over."""
        rest, self._buffer = self._buffer, ""
        return self._outside(rest)

    def _outside(self, text: str) -> str:
        """The text, unless it is thought; without the blanks between a tag and what follows."""
        if self._inside:
            return ""
        text = text.lstrip() if self._after else text
        self._after = self._after and not text
        return text

    def _next(self) -> re.Match[str] | None:
        if self._inside:
            return _CLOSE.search(self._buffer)
        found = [match for match in (_OPEN.search(self._buffer), _CLOSE.search(self._buffer)) if match]
        return min(found, key=lambda match: match.start(), default=None)

    def _held(self) -> int:
        """How many code points at the end may be the beginning of a tag."""
        at = self._buffer.rfind("<", max(0, len(self._buffer) - _LONGEST))
        if at < 0:
            return 0
        tail = self._buffer[at:].lower()
        return len(tail) if any(tag.startswith(tail) for tag in _TAGS) else 0
