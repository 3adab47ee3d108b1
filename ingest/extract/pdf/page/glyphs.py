"""What stands where on a PDF page, by pdfium: atoms of text and straight rules. No meaning here, see layout.py.

Coordinates are points with y upwards, turned so that most of the page's text runs from left to right.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from ingest.extract.pdf.ink import Ink
from ingest.extract.pdf.page.atoms import Atom, atoms_of, turned
from ingest.extract.pdf.page.overlays import Overlays, Typed
from ingest.extract.pdf.page.tables.rules import Edge, straight_lines

if TYPE_CHECKING:
    from pypdfium2 import PdfPage, PdfTextPage

RULE: Final = 8.0
"""Length of a rule across at least, in points; of one down half of it."""
MOST_TYPED: Final = 12.0
"""Font size that text in a field is taken to have at most."""


@dataclass(slots=True)
class PageGlyphs:
    """A page as it lies on paper; `height` is that of the turned page."""

    bottom: float
    height: float
    atoms: list[Atom] = field(default_factory=list)
    across: list[Edge] = field(default_factory=list)
    down: list[Edge] = field(default_factory=list)
    bars: list[Edge] = field(default_factory=list)
    """Rules across that are too short for a table: those of fractions."""
    sideways: list[Atom] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    hidden: bool = False
    """Whether it holds text that nobody sees, which was left out."""


def read_glyphs(page: "PdfPage", textpage: "PdfTextPage", overlays: Overlays) -> PageGlyphs:
    """Atoms and rules of a page, with what was typed upon it."""
    segments = list(straight_lines(page))
    overlays.add_strokes(segments)
    by_turn: dict[int, list[Atom]] = defaultdict(list)
    strokes: dict[int, list[Atom]] = defaultdict(list)
    ink = Ink(page)
    for turn, stroke, atom in atoms_of(textpage, overlays, ink):
        by_turn[turn].append(atom)
        if stroke >= 0:
            strokes[stroke].append(atom)
    wrong = {
        id(atom) for number, held in strokes.items() if not _strikes(overlays, number, held) for atom in held
    }
    sizes = Counter({turn: sum(len(atom.text) for atom in atoms) for turn, atoms in by_turn.items()})
    main = sizes.most_common(1)[0][0] if sizes else 0
    left, bottom, right, top = page.get_bbox()
    corners = [turned(x, y, main) for x in (left, right) for y in (bottom, top)]
    ys = [y for _, y in corners]
    glyphs = PageGlyphs(min(ys), max(ys) - min(ys), comments=overlays.comments, hidden=ink.tell())
    kept = [replace(atom, struck=False) if id(atom) in wrong else atom for atom in by_turn.pop(main, [])]
    glyphs.atoms = list(_seen_once(kept, glyphs.height))
    glyphs.atoms += _typed(overlays.typed, main, len(glyphs.atoms) + 1)
    glyphs.sideways = [replace(atom, y=0.0) for atoms in by_turn.values() for atom in atoms]
    for (x0, y0), (x1, y1) in segments:
        (ax, ay), (bx, by) = turned(x0, y0, main), turned(x1, y1, main)
        if abs(ay - by) < 1 and abs(ax - bx) >= 2:
            edge = Edge((ay + by) / 2, min(ax, bx), max(ax, bx))
            (glyphs.across if abs(ax - bx) >= RULE else glyphs.bars).append(edge)
        elif abs(ax - bx) < 1 and abs(ay - by) >= RULE / 2:
            glyphs.down.append(Edge((ax + bx) / 2, min(ay, by), max(ay, by)))
    return glyphs


def _strikes(overlays: Overlays, number: int, atoms: list[Atom]) -> bool:
    """Whether a line strikes words out: it is as long as they are. Axes and rules are longer."""
    start, end, _ = overlays.strokes[number]
    size = max(atom.size for atom in atoms)
    return min(a.x0 for a in atoms) - start < 0.8 * size and end - max(a.x1 for a in atoms) < 0.8 * size


def _typed(fields: Iterable[Typed], turn: int, order: int) -> Iterator[Atom]:
    """Pieces for what stands in fields, a line each."""
    for number, held in enumerate(fields):
        lines = [line.strip() for line in held.text.splitlines() if line.strip()]
        if not lines:
            continue
        (ax, ay), (bx, by) = turned(held.x0, held.y0, turn), turned(held.x1, held.y1, turn)
        height = abs(by - ay) / len(lines)
        size = max(min(0.7 * height, MOST_TYPED), 1.0)
        for row, line in enumerate(lines):
            base = max(ay, by) - height * (row + 1) + 0.25 * height
            width = min(0.5 * size * len(line), abs(bx - ax))
            yield Atom(line, min(ax, bx), min(ax, bx) + width, base, size, False, order + number, True)


def _seen_once(atoms: Iterable[Atom], height: float) -> Iterator[Atom]:
    """Without what is printed over itself to look bold, and letters larger than half a page (broken files)."""
    seen: set[tuple[str, int, int]] = set()
    for atom in atoms:
        key = (atom.text, round(atom.x0 / 2), round(atom.y / 2))
        if key not in seen and atom.size <= height / 2:
            yield atom
        seen.add(key)
