"""Pieces of text on lines: which stand on one line, how a line reads, what is raised, a table made of them."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from ingest.extract.pdf.page.atoms import Atom
from ingest.extract.pdf.page.marks import DOWN, LINK, STRUCK, UP, marked
from ingest.extract.tables.grid import Grid

SMALL: Final = 0.85
"""Font size of a raised or lowered mark at most, beside that of its line."""
SMALLEST: Final = 0.4
RAISED: Final = 0.12
"""Height of its baseline above the line's, in font sizes of the line; for one that is not smaller a quarter."""
SUNK: Final = 0.08
TOUCHING: Final = 0.45
_MARK: Final = re.compile(r"[\d.,;:+\-\u2212\u2013/()=*†‡§®™©a-zA-Z°ªº]{1,10}")
_MOST_LETTERS: Final = 3


@dataclass(frozen=True, slots=True)
class Table:
    """Cells by row and column; `order` is the place of its first piece in the content stream. A `form` has a name and
    its words in each row."""

    grid: Grid
    x0: float
    x1: float
    y: float
    bottom: float
    order: int
    form: bool = False


def same_line(a: Atom, b: Atom) -> bool:
    """Whether two pieces stand on one line: their baselines differ by less than half a letter (a raised mark: more)."""
    small, large = sorted((a.size, b.size))
    return abs(a.y - b.y) < (0.6 if small < 0.8 * large else 0.45) * large


def by_lines(atoms: Iterable[Atom]) -> list[list[Atom]]:
    """Pieces by line from top to bottom, each line from left to right."""
    lines: list[list[Atom]] = []
    for atom in sorted(atoms, key=lambda atom: (-atom.y, atom.x0)):
        if lines and same_line(lines[-1][0], atom):
            lines[-1].append(atom)
        else:
            lines.append([atom])
    return [sorted(line, key=lambda atom: atom.x0) for line in lines]


def joined(atoms: Sequence[Atom]) -> str:
    """The text of a line; a blank where the page shows one, signs (marks.py) around what is raised, struck, linked."""
    if not atoms:
        return ""
    base = max(atoms, key=lambda atom: (atom.size, len(atom.text)))
    parts: list[str] = []
    for place, atom in enumerate(atoms):
        if place and _is_parted(atoms[place - 1], atom):
            parts.append(" ")
        parts.append(
            _with_marks(atom, base, atoms[place - 1] if place else None, atoms[place + 1 : place + 2])
        )
    return "".join(parts)


def _is_parted(before: Atom, atom: Atom) -> bool:
    gap = (atom.x0 - before.x1) / max(atom.size, before.size)
    return gap > 0.15 or (atom.spaced and atom.order == before.order + 1)


def _with_marks(atom: Atom, base: Atom, before: Atom | None, after: Sequence[Atom]) -> str:
    text = atom.text
    if atom is not base and (sign := _level(atom, base)) and _touches(atom, base, before, after):
        text = marked(sign, text)
    if atom.struck:
        text = marked(STRUCK, text)
    return marked(LINK, text, atom.address) if atom.address else text


def _level(atom: Atom, base: Atom) -> str:
    """UP or DOWN for a mark, "" for text of the line."""
    text = atom.text.strip()
    shift, ratio = (atom.y - base.y) / base.size, atom.size / base.size
    if not _MARK.fullmatch(text) or (text.isalpha() and len(text) > _MOST_LETTERS):
        return ""
    if SMALLEST <= ratio <= SMALL:
        return UP if shift > RAISED else DOWN if shift < -SUNK else ""
    return UP if shift > 0.25 and len(text) <= _MOST_LETTERS and any(map(str.isdigit, text)) else ""


def _touches(atom: Atom, base: Atom, before: Atom | None, after: Sequence[Atom]) -> bool:
    left = before is not None and abs(atom.x0 - before.x1) < TOUCHING * base.size
    return left or (before is None and any(other.x0 - atom.x1 < TOUCHING * base.size for other in after))
