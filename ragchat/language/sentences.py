"""Sentence boundaries: the units that are embedded, scored, quoted and cited.

Rule-based and linear in the text's length. Lines are first grouped into blocks (headings, list items, table
rows, code, prose); only prose and long list items are split at full stops. No model, because spans must be exact
and the same on every machine; a wrong extra boundary costs more than a missing one, so doubt joins.
"""

import re
from collections.abc import Iterator
from typing import Literal, TypeAlias

from ragchat.documents import Span

MAX_UNIT = 480
"""Code points after which a run-on unit is cut at the last clause boundary before the limit."""
MAX_ITEM = 240
"""A list item up to this length stays whole, whatever stops it holds."""

_Kind: TypeAlias = Literal["blank", "fence", "heading", "item", "row", "rule", "prose"]

_ITEM = re.compile(r"(?:[-*+•‣▪◦·–—]|\(?\d{1,3}[.)]|\(?[a-z]\))\s")
_HEADING = re.compile(r"#{1,6}\s")
_STOP = re.compile(r"(?:[.!?…]++|[。！？｡．]++)(?:\[\^?[\w*]{1,4}\])*+[\"'”’»)\]}」』）*_]*+")
_CJK_STOPS = "。！？｡．"
_OPENERS = "\"'“‘«([{¿¡「『（*_"
_WORD_BEFORE = re.compile(r"[\w.'’&]*$")
_WORD_AFTER = re.compile(r"[^\W\d_]+")
_CLAUSE = re.compile(r"[;:]\s|\s[–—]\s|,\s|\s\|\s|\n")
_LABEL = re.compile(r"(?P<mark>\*\*|__|\*|_)(?![\s*_])[^*_\n]{1,60}(?P=mark)")
_MARKED = 200
"""Code points within which emphasis that is still open holds its sentences together."""
_ORDINAL = re.compile(
    r"\b(?:de[rmns]|die|das|ein(?:e[rmns]?)?|am|beim|im|vom|zum|zur|bis|jede[rmns]?|und|oder) \d{1,2}$", re.I
)
"""German and the like: "der 2. Weltkrieg", "am 3. Oktober"."""
_CODE_LOOK = re.compile(r"[={}();<>$\\]|^(?:>>>|\.\.\.|\$|#)")


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


# A name or lower case follows as often as a new sentence does: never a boundary.
_TITLES = _words(
    """mr mrs ms dr prof rev hon sen rep gov gen col maj capt lt sgt cmdr adm st ste mt messrs mme mlle
    e.g i.e eg ie cf viz vs ca approx resp incl esp pp dept univ assn bros ave blvd ext bzw z.b d.h u.a usw"""
)
# Joined to a number that follows ("No. 5", "Jan. 3", "p. 12"); otherwise words like any other ("the app.").
_NUMBERED = _words(
    """no nos nr art § fig figs eq eqs sec secs ch chap vol vols p para ref refs tab app ex tel v ver
    jan feb mar apr jun jul aug sep sept oct nov dec mon tue tues wed thu thur thurs fri sat sun"""
)
# May end a sentence: a boundary only when a usual first word of a sentence follows.
_DOUBTFUL = _words("etc al inc ltd co corp jr sr bc ad ft ed eds u.s u.k u.n e.u a.m p.m ph.d b.sc m.sc d.c")
_STARTERS = _words(
    """the a an this that these those it its he she they we you i his her their our your my in on at by for from
    with after before during when while if as since because although though however but and so then there
    here what which who why how where to some many most all each both no not one two another other such also
    moreover furthermore according under over between until instead thus therefore see use please"""
)


def sentence_spans(text: str, start: int = 0, end: int | None = None) -> list[Span]:
    """Units of `text[start:end]` in order: exact spans of `text`, no white space at their ends, none overlapping.

    Every non-space character of the range lies in exactly one span. Time is linear in `end - start`.
    """
    stop = len(text) if end is None else min(end, len(text))
    spans: list[Span] = []
    for unit in _block_units(text, _lines(text, start, stop)):
        spans.extend(_capped(text, unit))
    return spans


def prose_spans(text: str, start: int, end: int) -> list[Span]:
    """As `sentence_spans`, for a stretch that is known to be prose: nothing in it is taken for a list, table or
    code."""
    lines = [line for line in _lines(text, start, end) if line.kind != "blank"]
    spans: list[Span] = []
    for unit in _prose_block(text, lines, 0, len(lines)) if lines else ():
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


def _block_units(text: str, lines: list[_Line]) -> Iterator[Span]:
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
                yield from _item_units(text, lines[at:stop])
            case "prose":
                stop = _indented_end(text, lines, at) if after_blank else at
                if stop > at:
                    yield from _code_units(lines[at:stop])
                else:
                    stop = _paragraph_end(lines, at)
                    yield from _prose_block(text, lines, at, stop)
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


def _item_units(text: str, lines: list[_Line]) -> Iterator[Span]:
    start, end = lines[0].start, lines[-1].end
    if end - start <= MAX_ITEM:
        yield Span(start, end)
    else:
        yield from _sentences(text, start, end)


def _prose_block(text: str, lines: list[_Line], at: int, stop: int) -> Iterator[Span]:
    """Prose lines joined where they were hard-wrapped, cut where a line was ended on purpose."""
    underlined = _rule_end(lines, stop)
    tail = lines[underlined - 1].end
    if underlined > stop:  # a title with its underline, perhaps below other lines
        stop -= 1
    width = max((line.end - line.start for line in lines[at:stop]), default=0)
    start = at
    for index in range(at, stop):
        if index + 1 == stop or _deliberate(text, lines[index], lines[index + 1], width):
            yield from _sentences(text, lines[start].start, lines[index].end)
            start = index + 1
    if underlined > stop + 1 or tail != lines[stop - 1].end:
        yield Span(lines[stop].start, tail)


def _deliberate(text: str, line: _Line, following: _Line, width: int) -> bool:
    """A line that leaves much room before a line starting afresh was not wrapped: a title, an address, a menu."""
    room = (line.end - line.start) < 0.6 * width
    first = text[following.start]
    return room and not (first.islower() or first.isdigit()) and text[line.end - 1] not in ",;-–("


def _sentences(text: str, start: int, end: int) -> Iterator[Span]:
    """Splits prose at its full stops."""
    caseless = text[start:end].islower()
    begin = start
    for stop in _STOP.finditer(text, start, end):
        after = stop.end()
        if after >= end:
            break
        if not _is_boundary(text, begin, stop, end, caseless):
            continue
        yield from _stripped(text, begin, after)
        begin = after
    yield from _stripped(text, begin, end)


def _is_boundary(text: str, begin: int, stop: re.Match[str], end: int, caseless: bool) -> bool:
    mark, after = text[stop.start()], stop.end()
    if after - begin <= _MARKED and _holds_together(text[begin:after]):
        return False
    if mark in _CJK_STOPS:
        return True
    if not text[after].isspace():
        return False
    head = text[after : min(end, after + 40)].lstrip().lstrip(_OPENERS)
    apart = stop.start() > begin and text[stop.start() - 1].isspace()  # tokenised text: "slipstream . an"
    if head[:1].islower() and not (apart or caseless):
        return False
    if mark != "." or stop.group().startswith("..") or apart:
        return any(c.isalnum() for c in text[max(begin, stop.start() - 40) : stop.start()])
    return _ends_sentence(text[max(begin, stop.start() - 24) : stop.start()], head, begin >= stop.start() - 4)


def _holds_together(head: str) -> bool:
    """A run-in label ("**The cause.** The …") belongs to what follows, and emphasis is not cut while it is open."""
    return head[0] in "*_" and (
        _LABEL.fullmatch(head) is not None or (head.count(head[0]) in (1, 2) and _open(head))
    )


def _open(head: str) -> bool:
    mark = head[:2] if head[:2] == 2 * head[0] else head[0]
    return mark not in head[len(mark) :]


def _ends_sentence(before: str, head: str, first: bool) -> bool:
    """Whether "before." followed by "head" is an end, looking only at the words on both sides."""
    found = _WORD_BEFORE.search(before)
    word = found.group().lstrip(".'’") if found else ""
    word = re.split("['’]", word)[-1] if word[-1:].isalpha() else word  # l'art. 5
    folded = word.lower()
    following = _WORD_AFTER.match(head)
    starter = following is not None and following.group().lower() in _STARTERS
    if folded in _NUMBERED:
        return not head[:1].isdigit()
    if folded in _TITLES or (word.isdigit() and _ORDINAL.search(before)):
        return False
    if folded in _DOUBTFUL or (len(word) == 1 and word.isalpha()) or re.fullmatch(r"(?:\w\.)+\w", word):
        return starter
    return not (first and word.isdigit())  # "1. Open the lid" at the start of a unit


def _stripped(text: str, start: int, end: int) -> Iterator[Span]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start < end:
        yield Span(start, end)


def _capped(text: str, unit: Span) -> Iterator[Span]:
    """Cuts a unit longer than MAX_UNIT at its last clause boundary, else at white space, else hard."""
    start = unit.start
    while unit.end - start > MAX_UNIT:
        window = text[start : start + MAX_UNIT]
        cuts = [match.end() for match in _CLAUSE.finditer(window) if match.end() > MAX_UNIT // 3]
        cut = cuts[-1] if cuts else window.rfind(" ") + 1
        cut = cut if cut > MAX_UNIT // 3 else MAX_UNIT
        yield from _stripped(text, start, start + cut)
        start += cut
    yield from _stripped(text, start, unit.end)
