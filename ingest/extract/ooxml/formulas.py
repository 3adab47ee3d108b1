"""Formulas of Office (OMML) on one line: fractions with their bar, powers with their exponent, roots, sums, rows."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from ingest.extract.assembly.inline import fraction, lowered, raised
from ingest.extract.clean import one_line
from ingest.extract.ooxml.names import M, W, local

if TYPE_CHECKING:
    from lxml.etree import _Element as Element  # type: ignore[import-untyped]

MAX_DEPTH: Final = 40
_EQ_FRACTION: Final = re.compile(r"\\f\s*\(([^(),;\\]{1,200})[,;]([^(),;\\]{1,200})\)", re.IGNORECASE)
_EQ_ROOT: Final = re.compile(r"\\r\s*\([,;]?([^(),;\\]{1,200})\)", re.IGNORECASE)
_SKIPPED: Final = frozenset({"rPr", "ctrlPr", "argPr", "del", "moveFrom", "instrText", "delText"})


def formula(node: "Element", depth: int = 0) -> str:
    """The text of an `m:oMath` or a part of one."""
    if depth > MAX_DEPTH:
        return one_line("".join(node.itertext()))
    kind = local(node.tag)
    if node.tag in (M + "t", W + "t"):
        return node.text or ""
    if not kind or kind in _SKIPPED or kind.endswith("Pr"):
        return ""
    write = _WRITERS.get(kind) if node.tag.startswith(M) else None
    if write is not None:
        return write(_Parts(node, depth + 1))
    return joined([formula(child, depth + 1) for child in node])


def joined(parts: list[str]) -> str:
    """Side by side; a blank where two numbers would become one (one and a half)."""
    text = ""
    for part in parts:
        text += " " + part if text[-1:].isdigit() and part[:1].isdigit() and "/" in part else part
    return text


def equation(instruction: str, before: str) -> str:
    """The fractions and roots of an EQ field, the formula of old files, behind `before`; "" where it holds more."""
    text, known = instruction.strip()[2:].strip(), 1
    while known:
        text, fractions = _EQ_FRACTION.subn(lambda match: fraction(match[1], match[2]), text)
        text, roots = _EQ_ROOT.subn(lambda match: f"√({match[1]})", text)
        known = fractions + roots
    blank = " " if before[-1:].isdigit() and text[:1].isdigit() else ""
    return "" if "\\" in text else blank + text.strip()


class _Parts:
    """The named parts of a construct as text."""

    def __init__(self, node: "Element", depth: int) -> None:
        self._node, self._depth = node, depth

    def __call__(self, name: str) -> str:
        part = self._node.find(M + name)
        return formula(part, self._depth).strip() if part is not None else ""

    def all(self, name: str) -> list[str]:
        return [formula(part, self._depth).strip() for part in self._node.iterchildren(M + name)]

    def sign(self, name: str, otherwise: str) -> str:
        """A sign from the construct's properties."""
        properties = self._node.find(f"{M}{local(self._node.tag)}Pr")
        told = properties.find(M + name) if properties is not None else None
        value = told.get(M + "val") if told is not None else None
        return otherwise if value is None else str(value)

    def rows(self) -> list[str]:
        return [
            ", ".join(formula(cell, self._depth).strip() for cell in row.iterchildren(M + "e"))
            for row in self._node.iterchildren(M + "mr")
        ]


def _power(parts: _Parts) -> str:
    base = parts("e")
    return base + raised(parts("sup"), base)


def _index(parts: _Parts) -> str:
    base = parts("e")
    return base + lowered(parts("sub"), base)


def _both(parts: _Parts) -> str:
    base = parts("e")
    low = base + lowered(parts("sub"), base)
    return low + raised(parts("sup"), low)


def _before(parts: _Parts) -> str:
    return raised(parts("sup"), " ") + lowered(parts("sub"), " ") + parts("e")


def _root(parts: _Parts) -> str:
    body, degree = parts("e"), parts("deg")
    inner = body if body.isalnum() else f"({body})"
    return f"{raised(degree, ' ') if degree else ''}√{inner}"


def _sum(parts: _Parts) -> str:
    sign = parts.sign("chr", "∫")
    low, high = parts("sub"), parts("sup")
    limits = f"_({low})" * bool(low) + f"^({high})" * bool(high)
    return f"{sign}{limits} {parts('e')}"


def _brackets(parts: _Parts) -> str:
    inner = parts.sign("sepChr", "|").join(parts.all("e"))
    return f"{parts.sign('begChr', '(')}{inner}{parts.sign('endChr', ')')}"


def _fraction(parts: _Parts) -> str:
    return fraction(parts("num"), parts("den"))


_WRITERS: Final[dict[str, Callable[[_Parts], str]]] = {
    "f": _fraction,
    "sSup": _power,
    "sSub": _index,
    "sSubSup": _both,
    "sPre": _before,
    "rad": _root,
    "nary": _sum,
    "d": _brackets,
    "func": lambda parts: f"{parts('fName')} {parts('e')}",
    "limLow": lambda parts: f"{parts('e')}_({parts('lim')})",
    "limUpp": lambda parts: f"{parts('e')}^({parts('lim')})",
    "m": lambda parts: f"[{'; '.join(parts.rows())}]",
    "eqArr": lambda parts: "; ".join(parts.all("e")),
}
