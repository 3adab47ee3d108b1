"""Pieces of text on lines: which stand on one line, how a line reads, a table made of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ingest.extract.pdf.page.glyphs import Atom


@dataclass(frozen=True, slots=True)
class Table:
    """Cells by row and column; `order` is the place of its first piece in the content stream."""

    rows: tuple[tuple[str, ...], ...]
    x0: float
    x1: float
    y: float
    bottom: float
    order: int


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
    """The text of a line; a blank where the page shows one."""
    parts = [atoms[0].text] if atoms else []
    for previous, atom in pairwise(atoms):
        gap = (atom.x0 - previous.x1) / max(atom.size, previous.size)
        if gap > 0.15 or (atom.spaced and atom.order == previous.order + 1):
            parts.append(" ")
        parts.append(atom.text)
    return "".join(parts)
