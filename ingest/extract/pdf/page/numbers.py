"""Numbers of lines in the margin of pleadings, laws and manuscripts: no part of the sentences beside them."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from itertools import pairwise
from statistics import median
from typing import Final

from ingest.extract.pdf.page.atoms import Atom
from ingest.extract.pdf.page.pieces import by_lines

FEWEST: Final = 4
FEWEST_STEPS: Final = 2
"""The same where each fifth or tenth line has its number."""
PROSE: Final = 30
"""Characters of the lines beside the numbers, as a rule."""
GOES_ON: Final = 0.25
"""Share of these lines that begin in the middle of a sentence."""
STEPS: Final = (1, 2, 5, 10)


def without_line_numbers(atoms: Sequence[Atom]) -> list[Atom]:
    """The atoms but for a column of numbers that count the lines of prose beside it."""
    numbers = [atom for atom in atoms if atom.text.strip().isdecimal() and len(atom.text.strip()) <= 5]
    if len(numbers) < FEWEST_STEPS:
        return list(atoms)
    marked = set(numbers)
    rest = [atom for atom in atoms if atom not in marked]
    for edge in (_right, _left):
        for column in _columns(numbers, edge):
            counts = _counts(column) if len(column) >= FEWEST else _counts_lines(column, rest)
            if counts and _stands_beside_prose(column, rest):
                gone = set(column)
                return [atom for atom in atoms if atom not in gone]
    return list(atoms)


def _right(atom: Atom) -> float:
    return atom.x1


def _left(atom: Atom) -> float:
    return atom.x0


def _columns(numbers: Sequence[Atom], edge: Callable[[Atom], float]) -> list[list[Atom]]:
    """Numbers below each other that share an end, from top to bottom."""
    columns: dict[int, list[Atom]] = defaultdict(list)
    for atom in sorted(numbers, key=lambda atom: -atom.y):
        place = round(edge(atom) / 3)
        columns[next((near for near in (place, place - 1, place + 1) if near in columns), place)].append(atom)
    return [column for column in columns.values() if len(column) >= FEWEST_STEPS]


def _counts(column: Sequence[Atom]) -> bool:
    values = [int(atom.text) for atom in column]
    steps = {after - before for before, after in pairwise(values)}
    return len(steps) == 1 and steps.pop() in STEPS


def _counts_lines(column: Sequence[Atom], rest: Sequence[Atom]) -> bool:
    """Whether numbers that stand at each fifth or tenth line are the numbers of these lines."""
    values = [int(atom.text) for atom in column]
    step = values[1] - values[0]
    if step not in (5, 10) or any(value % step for value in values):
        return False
    ys = [line[0].y for line in by_lines(rest)]
    between = [sum(low.y + 2 < y <= high.y + 2 for y in ys) for high, low in pairwise(column)]
    return set(between) == {step}


def _stands_beside_prose(column: Sequence[Atom], rest: Sequence[Atom]) -> bool:
    """Whether the numbers stand left (or right) of all lines, and these are sentences that go on from line to line."""
    lines = [line for line in by_lines(rest) if column[-1].y - 2 <= line[0].y <= column[0].y + 2]
    if len(lines) < FEWEST:
        return False
    outside = all(line[0].x0 > max(atom.x1 for atom in column) for line in lines) or all(
        line[-1].x1 < min(atom.x0 for atom in column) for line in lines
    )
    texts = [" ".join(atom.text for atom in line).strip() for line in lines]
    going_on = sum(text[:1].islower() for text in texts)
    return outside and median(map(len, texts)) >= PROSE and going_on >= GOES_ON * len(texts)
