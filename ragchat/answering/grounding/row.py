"""Rows of tables under their header: which column a claim speaks of, and whether its figures stand there.

"The T3 Cryo measures humidity from 0 to 100 %" must not be supported by the cell of the T3 beside it. A claim that
names no column is held to none.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from ragchat.answering.grounding.facts import Facts
from ragchat.answering.grounding.figures import CountedFigure, figures_of, is_identifier
from ragchat.answering.grounding.overlap import terms
from ragchat.language.language import Language
from ragchat.language.tables import language_named

_ASIDE: Final = re.compile(r"\([^()]*\)")
_RULE: Final = re.compile(r"[\s|:+=-]*")
_NOTHING: Final = re.compile(r"[\s–—-]*")
NAMED: Final = 0.6
"""Share of the words that a column's header has for itself from which a claim names it."""


@dataclass(frozen=True, slots=True)
class Column:
    """`own` are terms of its header that no other column's has; `empty`: a dash or nothing stands in its cell."""

    header: str
    own: frozenset[str]
    cell: str
    empty: bool


@dataclass(frozen=True, slots=True)
class Row:
    """`label` is the first cell, `columns` the others; `common` are terms that all their headers share."""

    label: str
    columns: tuple[Column, ...]
    common: frozenset[str]

    def named(self, words: frozenset[str]) -> tuple[Column, ...]:
        """The columns that a text with these terms names."""
        own = [
            column
            for column in self.columns
            if column.own and len(column.own & words) >= NAMED * len(column.own)
        ]
        if own or not self.common or not self.common <= words:
            return tuple(own)
        return tuple(column for column in self.columns if not column.own)


def row_of(header: str, row: str, language: str) -> Row | None:
    """The row under its header; None for a table of fewer than three columns, whose cells cannot be mixed up."""
    heads, cells = _cells(header), _cells(row)
    if len(cells) < 3 or len(heads) != len(cells):
        return None
    words = [terms(_ASIDE.sub(" ", head), language) for head in heads[1:]]
    common = frozenset[str].intersection(*words)
    columns = tuple(
        Column(
            head,
            frozenset(mine - _others(words, at)),
            cell,
            _NOTHING.fullmatch(cell) is not None,
        )
        for at, (head, mine, cell) in enumerate(zip(heads[1:], words, cells[1:], strict=True))
    )
    return Row(cells[0], columns, common)


def _others(words: Sequence[frozenset[str]], own: int) -> frozenset[str]:
    """Terms of all headers but one; of headers alike the common terms stay common."""
    return frozenset[str]().union(*(other for at, other in enumerate(words) if at != own))


def _cells(line: str) -> list[str]:
    """The cells of the last line that holds any: rules between header and rows are none."""
    lines = [one for one in line.splitlines() if "|" in one and not _RULE.fullmatch(one)]
    line = lines[-1].strip() if lines else ""
    return [cell.strip() for cell in line.removeprefix("|").removesuffix("|").split("|")] if line else []


def cells_agree(claim: Facts, row: Row, language: str) -> bool:
    """Whether every figure stands in the cell of a column that its clause (else the whole claim) names, and
    nothing is affirmed of an empty or denying cell."""
    whole = row.named(frozenset(term for token in claim.tokens for term in token.terms))
    if not whole or len(whole) == len(row.columns):
        return _in_order(claim, row, language) if whole else True
    known = [language_named(code) for code in claim.languages]
    if not claim.negations and all(_denies(column, known) for column in whole):
        return False
    if claim.negations and not any(_denies(column, known) for column in whole):
        return not any(_denies(column, known) for column in row.columns)
    return all(
        _stands(figure.value, figure.figure.also, named or whole, row, language)
        for figure, named in _of_clauses(claim, row)
        if not figure.figure.loose
    )


def _in_order(claim: Facts, row: Row, language: str) -> bool:
    return all(
        _stands(figure.value, figure.figure.also, named, row, language)
        for figure, named in _of_clauses(claim, row)
        if named and not figure.figure.loose
    )


def _of_clauses(claim: Facts, row: Row) -> Iterator[tuple[CountedFigure, tuple[Column, ...]]]:
    """Each figure with the columns that its clause names."""
    for figure in claim.figures:
        if not is_identifier(figure.figure):
            yield figure, row.named(figure.clause)


def _stands(value: str, also: frozenset[str], named: tuple[Column, ...], row: Row, language: str) -> bool:
    """Whether a figure stands in a named cell, or in none of the others."""

    def there(cell: str) -> bool:
        return any(
            one.value == value or one.value in also or value in one.figure.also
            for one in figures_of(cell, language)
        )

    if any(there(column.cell) for column in named) or any(there(column.header) for column in named):
        return True
    return not any(there(column.cell) for column in row.columns if column not in named)


def _denies(column: Column, known: list[Language]) -> bool:
    """Whether its cell is empty or one word of denial."""
    words = column.cell.lower().strip(" .").split()
    return column.empty or (len(words) == 1 and any(words[0] in one.denial.words for one in known))
