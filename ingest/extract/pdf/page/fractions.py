"""Fractions as formula editors set them: a short rule with a number above and a number below."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from ingest.extract.assembly.inline import fraction
from ingest.extract.pdf.page.atoms import Atom
from ingest.extract.pdf.page.tables.rules import Edge

LONGEST_BAR: Final = 70.0
LONGEST: Final = 24
"""Characters above or below the bar."""
ABOVE: Final = (-0.1, 0.9)
BELOW: Final = (0.5, 1.7)
"""Where the baselines stand from the bar, in font sizes of the number."""
AXIS: Final = 0.3
"""Height of the bar above the baseline of its line, in font sizes."""


def with_fractions(atoms: Sequence[Atom], bars: Iterable[Edge]) -> list[Atom]:
    """The atoms, with each pair that a bar parts as one atom on the line that the bar stands in."""
    kept = list(atoms)
    for bar in bars:
        if bar.end - bar.start > LONGEST_BAR:
            continue
        above = [atom for atom in kept if _stands(atom, bar, (atom.y - bar.at) / atom.size, ABOVE)]
        below = [atom for atom in kept if _stands(atom, bar, (bar.at - atom.y) / atom.size, BELOW)]
        if len(above) == len(below) == 1 and abs(above[0].size - below[0].size) < 1:
            place = kept.index(min(above[0], below[0], key=lambda atom: atom.order))
            whole = _whole(above[0], below[0], bar, kept)
            kept = [atom for atom in kept if atom is not above[0] and atom is not below[0]]
            kept.insert(min(place, len(kept)), whole)
    return kept


def _stands(atom: Atom, bar: Edge, distance: float, zone: tuple[float, float]) -> bool:
    """Whether a short text stands above or below the bar, and is no wider."""
    over = max(0.0, bar.start - atom.x0) + max(0.0, atom.x1 - bar.end)
    return (
        zone[0] <= distance <= zone[1]
        and over < 0.5 * atom.size
        and 2 * (atom.x1 - atom.x0) > 0.3 * (bar.end - bar.start)
        and len(atom.text.strip()) <= LONGEST
        and any(map(str.isalnum, atom.text))
    )


def _whole(top: Atom, bottom: Atom, bar: Edge, atoms: Sequence[Atom]) -> Atom:
    size = top.size / 0.7 if top.size < 9 else top.size
    beside = [
        atom
        for atom in atoms
        if atom is not top
        and atom is not bottom
        and 0.1 * atom.size < bar.at - atom.y < 0.6 * atom.size
        and -1 < min(abs(bar.start - atom.x1), abs(atom.x0 - bar.end)) < 3 * atom.size
    ]
    text = fraction(top.text, bottom.text)
    base = bar.at - AXIS * size
    if beside:
        nearest = min(beside, key=lambda atom: min(abs(bar.start - atom.x1), abs(atom.x0 - bar.end)))
        size, base = nearest.size, nearest.y
        if nearest.x1 <= bar.start + 1 and nearest.text[-1:].isdigit():
            text = f" {text}"
    return replace(
        top,
        text=text,
        x0=min(top.x0, bottom.x0, bar.start),
        x1=max(top.x1, bottom.x1, bar.end),
        y=base,
        size=size,
        order=min(top.order, bottom.order),
    )
