"""Taking a model's citation markers, and what it must not render, out of its stream, over any chunking.

`[1]`, `[1, 2]`, `[1-3]`, `【1】`, `[source 1]`, `(Source 1)` and `[1](…)` are markers: out of the text, into
numbers. Images are dropped, links and bare addresses that are not in the sources lose their address, active HTML
is taken out. Code is left as it is. What is held back is bounded, and what is decided depends on the text only,
never on how it was cut.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

from ragchat.answering.writing.mentions import LONGEST_MENTION, mentioned, source_words

LONGEST_LABEL: Final = 300
LONGEST_ADDRESS: Final = 2_000
LONGEST_CODE: Final = 400
MOST_IN_RANGE: Final = 8
REMOVED: Final = "(link removed)"

_SPECIAL: Final = re.compile(r"[\[【(`!<]|https?:|ftp:|www\.|\\", re.IGNORECASE)
_STARTS: Final = ("https:", "http:", "ftp:", "www.")
_STARTED: Final = frozenset(start[:length] for start in _STARTS for length in range(1, len(start)))
_NUMBERS: Final = re.compile(
    r"\s*(?:(?:sources?|docs?|documents?|ref)\.?\s*)?(\^?#?\d{1,4}(?:\s*[,;–-]\s*#?\d{1,4})*)(?:†.*)?\s*",
    re.I,
)
_PART: Final = re.compile(r"(\d+)(?:\s*[–-]\s*#?(\d+))?")
_ADDRESS_END: Final = re.compile(r"[\s<>\"'`|\]}】）」]")
_ACTIVE: Final = re.compile(
    r"</?(?:img|script|iframe|a|object|embed|link|meta|form|style|svg|video|audio|base|input|picture|source|image)\b",
    re.I,
)
_ESCAPABLE: Final = "[]`*_\\!"
_TRAILING: Final = ".,;:!?)*_"


@dataclass(frozen=True, slots=True)
class Marker:
    """The numbers that the model cited at this place, in its order."""

    numbers: tuple[int, ...]


Piece: TypeAlias = str | Marker


def addresses_in(text: str) -> set[str]:
    """The web addresses that stand in a text, without the punctuation after them."""
    return {
        found.rstrip(_TRAILING) for found in re.findall(r"(?:https?|ftp)://[^\s<>\"'`|\]}]{1,2000}", text)
    }


class MarkerScanner:
    """Feed it the stream piece by piece; joined texts and markers are the same however the stream was cut."""

    def __init__(self, allowed: frozenset[str] = frozenset()) -> None:
        """`allowed` are the addresses that may stay: those in the sources."""
        self._allowed = allowed
        self._buffer = ""
        self._blanks = ""
        self._fenced = False
        self._kept_address = False
        self._after_address = False

    def feed(self, text: str) -> list[Piece]:
        """What is decided by now."""
        self._buffer += text
        return list(self._spaced(self._scan(last=False)))

    def flush(self) -> list[Piece]:
        """The rest; the stream is over."""
        pieces = list(self._spaced(self._scan(last=True)))
        if self._blanks:
            pieces.append(self._blanks)
            self._blanks = ""
        return pieces

    def _spaced(self, pieces: Iterator[Piece]) -> Iterator[Piece]:
        """Blanks before a marker go with it.

        What follows an address that may stay never becomes part of it: taking out a marker or a tag between the two
        would otherwise make another address (`https://listed.example [1]?q=secret`).
        """
        for piece in pieces:
            is_address, self._kept_address = self._kept_address, False
            if isinstance(piece, Marker):
                self._blanks = ""
                yield piece
                continue
            if not piece.strip(" "):
                self._blanks += piece
                continue
            text = self._blanks + piece
            if self._after_address and text and not _ADDRESS_END.match(text):
                text = " " + text
            kept = text.rstrip(" ")
            self._blanks = text[len(kept) :]
            if kept:
                self._after_address = is_address
                yield kept

    def _scan(self, *, last: bool) -> Iterator[Piece]:
        at = 0
        while at < len(self._buffer):
            start = self._next_special(at)
            if start > at:
                yield self._buffer[at:start]
                at = start
                continue
            step = self._fence_step(at, last) or self._special_step(at, last)
            if step is None:
                break
            at, piece = step
            if piece:
                yield piece
        self._buffer = self._buffer[at:]

    def _next_special(self, at: int) -> int:
        if self._fenced:
            found = self._buffer.find("`", at)
            return len(self._buffer) if found < 0 else found
        match = _SPECIAL.search(self._buffer, at)
        if match:
            return match.start()
        # The buffer may end in the middle of "https:".
        tail = self._buffer[max(at, len(self._buffer) - 5) :].lower()
        for length in range(len(tail), 0, -1):
            if tail[-length:] in _STARTED:
                return len(self._buffer) - length
        return len(self._buffer)

    def _fence_step(self, at: int, last: bool) -> tuple[int, Piece] | None:
        """``` opens and closes code that is left alone."""
        if not self._buffer.startswith("```", at):
            return None
        self._fenced = not self._fenced
        return at + 3, "```"

    def _special_step(self, at: int, last: bool) -> tuple[int, Piece] | None:
        """The end of the token at `at` and what it becomes; None to wait for more of the stream."""
        mark = self._buffer[at]
        if mark == "`" and not last and "```".startswith(self._buffer[at : at + 3]):
            return None
        if self._fenced:
            return at + 1, mark
        match mark:
            case "`":
                return self._code(at, last)
            case "\\":
                return self._escape(at, last)
            case "!":
                return self._image(at, last)
            case "[" | "【":
                return self._bracket(at, last)
            case "(":
                return self._parenthesis(at, last)
            case "<":
                return self._tag(at, last)
            case _:
                return self._address(at, last)

    def _escape(self, at: int, last: bool) -> tuple[int, Piece] | None:
        """A backslash takes the special meaning of what follows, but never lets an address or a tag through."""
        if at + 1 == len(self._buffer):
            return (at + 1, "\\") if last else None
        length = 2 if self._buffer[at + 1] in _ESCAPABLE else 1
        return at + length, self._buffer[at : at + length]

    def _code(self, at: int, last: bool) -> tuple[int, Piece] | None:
        end = self._find("`", at + 1, LONGEST_CODE, last, stop="\n")
        return None if end is None else (at + 1, "`") if end < 0 else (end + 1, self._buffer[at : end + 1])

    def _find(self, mark: str, start: int, limit: int, last: bool, stop: str = "") -> int | None:
        """Where `mark` stands within `limit`; -1 when it does not; None while that is not known."""
        window = self._buffer[start : start + limit]
        found = window.find(mark)
        stopped = window.find(stop) if stop else -1
        if stopped >= 0 and (found < 0 or stopped < found):
            return -1
        if found >= 0:
            return start + found
        return -1 if last or len(window) == limit else None

    def _image(self, at: int, last: bool) -> tuple[int, Piece] | None:
        if at + 1 == len(self._buffer):
            return (at + 1, "!") if last else None
        if self._buffer[at + 1] != "[":
            return at + 1, "!"
        step = self._bracket(at + 1, last)
        if step is None:
            return None
        end = step[0]
        image = self._buffer[end - 1] == ")" and self._buffer[at + 1 : end].find("](") > 0
        return (end, "") if image else (at + 1, "!")

    def _bracket(self, at: int, last: bool) -> tuple[int, Piece] | None:
        close = self._find("]" if self._buffer[at] == "[" else "】", at + 1, LONGEST_LABEL, last, stop="\n")
        if close is None:
            return None
        if close < 0:
            return at + 1, self._buffer[at]
        label = self._buffer[at + 1 : close]
        target = self._target(close + 1, last)
        if target is None:
            return None
        end, address = target
        numbers = _numbers(label)
        if numbers is not None:
            return end, Marker(numbers)
        if "[" in label:  # "[see [1]": only the inner one may be a marker
            return at + 1, "["
        if address is None:
            return at + 1, self._buffer[at]
        return end, self._buffer[at:end] if address in self._allowed else label

    def _parenthesis(self, at: int, last: bool) -> tuple[int, Piece] | None:
        """ "(Source 1)" is a marker, in any language; other parentheses are let through at their first letter that
        tells."""
        window = self._buffer[at + 1 : at + 1 + LONGEST_MENTION].lower()
        first = re.split(r"[\W\d]", window, maxsplit=1)[0]
        if first != window and first not in source_words():
            return at + 1, "("
        if not any(word.startswith(first) for word in source_words()):
            return at + 1, "("
        close = self._find(")", at + 1, LONGEST_MENTION, last, stop="\n")
        if close is None:
            return None
        told = mentioned(self._buffer[at + 1 : close]) if close > 0 else None
        numbers = _numbers(told) if told is not None else None
        return (at + 1, "(") if numbers is None else (close + 1, Marker(numbers))

    def _target(self, at: int, last: bool) -> tuple[int, str | None] | None:
        """The end and the address of a "(…)" that follows a label; the address is None when none follows."""
        if at == len(self._buffer):
            return (at, None) if last else None
        if self._buffer[at] != "(":
            return at, None
        close = self._find(")", at + 1, LONGEST_ADDRESS, last, stop="\n")
        if close is None:
            return None
        return (
            (at, None) if close < 0 else (close + 1, self._buffer[at + 1 : close].split(" ")[0].strip("<>"))
        )

    def _tag(self, at: int, last: bool) -> tuple[int, Piece] | None:
        known = self._buffer[at : at + 12]
        if len(known) < 12 and not last and ">" not in known:
            return None
        if not _ACTIVE.match(known):
            return at + 1, "<"
        close = self._find(">", at, LONGEST_ADDRESS, last)
        return None if close is None else (at + 1, " ") if close < 0 else (close + 1, "")

    def _address(self, at: int, last: bool) -> tuple[int, Piece] | None:
        window = self._buffer[at : at + LONGEST_ADDRESS]
        lowered = window[:12].lower()
        if not lowered.startswith(_STARTS):
            if not last and any(start.startswith(lowered) for start in _STARTS):
                return None
            return at + 1, self._buffer[at]
        end = _ADDRESS_END.search(window)
        if end is None and not last and len(window) < LONGEST_ADDRESS:
            return None
        found = window[: end.start()] if end else window
        address = found.rstrip(_TRAILING)
        rest = found[len(address) :]
        if address in self._allowed:
            self._kept_address = True
            return at + len(found), found
        named = "://" in address or lowered.startswith("www.")
        harmless = not named or (address.lower() in _STARTS)
        return at + len(found), found if harmless else REMOVED + rest


def _numbers(label: str) -> tuple[int, ...] | None:
    """The numbers of a marker's label, ranges spelled out; None when it is not one."""
    match = _NUMBERS.fullmatch(label)
    if match is None:
        return None
    numbers: list[int] = []
    for first, last in _PART.findall(match.group(1)):
        low, high = int(first), int(last or first)
        numbers.extend(range(low, high + 1) if 0 <= high - low < MOST_IN_RANGE else (low, high))
    return tuple(dict.fromkeys(numbers))
