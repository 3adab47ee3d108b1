"""A number format taken apart: its sections for positive, negative, zero and text, each as tokens."""

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Final, Literal, TypeAlias

Kind: TypeAlias = Literal[
    "literal", "digit", "point", "group", "percent", "power", "slash", "text", "general", "date"
]
_TOKEN: Final = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|_.|\*.|\[(?P<bracket>[^\]]*)\]|(?P<general>General)'
    r"|(?P<ampm>AM/PM|A/P|上午/下午)|(?P<power>[eE][+-])|(?P<date>[yYmMdDhHsSeEgGbB]{1,5})|(?P<sign>.)",
    re.IGNORECASE | re.DOTALL,
)
_CONDITION: Final = re.compile(r"(<=|>=|<>|<|>|=)(-?\d+(?:\.\d+)?)")
_ELAPSED: Final = re.compile(r"[hms]+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Section:
    """One part of a format: its tokens, and the numbers that it is for, where it says so."""

    tokens: tuple[tuple[Kind, str], ...]
    condition: tuple[str, Decimal] | None = None

    def has(self, kind: Kind) -> bool:
        return any(token[0] == kind for token in self.tokens)


@lru_cache(2000)
def sections_of(code: str) -> tuple[Section, ...]:
    sections: list[Section] = []
    tokens: list[tuple[Kind, str]] = []
    condition: tuple[str, Decimal] | None = None
    for match in _TOKEN.finditer(code or "General"):
        if match["sign"] == ";":
            sections.append(Section(tuple(tokens), condition))
            tokens, condition = [], None
        elif match["bracket"] is not None:
            if told := _CONDITION.fullmatch(match["bracket"]):
                condition = (told[1], Decimal(told[2]))
            else:
                tokens += _bracket(match["bracket"])
        elif token := _token(match):
            tokens.append(token)
    sections.append(Section(tuple(tokens), condition))
    return tuple(sections)


def _bracket(inner: str) -> list[tuple[Kind, str]]:
    """A currency, an elapsed time; colours and languages are nothing to read."""
    if inner.startswith("$"):
        symbol = inner[1:].partition("-")[0]
        return [("literal", symbol)] if symbol else []
    return [("date", f"[{inner.lower()}]")] if _ELAPSED.fullmatch(inner) else []


def _token(match: "re.Match[str]") -> tuple[Kind, str] | None:
    if match["quoted"] is not None:
        return "literal", match["quoted"]
    if match["escaped"] is not None:
        return "literal", match["escaped"]
    if match["general"]:
        return "general", ""
    if match["ampm"]:
        return "date", "p"
    if match["power"]:
        return "power", match["power"]
    if match["date"]:
        return "date", match["date"].lower()
    sign = match["sign"]
    kinds: dict[str, Kind] = {
        "0": "digit", "#": "digit", "?": "digit", ".": "point", ",": "group", "%": "percent", "/": "slash", "@": "text"
    }  # fmt: skip
    return (kinds.get(sign, "literal"), sign) if sign is not None else None
