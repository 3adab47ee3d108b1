"""One figure of a text as a value; figures.py finds them."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from ragchat.language.language import Bound

FigureKind: TypeAlias = Literal["number", "date", "clock", "name"]


@dataclass(frozen=True, slots=True)
class Figure:
    """`value` in one spelling ("20000", "-30", "m5" for May, "d1" for Monday, "17:00", "xr2000"), at `[start, end)`;
    `through` is the end of its unit.

    `unit` is its one name ("EUR", "day") or "". `also` are bare numbers that the same may be written as: 5 for 5 pm.
    `loose` figures are words that are pronouns as often as numbers.
    """

    value: str
    kind: FigureKind
    start: int
    end: int
    through: int
    unit: str = ""
    bound: Bound = "exactly"
    also: frozenset[str] = frozenset()
    loose: bool = False
