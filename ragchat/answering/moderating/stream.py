"""Secrets taken out of a stream: the same as of the whole text, however the stream is cut.

Words that can become no secret are passed on as they come; what may become one waits for its end, within bounds.
"""

import re
from typing import Final

from ragchat.answering.moderating.secrets import BEGINNINGS, private_keys, redacted

_BLANKS: Final = (" ", "\n", "\t")
LONGEST_HEADER: Final = 80
CARD_RUN: Final = 400
LONGEST_HELD: Final = 8_000
"""Code points that the output redactor holds back at most; the longest secret known is a private key of about 4,000."""
_BEGUN: Final = frozenset(known[:length] for known in BEGINNINGS for length in range(1, len(known)))
_RUN: Final = re.compile(r"(?:[A-Za-z0-9_]|-(?=[A-Za-z0-9_]))*")
_HARMLESS: Final = re.compile(r"[^\d-]*")
_CAPITALS: Final = re.compile(r"[A-Z]{1,6}")
"""How a person's number may begin ("RSSMRA85T10A562S")."""
_APART: Final = re.compile(r"[^A-Za-z0-9_]+")


class OutputRedactor:
    """`redacted` for a stream: holds back what may still become a secret, at most LONGEST_HELD code points."""

    def __init__(self) -> None:
        self._held = ""
        self._inside = False
        """Whether what was passed on last may be the beginning of the word that is held: no secret starts within."""

    def feed(self, text: str) -> str:
        self._held += text
        passed = self._rest_of_word() if self._inside else ""
        cut = len(self._held) if _may_pass(self._held) else self._safe()
        if cut < len(self._held) and _may_pass(self._held[cut:]):
            cut = len(self._held)
        ready, self._held = self._held[:cut], self._held[cut:]
        if ready:
            self._inside = not self._held and _RUN.fullmatch(ready[-1]) is not None
        return passed + redacted(ready)

    def flush(self) -> str:
        ready, self._held, self._inside = self._held, "", False
        return redacted(ready)

    def _rest_of_word(self) -> str:
        found = _RUN.match(self._held)
        end = found.end() if found is not None else 0
        rest, self._held = self._held[:end], self._held[end:]
        self._inside = not self._held
        return rest

    def _safe(self) -> int:
        """Up to where nothing can become part of a secret that is not complete."""
        cut = self._before(len(self._held))
        for begin, end in reversed(private_keys(self._held)):
            if begin < cut < end and len(self._held) - begin < LONGEST_HELD:
                cut = self._before(begin)
        return cut

    def _before(self, end: int) -> int:
        """The start of the words, groups of digits or key header that `end` may cut."""
        held = self._held
        floor = max(0, end - LONGEST_HELD)
        at, before = end, end + 1
        while at < before:  # groups of digits hang together: "4111 1111 1111 1111"
            before = at
            at = 1 + max(held.rfind(blank, floor, at) for blank in _BLANKS)
            at = max(at, floor)
            grouped = at > floor + 1 and held[at - 1] == " " and held[at - 2].isdigit()
            if grouped and (at == end or held[at].isdigit()) and end - at < CARD_RUN:
                at -= 1
        fence = held.rfind("-----BEGIN", max(floor, end - LONGEST_HEADER), end)
        return at if fence < 0 or at <= fence else self._before(fence)


def _may_pass(tail: str) -> bool:
    """Whether the last words can become no secret, card number or private key, whatever follows them."""
    if not tail.isascii() or _HARMLESS.fullmatch(tail) is None:
        return False
    words = _APART.split(tail)
    return not any(word.startswith(BEGINNINGS) for word in words) and not (
        words[-1] in _BEGUN or _CAPITALS.fullmatch(words[-1])
    )
