"""The lines of a plain message: what programs wrapped is unwrapped, who is quoted stays marked.

A line of `format=flowed` says itself whether it goes on. In any other text a line goes on where the next one's first
word would not have fitted into the width that the text was wrapped at. Lines of different depth of quotation never
join, and a gap stands between them, so that an answer right below a quoted line is no part of it.
"""

import re
from dataclasses import dataclass, replace
from typing import Final

from ingest.extract.clean import clean_characters
from ingest.extract.mail.letter import Body

NARROWEST: Final = 60
WIDEST: Final = 100
"""Widths at which programs wrap; a text of longer lines was not wrapped."""
DEEPEST: Final = 20
"""Depth of quotations that is kept apart."""
_QUOTED: Final = re.compile(r" ?((?:>[ \t]?){1,200})")
_APART: Final = re.compile(
    r"[-*•–·+][ \t]|\(?(?:\d{1,3}|[A-Za-z])[.)][ \t]|[^\W\d_][\w -]{0,30}:(?:[ \t]|$)|[-_=*#~]{3,}"
)
_ITEM: Final = re.compile(r" {0,6}(?:[-*•–·+]|\(?(?:\d{1,3}|[A-Za-z])[.)])[ \t]")
_NUMBER: Final = re.compile(r"(?!1\.)\d{1,3}\. ")
DEEPEST_ITEM: Final = 8
"""Blanks in front of a line that continues an item of a list."""
_COLUMNS: Final = re.compile(r"\S(?: {3,}|\t)\S")
_WROTE: Final = re.compile(
    r"(?:On|Am|Le|El|Em|Op|Il|Den|Dnia|W dniu)\b.{0,300}\b(?:wrote|schrieb|a écrit|écrit|escribió|escreveu|schreef|"
    r"ha scritto|skrev|pisze|napisał)\b.{0,200}:"
)
_OPENS: Final = re.compile(r"(?:On|Am|Le|El|Em|Op|Il|Den|Dnia|W dniu)\b[^:]{0,120}\d")
_ORIGINAL: Final = re.compile(
    r"-{2,}\s*(?:Original Message|Original Appointment|Ursprüngliche Nachricht|Originalnachricht|Message d'origine|"
    r"Mensaje original|Mensagem original|Messaggio originale|Oorspronkelijk bericht)\s*-{2,}",
    re.I,
)
_RULER: Final = re.compile(r"[_-]{8,}")
_SENT: Final = re.compile(r"\*?(?:Sent|Gesendet|Envoyé|Enviado|Inviato|Verzonden|Date|Datum)\s?:")
_FORWARDED: Final = re.compile(
    r"-{5,}\s?[^\W\d_][^\n-]{0,60}-{5,}|Begin forwarded message:|Anfang der weitergeleiteten.{0,30}:"
)


@dataclass(frozen=True, slots=True)
class Line:
    """A line at its depth of quotation; `soft` when it says that the next one continues it."""

    depth: int
    text: str
    soft: bool = False

    @property
    def blank(self) -> bool:
        return not self.text.strip()

    @property
    def signs(self) -> bool:
        """Whether the signature begins here."""
        return self.text.rstrip() == "--"


def is_attribution(text: str) -> bool:
    """Whether a line says who wrote what is quoted below: "On 3 March Ida wrote:"."""
    text = text.strip()
    return _ORIGINAL.fullmatch(text) is not None or (
        _WROTE.fullmatch(text) is not None and (any(map(str.isdigit, text)) or "@" in text)
    )


def unwrapped(body: Body) -> str:
    """The text with one line for each line that its author made, quotations marked "> "."""
    lines = [_line(text, body) for text in clean_characters(body.text).split("\n")]
    lines = _quoted_to_the_end(_whole_attributions(_without_escapes(lines)))
    lines = _flowed(lines, joined=body.joined) if body.flowed else _filled(lines)
    return "\n".join(_marked(lines))


def _line(text: str, body: Body) -> Line:
    match = _QUOTED.match(text)
    depth = min(match[1].count(">"), DEEPEST) if match is not None else 0
    if match is not None:
        text = text[match.end() :]
    elif body.flowed and text.startswith(" "):
        text = text[1:]
    soft = body.flowed and text.endswith(" ") and text != "-- "
    return Line(depth, text if soft else text.rstrip(), soft)


def _without_escapes(lines: list[Line]) -> list[Line]:
    """A ">From" alone among lines that are not quoted was marked by a mailbox."""
    made: list[Line] = []
    for number, line in enumerate(lines):
        beside = [one for one in lines[max(number - 1, 0) : number + 2] if one is not line and one.depth]
        alone = line.depth == 1 and line.text.startswith("From ") and not beside
        made.append(replace(line, depth=0) if alone else line)
    return made


def _whole_attributions(lines: list[Line]) -> list[Line]:
    """An attribution that was wrapped is one line again."""
    made: list[Line] = []
    number = 0
    while number < len(lines):
        line = lines[number]
        if _OPENS.match(line.text) and not line.text.endswith(":"):
            for count in (2, 3):
                run = lines[number : number + count]
                text = " ".join(one.text.strip() for one in run)
                if all(one.depth == line.depth and not one.blank for one in run) and is_attribution(text):
                    line = Line(line.depth, text)
                    number += count - 1
                    break
        made.append(line)
        number += 1
    return made


def _quoted_to_the_end(lines: list[Line]) -> list[Line]:
    """What stands below an attribution without marks is quoted up to the end of the message."""
    for number, line in enumerate(lines):
        if line.depth or not (is_attribution(line.text) or _rules_off(lines[number : number + 5])):
            continue
        if (below := _below(lines, number)) is not None and not below.depth:
            return lines[: number + 1] + [replace(one, depth=one.depth + 1) for one in lines[number + 1 :]]
    return lines


def _below(lines: list[Line], number: int) -> Line | None:
    """The next line that is not blank."""
    return next((lines[after] for after in range(number + 1, len(lines)) if not lines[after].blank), None)


def _rules_off(lines: list[Line]) -> bool:
    """Whether a ruler stands above the fields of an older message, as Outlook draws it."""
    below = [line.text for line in lines[1:] if not line.blank]
    return (
        _RULER.fullmatch(lines[0].text.strip()) is not None
        and bool(below)
        and _APART.match(below[0]) is not None
        and any(map(_SENT.match, below[1:]))
    )


def _flowed(lines: list[Line], *, joined: bool) -> list[Line]:
    """Soft lines with what continues them."""
    made: list[Line] = []
    parts: list[str] = []
    for number, line in enumerate(lines):
        after = lines[number + 1] if number + 1 < len(lines) else None
        goes_on = line.soft and after is not None and after.depth == line.depth and not after.signs
        parts.append(line.text[:-1] if goes_on and joined else line.text)
        if not goes_on:
            made.append(Line(line.depth, "".join(parts).rstrip()))
            parts = []
    return made


def _filled(lines: list[Line]) -> list[Line]:
    """Lines that only the width of the page broke, joined by a blank."""
    widths = {depth: _width(lines, depth) for depth in {line.depth for line in lines}}
    made: list[Line] = []
    parts: list[str] = []
    signed = False
    for number, line in enumerate(lines):
        signed = line.signs or (signed and (number == 0 or lines[number - 1].depth == line.depth))
        after = lines[number + 1] if number + 1 < len(lines) else None
        parts.append(line.text.strip() if parts else line.text)
        if after is None or signed or not _goes_on(line, after, widths[line.depth], parts[0]):
            made.append(Line(line.depth, " ".join(parts)))
            parts = []
    return made


def _width(lines: list[Line], depth: int) -> int:
    """The width that lines of this depth were wrapped at; 0 where they were not."""
    lengths = [len(line.text) for line in lines if line.depth == depth and " " in line.text.strip()]
    longest = max(lengths, default=0)
    return longest if NARROWEST <= longest <= WIDEST else 0


def _goes_on(line: Line, after: Line, width: int, first: str) -> bool:
    """Whether only the width broke the line; `first` is the line that the paragraph or item began with."""
    if not width or line.depth != after.depth or line.blank or after.blank or after.signs:
        return False
    if line.text[0] in "\t|" or after.text[0] in "\t|":
        return False
    if _APART.match(after.text.lstrip()) and not _ends_a_sentence(line, after, first):
        return False
    indent = len(after.text) - len(after.text.lstrip())
    if indent and not (indent <= DEEPEST_ITEM and _ITEM.match(first)):
        return False
    if line.text.startswith("   ") and not _ITEM.match(first):
        return False
    if _COLUMNS.search(line.text) or _COLUMNS.search(after.text) or is_attribution(line.text):
        return False
    return len(line.text) + 1 + len(after.text.split(None, 1)[0]) > width


def _ends_a_sentence(line: Line, after: Line, first: str) -> bool:
    """Whether a number at the start of the next line ends this one's sentence ("in hall / 4. Please"): no list has
    begun, and nothing ended above it."""
    return _NUMBER.match(after.text) is not None and not _ITEM.match(first) and line.text[-1] not in ".:;!?,)"


def _marked(lines: list[Line]) -> list[str]:
    """The lines with their marks, gaps where the depth changes, above a signature and around the line that says that
    a message was passed on."""
    made: list[str] = []
    before: Line | None = None
    for line in _without_ends(lines):
        if line.blank and not line.depth:
            made.append("")
        else:
            if before is not None and (before.depth != line.depth or line.signs or _stands_alone(before)):
                made.append(("> " * min(before.depth, line.depth)).rstrip())
            made.append(("> " * line.depth + line.text).rstrip())
        before = line
    return made


def _stands_alone(line: Line) -> bool:
    text = line.text.strip()
    return any(form.fullmatch(text) for form in (_FORWARDED, _RULER, _ORIGINAL))


def _without_ends(lines: list[Line]) -> list[Line]:
    """Without blank lines that begin or end a quotation."""
    kept: list[Line] = []
    for line in lines:
        if line.blank and line.depth and (not kept or kept[-1].depth < line.depth):
            continue
        while line.depth < (kept[-1].depth if kept else 0) and kept[-1].blank:
            kept.pop()
        kept.append(line)
    while kept and kept[-1].blank:
        kept.pop()
    return kept
