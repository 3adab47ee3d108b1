"""Secrets and card numbers taken out of what is asked and of what a model writes; configured words flagged or blocked.

Only real formats count: a key's prefix and length, a card's length, issuer and check digit (Luhn, ISO/IEC 7812-1), so
that "token: see below" passes untouched. All patterns are linear in the text. The documents' own words, in sources
and quotes, are not touched: who may read them is a matter of access, not of moderation.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

_SECRETS: Final = (
    r"sk-ant-[A-Za-z0-9_-]{20,200}+",
    r"sk-(?:proj-|svcacct-|admin-)?[A-Za-z0-9_-]{20,200}+",
    r"(?:sk|rk|pk|whsec)_(?:live_|test_)?[A-Za-z0-9]{20,200}+",
    r"(?:AKIA|ASIA|AGPA|AROA)[0-9A-Z]{16}(?![0-9A-Z])",
    r"gh[pousr]_[A-Za-z0-9]{36,255}+",
    r"github_pat_[A-Za-z0-9_]{22,255}+",
    r"glpat-[A-Za-z0-9_-]{20,64}+",
    r"xox[abeoprs]-[A-Za-z0-9-]{10,250}+",
    r"xapp-\d-[A-Za-z0-9-]{10,250}+",
    r"AIza[0-9A-Za-z_-]{35}",
    r"ya29\.[0-9A-Za-z_-]{20,400}+",
    r"SG\.[A-Za-z0-9_-]{16,64}\.[A-Za-z0-9_-]{16,64}",
    r"hf_[A-Za-z0-9]{30,64}+",
    r"npm_[A-Za-z0-9]{36}",
    r"pypi-AgE[A-Za-z0-9_-]{40,400}+",
    r"dop_v1_[0-9a-f]{64}",
    r"eyJ[A-Za-z0-9_-]{8,1500}\.eyJ[A-Za-z0-9_-]{8,3000}\.[A-Za-z0-9_-]{8,1500}+",
)
_SECRET: Final = re.compile(rf"(?<![A-Za-z0-9_-])(?:{'|'.join(_SECRETS)})")
BEGINNINGS: Final = (
    "sk-", "sk_", "rk_", "pk_", "whsec_", "AKIA", "ASIA", "AGPA", "AROA", "ghp_", "gho_", "ghu_", "ghs_", "ghr_",
    "github_pat_", "glpat-", "xoxa-", "xoxb-", "xoxe-", "xoxo-", "xoxp-", "xoxr-", "xoxs-", "xapp-", "AIza", "ya29",
    "SG", "hf_", "npm_", "pypi-AgE", "dop_v1_", "eyJ",
)  # fmt: skip
"""What every secret above begins with; a word that begins otherwise can become none of them."""
_BEGUN: Final = frozenset(known[:length] for known in BEGINNINGS for length in range(1, len(known)))
_RUN: Final = re.compile(r"(?:[A-Za-z0-9_]|-(?=[A-Za-z0-9_]))*")
_HARMLESS: Final = re.compile(r"[^\d-]*")
_APART: Final = re.compile(r"[^A-Za-z0-9_]+")
_KEY_BEGIN: Final = re.compile(r"-----BEGIN (?:[A-Z]{2,12} ){0,3}PRIVATE KEY-----")
_KEY_END: Final = re.compile(r"-----END (?:[A-Z]{2,12} ){0,3}PRIVATE KEY-----")
_CARD: Final = re.compile(r"(?<![\w-])\d(?:[ -]?\d){12,18}(?![\w-])")
_ISSUERS: Final = (
    (re.compile(r"4"), (13, 16, 19)),
    (re.compile(r"5[1-5]|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720)"), (16,)),
    (re.compile(r"3[47]"), (15,)),
    (re.compile(r"6(?:011|5|4[4-9])|35|62"), (16, 17, 18, 19)),
    (re.compile(r"3(?:0[0-5]|[68])"), (14,)),
)
KEY: Final = "[redacted key]"
CARD: Final = "[redacted card number]"
_BLANKS: Final = (" ", "\n", "\t")
LONGEST_HEADER: Final = 80
CARD_RUN: Final = 400
LONGEST_HELD: Final = 8_000
"""Code points that the output redactor holds back at most; the longest secret known is a private key of about 4,000."""


def redacted(text: str) -> str:
    """The text with secrets and card numbers replaced; anything else is unchanged."""
    return _CARD.sub(_card, _SECRET.sub(KEY, _without_private_keys(text)))


def _without_private_keys(text: str) -> str:
    """Each block from BEGIN to END, or to the end of the text, in one pass."""
    kept: list[str] = []
    at = 0
    for begin, end in _private_keys(text):
        kept += [text[at:begin], KEY]
        at = end
    return "".join([*kept, text[at:]])


def _private_keys(text: str) -> list[tuple[int, int]]:
    """Where each private key begins and ends; one that does not end goes on to the end of the text."""
    found: list[tuple[int, int]] = []
    at = 0
    while begin := _KEY_BEGIN.search(text, at) if "-----BEGIN" in text else None:
        end = _KEY_END.search(text, begin.end())
        at = end.end() if end else len(text)
        found.append((begin.start(), at))
    return found


def _card(match: re.Match[str]) -> str:
    digits = re.sub(r"\D", "", match.group())
    known = any(issuer.match(digits) and len(digits) in lengths for issuer, lengths in _ISSUERS)
    return CARD if known and _luhn(digits) else match.group()


def _luhn(digits: str) -> bool:
    doubled = (int(d) * 2 for d in digits[-2::-2])
    return (sum(int(d) for d in digits[-1::-2]) + sum(d - 9 if d > 9 else d for d in doubled)) % 10 == 0


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
        for begin, end in reversed(_private_keys(self._held)):
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
    return not any(word.startswith(BEGINNINGS) for word in words) and words[-1] not in _BEGUN


@dataclass(frozen=True, slots=True)
class Screened:
    """What is left of a message: its redacted text, and the configured words found in it."""

    text: str
    flagged: tuple[str, ...] = ()
    blocked: tuple[str, ...] = ()


class Moderation:
    """Screens text by configured words; whole words, any case. Immutable."""

    def __init__(self, *, flagged: Iterable[str] = (), blocked: Iterable[str] = ()) -> None:
        self._flagged = _any_of(flagged)
        self._blocked = _any_of(blocked)

    @property
    def blocks(self) -> bool:
        """Whether any word is blocked: then none may be shown before it is whole."""
        return self._blocked is not None

    def screen(self, text: str) -> Screened:
        """Redacts and looks for the configured words."""
        return Screened(redacted(text), self.flagged_in(text), self.blocked_in(text))

    def flagged_in(self, text: str) -> tuple[str, ...]:
        """The words to flag that stand in the text, lower case."""
        return _found(self._flagged, text)

    def blocked_in(self, text: str) -> tuple[str, ...]:
        """The words to block that stand in the text, lower case."""
        return _found(self._blocked, text)


def _any_of(words: Iterable[str]) -> re.Pattern[str] | None:
    listed = sorted((re.escape(word.strip()) for word in words if word.strip()), key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(listed)})(?!\w)", re.IGNORECASE) if listed else None


def _found(pattern: re.Pattern[str] | None, text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(found.lower() for found in pattern.findall(text))) if pattern else ()
