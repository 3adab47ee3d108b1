"""A paragraph of a slide: runs raised, lowered or struck, links, formulas, line breaks."""

from typing import TYPE_CHECKING, Final

from ingest.extract.ooxml.formulas import formula
from ingest.extract.ooxml.names import MC, A, M, R
from ingest.extract.ooxml.parts import Package
from ingest.extract.ooxml.segments import Level, Segment, all_bold, put_link, rendered
from ingest.extract.unseen import left_out, speaks_to_a_model

if TYPE_CHECKING:
    from lxml.etree import _Element as Element  # type: ignore[import-untyped]

_STRUCK: Final = ("sngStrike", "dblStrike")
TINY: Final = 100
"""Hundredths of a point at which nobody can read."""
_FURNITURE: Final = "slidenum"


class LineReader:
    """Reads the paragraphs of one part."""

    def __init__(self, package: Package, part: str) -> None:
        self._package = package
        self._part = part

    def words(self, paragraph: "Element") -> str:
        """The words of an `a:p`."""
        return rendered(self._segments(paragraph))

    def is_bold(self, paragraph: "Element") -> bool:
        """Whether all of its words are in bold."""
        return all_bold(self._segments(paragraph))

    def all_words(self, body: "Element | None") -> str:
        """All paragraphs of a text body, a line each."""
        if body is None:
            return ""
        return "\n".join(filter(str.strip, (self.words(p) for p in body.iterchildren(A + "p"))))

    def _segments(self, paragraph: "Element") -> list[Segment]:
        segments: list[Segment] = []
        for node in paragraph:
            if node.tag == A + "br":
                segments.append(Segment("\n"))
            elif node.tag == A + "r" or (node.tag == A + "fld" and node.get("type") != _FURNITURE):
                self._run(node, segments)
            elif isinstance(node.tag, str) and node.tag not in (A + "pPr", A + "endParaRPr", A + "fld"):
                segments += _formulas(node, segments[-1].text if segments else "")
        return segments

    def _run(self, run: "Element", segments: list[Segment]) -> None:
        look = run.find(A + "rPr")
        text = run.findtext(A + "t") or ""
        if look is None:
            segments.append(Segment(text))
            return
        if (look.get("sz") or "").isdecimal() and int(look.get("sz")) <= TINY:
            left_out(text, "letters too small to see")
            return
        colour = look.find(f"{A}solidFill/{A}srgbClr")
        if colour is not None and (colour.get("val") or "").upper() == "FFFFFF" and speaks_to_a_model(text):
            left_out(text, "white text")
            return
        bold = look.get("b") in ("1", "true")
        start = len(segments)
        segments.append(Segment(text, _level(look.get("baseline")), look.get("strike") in _STRUCK, bold))
        click = look.find(A + "hlinkClick")
        if click is not None:
            relation = self._package.relations(self._part).get(click.get(R + "id") or "")
            if relation is not None and relation.external:
                put_link(segments, start, relation.target)


def _level(baseline: str | None) -> Level:
    value = (baseline or "0").rstrip("%")
    if not value.lstrip("-").isdigit() or int(value) == 0:
        return ""
    return "lowered" if value.startswith("-") else "raised"


def _formulas(node: "Element", before: str) -> list[Segment]:
    """The formulas of a paragraph, each once (not what stands in for them)."""
    found: list[Segment] = []
    for math in node.iter(M + "oMath"):
        if next(math.iterancestors(MC + "Fallback"), None) is None:
            text = formula(math)
            found.append(Segment(f" {text}" if before[-1:].isdigit() and text[:1].isdigit() else text))
    return found
