"""MathML on one line: fractions with their bar, powers with their exponent, roots and rows."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from ingest.extract.assembly.inline import fraction, lowered, raised

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

MAX_DEPTH: Final = 40
_WHITE: Final = re.compile(r"\s+")
_SKIPPED: Final = frozenset({"annotation", "annotation-xml", "none", "mprescripts", "mphantom", "mspace"})


def formula(node: "LexborNode", depth: int = 0) -> str:
    """The text of a `math` element or a part of one."""
    if depth > MAX_DEPTH:
        return _WHITE.sub(" ", node.text()).strip()
    children = [
        child for child in node.iter() if child.tag not in _SKIPPED and not (child.tag or "-").startswith("-")
    ]
    parts = [formula(child, depth + 1) for child in children]
    write = _WRITERS.get(node.tag or "")
    if write is not None and len(parts) >= (1 if node.tag == "msqrt" else 2):
        return write(parts)
    if not children:
        return _WHITE.sub(" ", node.text()).strip()
    if node.tag == "mtr":
        return ", ".join(filter(None, parts))
    if node.tag == "mtable":
        return "; ".join(filter(None, parts))
    return _joined(parts)


def _joined(parts: list[str]) -> str:
    """Side by side; a blank where two numbers would become one (one and a half)."""
    text = ""
    for part in parts:
        text += " " + part if text[-1:].isdigit() and part[:1].isdigit() else part
    return text


def _both(parts: list[str]) -> str:
    below = lowered(parts[1], parts[0])
    return parts[0] + below + (raised(parts[2], parts[0] + below) if len(parts) > 2 else "")


_WRITERS: Final[dict[str, Callable[[list[str]], str]]] = {
    "mfrac": lambda parts: fraction(parts[0], parts[1]),
    "msup": lambda parts: parts[0] + raised(parts[1], parts[0]),
    "msub": lambda parts: parts[0] + lowered(parts[1], parts[0]),
    "msubsup": _both,
    "munderover": _both,
    "munder": lambda parts: parts[0] + lowered(parts[1], parts[0]),
    "mover": lambda parts: parts[0] + raised(parts[1], parts[0]) if parts[1] not in "¯ˉ^~→⃗‾˙" else parts[0],
    "msqrt": lambda parts: f"√({''.join(parts)})",
    "mroot": lambda parts: f"{raised(parts[1], '')}√({parts[0]})",
}
