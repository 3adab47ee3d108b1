"""A page of atoms and rules as blocks in reading order: headings, paragraphs, items, tables.

Order: pages without columns from top to bottom, pages with columns as their content stream goes, which all programs
that set columns write one after the other. What a heading is, is decided over the whole document (headings.py).
"""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from ingest.extract.assembly.inline import note_mark
from ingest.extract.pdf.lines import page_lines
from ingest.extract.pdf.page.atoms import BACK, GAP, SPLIT, Atom
from ingest.extract.pdf.page.columns import gutters, in_columns
from ingest.extract.pdf.page.fractions import with_fractions
from ingest.extract.pdf.page.glyphs import PageGlyphs
from ingest.extract.pdf.page.marks import note_of, raised_in, resolved
from ingest.extract.pdf.page.numbers import without_line_numbers
from ingest.extract.pdf.page.pieces import Table, by_lines, joined, same_line
from ingest.extract.pdf.page.tables.aligned import aligned_tables
from ingest.extract.pdf.page.tables.ruled import ruled_tables
from ingest.extract.tables.grid import Grid

_LEADER: Final = re.compile(r"(?:(?<!\s)\s+)?(?:\.{4,}|…{2,}|(?:\. ){3,}\.?|_{4,})\s*")
"""Dots that lead from a name to its value."""

Cell: TypeAlias = Callable[[Sequence[str]], str]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of prose on the page, in points, or a table; `order` as in Atom. A `note` begins a footnote or comment."""

    text: str
    x0: float
    x1: float
    y: float
    size: float
    bold: bool
    order: int
    table: Grid | None = None
    form: bool = False
    note: bool = False


def page_layout(glyphs: PageGlyphs, cell: Cell) -> list[Line]:
    """The page's lines and tables in reading order."""
    atoms = with_fractions(without_line_numbers(glyphs.atoms), [*glyphs.bars, *glyphs.across])
    tables, atoms = ruled_tables(replace(glyphs, atoms=atoms), cell)
    pieces = _pieces(atoms)
    edges = gutters(pieces)
    columned = bool(edges)
    if columned:
        pieces, tables = in_columns(pieces, tables, edges)
    lines = [_fused(line) for line in (_near(pieces) if columned else by_lines(pieces))]
    for table, orders in aligned_tables(lines, glyphs.across, cell):
        tables.append(table)
        lines = [line for line in lines if line[0].order not in orders]
    found = [_line(line) for line in lines] + [_table(table) for table in tables]
    if columned:
        found.sort(key=lambda line: line.order)
    else:
        found.sort(key=lambda line: (-line.y, line.x0))
    found = [line for line in found if line.text or line.table is not None]
    found += [_line([atom]) for atom in glyphs.sideways]
    return written_out(found) + [_comment(words) for words in glyphs.comments]


def _pieces(atoms: Iterable[Atom]) -> list[Atom]:
    """Atoms that follow one another on a line without a gap, as one."""
    pieces: list[list[Atom]] = []
    for atom in atoms:
        last = pieces[-1][-1] if pieces else None
        size = max(atom.size, last.size) if last else 1.0
        if last is not None and same_line(last, atom) and -BACK < (atom.x0 - last.x1) / size < _widest(last):
            pieces[-1].append(atom)
        else:
            pieces.append([atom])
    return [_whole(piece, piece[0].order) for piece in pieces]


def _widest(atom: Atom) -> float:
    """The widest gap inside a line, in font sizes: justified text stretches the blanks that it has."""
    return 1.3 if atom.text[-1:].isspace() else GAP


def _whole(piece: Sequence[Atom], order: int) -> Atom:
    longest = max(piece, key=lambda atom: len(atom.text))
    return Atom(
        joined(piece),
        piece[0].x0,
        max(atom.x1 for atom in piece),
        longest.y,
        longest.size,
        all(atom.bold for atom in piece),
        order,
        piece[0].spaced,
    )


def _fused(line: Sequence[Atom]) -> list[Atom]:
    """A line with pieces that touch (a raised mark and what it belongs to) as one."""
    fused: list[Atom] = []
    for piece in line:
        touches = fused and -BACK < (piece.x0 - fused[-1].x1) / max(piece.size, fused[-1].size) < SPLIT
        if touches or (fused and fused[-1].text.endswith("....")):
            last = fused.pop()
            fused.append(
                replace(_whole([last, piece], last.order), y=max(last, piece, key=lambda a: a.size).y)
            )
        else:
            fused.append(piece)
    return fused


def _near(pieces: Sequence[Atom]) -> list[list[Atom]]:
    """Lines of pieces that stand beside each other and follow one another in the stream."""
    lines: list[list[Atom]] = []
    for piece in pieces:
        if lines and same_line(lines[-1][-1], piece) and piece.x0 > lines[-1][-1].x1:
            lines[-1].append(piece)
        else:
            lines.append([piece])
    return lines


def _line(atoms: Sequence[Atom]) -> Line:
    text = " ".join(page_lines(joined(atoms))).strip()
    whole = _whole(atoms, atoms[0].order)
    return Line(text, whole.x0, whole.x1, whole.y, whole.size, whole.bold, min(atom.order for atom in atoms))


def _table(table: Table) -> Line:
    return Line("", table.x0, table.x1, table.y, 0.0, False, table.order, table.grid, table.form)


def _comment(words: str) -> Line:
    return Line(f"[Comment: {words}]", 0.0, 0.0, 0.0, 1.0, False, 0, note=True)


def written_out(lines: Sequence[Line]) -> list[Line]:
    """The lines of a page with what their signs mean: exponents, marks of the footnotes that the page has, links."""
    sizes = Counter[float]()
    for line in lines:
        sizes[round(line.size, 1)] += len(line.text)
    body = sizes.most_common(1)[0][0] if sizes else 0.0
    texts = [line.text for line in lines]
    texts += [text for line in lines if line.table is not None for row in line.table.rows for text in row]
    up = {mark for text in texts for mark in raised_in(text)}
    notes = {
        place: note
        for place, line in enumerate(lines)
        if (note := note_of(line.text)) and note[0] in up and line.size < 0.95 * body
    }
    marks = {mark for mark, _ in notes.values()}
    return [_written_out(line, notes.get(place), marks) for place, line in enumerate(lines)]


def _written_out(line: Line, note: tuple[str, str] | None, marks: Collection[str]) -> Line:
    if line.table is not None:
        rows = tuple(tuple(_without_leader(resolved(text, marks)) for text in row) for row in line.table.rows)
        return replace(line, table=replace(line.table, rows=rows))
    if note is not None:
        return replace(line, text=f"{note_mark(note[0])}: {resolved(note[1], marks)}", note=True)
    text = resolved(line.text, marks) if line.text else line.text
    return replace(line, text=_LEADER.sub(" … ", text).strip(" …") if _LEADER.search(text) else text)


def _without_leader(text: str) -> str:
    return _LEADER.sub(" ", text).strip()
