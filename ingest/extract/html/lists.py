"""Lists of a page: the labels of their items as a browser shows them, and terms with their meanings."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

_STYLES: Final = {"lower-alpha": "a", "upper-alpha": "A", "lower-latin": "a", "upper-latin": "A", "lower-roman": "i",
                  "upper-roman": "I"}  # fmt: skip
_ROMAN: Final = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"),
                 (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))  # fmt: skip


@dataclass(slots=True)
class Numbering:
    """The state of one list: `following` is the number of the next item, `kind` HTML's type of numbering."""

    numbered: bool = False
    following: int = 1
    step: int = 1
    kind: str = "1"

    @classmethod
    def of(cls, node: "LexborNode | None") -> "Numbering":
        """That of a list; bullets for None."""
        if node is None or node.tag != "ol":
            return cls()
        attributes = node.attributes
        backwards = "reversed" in attributes
        items = sum(child.tag == "li" for child in node.iter()) if backwards else 0
        start = _integer(attributes.get("start"), items if backwards else 1)
        style = next((kind for name, kind in _STYLES.items() if name in (attributes.get("style") or "")), "")
        return cls(True, start, -1 if backwards else 1, style or attributes.get("type") or "1")

    def marker(self, item: "LexborNode") -> str:
        """The label of an item, with the blank behind it."""
        if not self.numbered:
            return "- "
        number = _integer(item.attributes.get("value"), self.following)
        self.following = number + self.step
        return f"{_label(number, self.kind)}. "


def _integer(text: str | None, default: int) -> int:
    text = (text or "").strip()
    return int(text) if text.lstrip("-").isdecimal() and len(text) < 8 else default


def _label(number: int, kind: str) -> str:
    match kind:
        case "a" | "A" if 0 < number <= 26 * 26:
            letters = ("" if number <= 26 else chr(96 + (number - 1) // 26)) + chr(97 + (number - 1) % 26)
            return letters.upper() if kind == "A" else letters
        case "i" | "I" if 0 < number < 4000:
            letters = ""
            for value, sign in _ROMAN:
                letters += sign * (number // value)
                number %= value
            return letters.upper() if kind == "I" else letters
        case _:
            return str(number)


def definitions(node: "LexborNode") -> "list[tuple[list[LexborNode], list[LexborNode]]]":
    """Terms and meanings in groups: all terms above the meanings that they share."""
    groups: list[tuple[list[LexborNode], list[LexborNode]]] = []
    for part in _entries(node):
        if part.tag == "dt":
            if not groups or groups[-1][1]:
                groups.append(([], []))
            groups[-1][0].append(part)
        else:
            if not groups:
                groups.append(([], []))
            groups[-1][1].append(part)
    return groups


def _entries(node: "LexborNode") -> "Iterator[LexborNode]":
    for part in node.iter():
        if part.tag in ("dt", "dd"):
            yield part
        elif part.tag == "div":
            yield from (inner for inner in part.iter() if inner.tag in ("dt", "dd"))
