"""Numbers that name a person, taken out where their check digits hold.

Only kinds that check themselves, or whose form nothing else has: a number that merely has the right length stays, since
orders and parts have numbers too; and accounts (IBAN) stay, since companies tell theirs. Sources: SSA's rules of 2011
(US), HMRC NIM39110 (UK), Real Decreto 1553/2005 (ES), D.M. 23/12/1976 (IT), §139b AO with ISO 7064 (DE), Code de la
sécurité sociale R115-1 (FR).
"""

import re
from collections import Counter
from collections.abc import Callable
from typing import Final

NUMBER: Final = "[redacted number]"


def without_identifiers(text: str) -> str:
    """The text with such numbers replaced; one look at each, linear in the text."""
    return _ANY.sub(_replaced, text)


def _dni(found: str) -> bool:
    number = found[:-1].replace("X", "0", 1).replace("Y", "1", 1).replace("Z", "2", 1)
    return "TRWAGMYFPDXBNJZSQVHLCKE"[int(number) % 23] == found[-1]


_ODD: Final = dict(
    zip(
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16,
         10, 22, 25, 24, 23),
        strict=True,
    )
)  # fmt: skip


def _codice_fiscale(found: str) -> bool:
    odd = sum(_ODD[character] for character in found[:15:2])
    even = sum(int(c) if c.isdigit() else ord(c) - ord("A") for c in found[1:15:2])
    return chr(ord("A") + (odd + even) % 26) == found[15]


def _steuer_id(found: str) -> bool:
    counts = Counter(found[:10])
    if found[0] == "0" or max(counts.values()) not in (2, 3) or len(counts) not in (8, 9):
        return False
    product = 10
    for digit in found[:10]:
        total = (int(digit) + product) % 10 or 10
        product = total * 2 % 11
    return (11 - product) % 10 == int(found[10])


def _nir(found: str) -> bool:
    number = int(found[:13].replace("2A", "19").replace("2B", "18"))
    return 97 - number % 97 == int(found[13:])


def _always(_found: str) -> bool:
    return True


_KINDS: Final[dict[str, tuple[str, Callable[[str], bool]]]] = {
    "ssn": (r"(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}", _always),
    "nino": (r"(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]\d{6}[A-D]", _always),
    "dni": (r"[XYZ\d]\d{7}[A-HJ-NP-TV-Z]", _dni),
    "codice_fiscale": (r"[A-Z]{6}\d{2}[A-EHLMPR-T]\d{2}[A-Z]\d{3}[A-Z]", _codice_fiscale),
    "steuer_id": (r"\d{2} \d{3} \d{3} \d{3}|\d{11}", _steuer_id),
    "nir": (r"[12] ?\d{2} ?(?:0[1-9]|1[0-2]) ?(?:\d{2}|2[AB]) ?\d{3} ?\d{3} ?\d{2}", _nir),
}
_ANY: Final = re.compile(
    rf"(?<![\w-])(?:{'|'.join(f'(?P<{name}>{form})' for name, (form, _) in _KINDS.items())})(?![\w-])"
)


def _replaced(match: re.Match[str]) -> str:
    kind = match.lastgroup or ""
    return NUMBER if _KINDS[kind][1](match.group().replace(" ", "")) else match.group()
