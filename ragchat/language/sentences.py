"""Sentence boundaries: the units that are embedded, scored, quoted and cited.

Rule-based and linear in the text's length. Lines are first grouped into blocks (headings, list items, table
rows, code, prose); only prose and long list items are split at full stops. No model, because spans must be exact
and the same on every machine; a wrong extra boundary costs more than a missing one, so doubt joins. Which words a
full stop does not end a sentence after is the languages' (full_stops.py).
"""

import re
from collections.abc import Iterator
from typing import Literal, TypeAlias

from ragchat.documents import Span
from ragchat.language.full_stops import split_at_stops, stripped, words_before_stops
from ragchat.language.language import SentenceWords

MAX_UNIT = 480
"""Code points after which a run-on unit is cut at the last clause boundary before the limit."""
MAX_ITEM = 240
"""A list item up to this length stays whole, whatever stops it holds."""

_Kind: TypeAlias = Literal["blank", "fence", "heading", "item", "row", "rule", "prose"]

_ITEM = re.compile(r"(?:[-*+•‣▪◦·–—]|\(?\d{1,3}[.)]|\(?[a-z]\))\s")
_HEADING = re.compile(r"#{1,6}\s")
_CLAUSE = re.compile(r"[;:]\s|\s[–—]\s|,\s|\s\|\s|\n")
_CODE_LOOK = re.compile(r"[={}();<>$\\]|^(?:>>>|\.\.\.|\$|#)")


def sentence_spans(text: str, start: int = 0, end: int | None = None) -> list[Span]:
    """Units of `text[start:end]` in order: exact spans of `text`, no white space at their ends, none overlapping.

    Every non-space character of the range lies in exactly one span. Time is linear in `end - start`.
    """
    stop = len(text) if end is None else min(end, len(text))
    spans: list[Span] = []
    words = words_before_stops()
    for unit in _block_units(text, _lines(text, start, stop), words):
        spans.extend(_capped(text, unit))
    return spans


def prose_spans(text: str, start: int, end: int) -> list[Span]:
    """As `sentence_spans`, for a stretch that is known to be prose: nothing in it is taken for a list, table or
    code."""
    lines = [line for line in _lines(text, start, end) if line.kind != "blank"]
    spans: list[Span] = []
    for unit in _prose_block(text, lines, 0, len(lines), words_before_stops()) if lines else ():
        spans.extend(_capped(text, unit))
    return spans


def whole_spans(text: str, unit: Span) -> list[Span]:
    """The unit itself (a row, a field, an item), cut only where it is longer than MAX_UNIT."""
    return list(_capped(text, unit))


class _Line:
    """One line without its surrounding white space; `kind` before context is known."""

    __slots__ = ("end", "indent", "kind", "start")

    def __init__(self, text: str, start: int, end: int) -> None:
        raw = text[start:end]
        body = raw.strip()
        self.indent = len(raw) - len(raw.lstrip())
        self.start = start + self.indent
        self.end = self.start + len(body)
        self.kind: _Kind = _classify(body)

    def of(self, text: str) -> str:
        return text[self.start : self.end]


def _classify(body: str) -> _Kind:
    if not body:
        return "blank"
    if body.startswith(("```", "~~~")):
        return "fence"
    if _HEADING.match(body):
        return "heading"
    if not any(c.isalnum() for c in body):
        return "rule"
    if body[0] == "|" or " | " in body:
        return "row"
    return "item" if _ITEM.match(body) else "prose"


def _lines(text: str, start: int, end: int) -> list[_Line]:
    lines: list[_Line] = []
    at = start
    while at < end:
        newline = text.find("\n", at, end)
        stop = end if newline < 0 else newline
        lines.append(_Line(text, at, stop))
        at = stop + 1
    return lines


def _block_units(text: str, lines: list[_Line], words: SentenceWords) -> Iterator[Span]:
    """Groups lines into blocks and yields each block's units, in order."""
    at, after_blank = 0, True
    while at < len(lines):
        line = lines[at]
        stop = at + 1
        match line.kind:
            case "blank":
                pass
            case "fence":
                stop = _fence_end(text, lines, at)
                yield from _code_units(lines[at:stop])
            case "heading":
                yield Span(line.start, line.end)
            case "row" | "rule":
                stop = _rule_end(lines, at + 1) if line.kind == "row" else _overlined_end(lines, at)
                yield Span(line.start, lines[stop - 1].end)
            case "item":
                stop = _paragraph_end(lines, at)
                yield from _item_units(text, lines[at:stop], words)
            case "prose":
                stop = _indented_end(text, lines, at) if after_blank else at
                if stop > at:
                    yield from _code_units(lines[at:stop])
                else:
                    stop = _paragraph_end(lines, at)
                    yield from _prose_block(text, lines, at, stop, words)
                    stop = _rule_end(lines, stop)
        after_blank = line.kind == "blank"
        at = stop


def _fence_end(text: str, lines: list[_Line], at: int) -> int:
    mark = text[lines[at].start : lines[at].start + 3]
    for index in range(at + 1, len(lines)):
        if lines[index].kind == "fence" and lines[index].of(text).startswith(mark):
            return index + 1
    return len(lines)


def _rule_end(lines: list[_Line], at: int) -> int:
    """Takes underlines and table separators along with the line above them."""
    while at < len(lines) and lines[at].kind == "rule":
        at += 1
    return at


def _overlined_end(lines: list[_Line], at: int) -> int:
    """A title between two rules (reStructuredText) is one unit; any other rule stands alone."""
    kinds = [line.kind for line in lines[at : at + 3]]
    return at + 3 if kinds == ["rule", "prose", "rule"] else at + 1


def _paragraph_end(lines: list[_Line], at: int) -> int:
    """Index after the last line that continues the paragraph or list item begun at `at`."""
    stop = at + 1
    while stop < len(lines) and lines[stop].kind == "prose":
        stop += 1
    return stop


def _indented_end(text: str, lines: list[_Line], at: int) -> int:
    """Index after a run of indented lines that look like code; `at` when there is none."""
    stop, code = at, 0
    while stop < len(lines) and lines[stop].kind != "blank" and lines[stop].indent >= 4:
        code += bool(_CODE_LOOK.search(lines[stop].of(text)))
        stop += 1
    return stop if 0 < stop - at <= 2 * code else at


def _code_units(lines: list[_Line]) -> Iterator[Span]:
    """Whole lines of code, packed up to the limit."""
    start = end = -1
    for line in (one for one in lines if one.kind != "blank"):
        if start >= 0 and line.end - start > MAX_UNIT:
            yield Span(start, end)
            start = -1
        start = line.start if start < 0 else start
        end = line.end
    if start >= 0:
        yield Span(start, end)


def _item_units(text: str, lines: list[_Line], words: SentenceWords) -> Iterator[Span]:
    start, end = lines[0].start, lines[-1].end
    if end - start <= MAX_ITEM:
        yield Span(start, end)
    else:
        yield from split_at_stops(text, start, end, words)


def _prose_block(text: str, lines: list[_Line], at: int, stop: int, words: SentenceWords) -> Iterator[Span]:
    """Prose lines joined where they were hard-wrapped, cut where a line was ended on purpose."""
    underlined = _rule_end(lines, stop)
    tail = lines[underlined - 1].end
    if underlined > stop:  # a title with its underline, perhaps below other lines
        stop -= 1
    width = max((line.end - line.start for line in lines[at:stop]), default=0)
    start = at
    for index in range(at, stop):
        if index + 1 == stop or _deliberate(text, lines[index], lines[index + 1], width):
            yield from split_at_stops(text, lines[start].start, lines[index].end, words)
            start = index + 1
    if underlined > stop + 1 or tail != lines[stop - 1].end:
        yield Span(lines[stop].start, tail)


def _deliberate(text: str, line: _Line, following: _Line, width: int) -> bool:
    """A line that leaves much room before a line starting afresh was not wrapped: a title, an address, a menu."""
    room = (line.end - line.start) < 0.6 * width
    first = text[following.start]
    return room and not (first.islower() or first.isdigit()) and text[line.end - 1] not in ",;-–("


def _capped(text: str, unit: Span) -> Iterator[Span]:
    """Cuts a unit longer than MAX_UNIT at its last clause boundary, else at white space, else hard."""
    start = unit.start
    while unit.end - start > MAX_UNIT:
        window = text[start : start + MAX_UNIT]
        cuts = [match.end() for match in _CLAUSE.finditer(window) if match.end() > MAX_UNIT // 3]
        cut = cuts[-1] if cuts else window.rfind(" ") + 1
        cut = cut if cut > MAX_UNIT // 3 else MAX_UNIT
        yield from stripped(text, start, start + cut)
        start += cut
    yield from stripped(text, start, unit.end)
