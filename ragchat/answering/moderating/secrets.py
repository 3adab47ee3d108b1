"""Secrets and card numbers taken out of what is asked and of what a model writes.

Only real formats count: a key's prefix and length, a card's length, issuer and check digit (Luhn, ISO/IEC 7812-1), so
that "token: see below" passes untouched. All patterns are linear in the text. The documents' own words, in sources
and quotes, are not touched: who may read them is a matter of access, not of moderation.
"""

import re
from typing import Final

from ragchat.answering.moderating.identifiers import without_identifiers

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
KEY_BEGIN: Final = re.compile(r"-----BEGIN (?:[A-Z]{2,12} ){0,3}PRIVATE KEY-----")
KEY_END: Final = re.compile(r"-----END (?:[A-Z]{2,12} ){0,3}PRIVATE KEY-----")
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


def redacted(text: str) -> str:
    """The text with secrets, card and identity numbers replaced; anything else is unchanged."""
    return without_identifiers(_CARD.sub(_card, _SECRET.sub(KEY, _without_private_keys(text))))


def _without_private_keys(text: str) -> str:
    """Each block from BEGIN to END, or to the end of the text, in one pass."""
    kept: list[str] = []
    at = 0
    for begin, end in private_keys(text):
        kept += [text[at:begin], KEY]
        at = end
    return "".join([*kept, text[at:]])


def private_keys(text: str) -> list[tuple[int, int]]:
    """Where each private key begins and ends; one that does not end goes on to the end of the text."""
    found: list[tuple[int, int]] = []
    at = 0
    while begin := KEY_BEGIN.search(text, at) if "-----BEGIN" in text else None:
        end = KEY_END.search(text, begin.end())
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
