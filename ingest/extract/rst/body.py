"""The lines of reStructuredText, walked once: what begins with which sign, and how far it reaches by its indent.

A body inside of something (an item, a note) is read in the same way after its indent was taken away.
"""

import re
from collections.abc import Callable, Sequence
from typing import Final

from ingest.extract.building import TextBuilder
from ingest.extract.clean import one_line
from ingest.extract.inline import note_mark
from ingest.extract.listing import Listing
from ingest.extract.rows import add_table
from ingest.extract.rst import directives as known
from ingest.extract.rst import tables
from ingest.extract.rst.inline import inline
from ingest.extract.rst.names import Names
from ragchat.documents import Scalar

DEEPEST: Final = 24
_RULE: Final = re.compile(r"([!-/:-@\[-`{-~])\1{2,}\s*")
_DIRECTIVE: Final = re.compile(r"\.\. (?:\|[^|]+\| )?([A-Za-z][\w:+.-]*?)::(?:\s+(.*))?")
_NOTE: Final = re.compile(r"\.\. \[(#[\w.-]*|\d{1,4}|\*|[A-Za-z][\w.-]*)\](?:\s+(.*))?")
_EXPLICIT: Final = re.compile(r"(?:\.\.|__)(?:\s.*)?")
_OPTION: Final = re.compile(r"\s*:([\w -]+):(?:\s+(.*))?")
_FIELD: Final = re.compile(r":((?:\\:|[^:\s])(?:\\:|[^:\n]){0,80}):(?:\s+(.*)|\s*$)")
_BULLET: Final = re.compile(r"([-*+•‣])(\s+)\S|[-*+•‣]$")
_NUMBER: Final = re.compile(r"(\(?(?:\d{1,4}|[A-Za-z]|#|[ivxlcdmIVXLCDM]{2,7})[.)])(\s+)\S")
_LINE: Final = re.compile(r"\|(?:\s+(.*)|$)")
_OPTION_LIST: Final = re.compile(
    r"((?:--?|/)[\w?][^\s,]*(?:[ =]<?[\w.]+>?)?(?:, (?:--?|/)[\w?][^\s,]*(?:[ =]<?[\w.]+>?)?)*)(?:\s{2,}(.*)|\s*)"
)


def indent_of(line: str) -> int:
    return len(line) - len(line.lstrip())


class Body:
    """Writes lines into a builder; `styles` are the underlines met so far, the outermost first."""

    def __init__(self, builder: TextBuilder, names: Names) -> None:
        self.builder = builder
        self.names = names
        self.listing = Listing(builder)
        self.styles: list[str] = []
        self.metadata: dict[str, Scalar] = {}

    def read(self, lines: Sequence[str], depth: int = 0) -> None:
        """Everything in the lines; headings only at the top."""
        at = 0
        while at < len(lines):
            if not lines[at].strip():
                at += 1
                continue
            at = self._piece(lines, at, depth)

    def _piece(self, lines: Sequence[str], at: int, depth: int) -> int:
        """Writes what begins at a line; the line behind it."""
        line = lines[at].rstrip()
        if depth > DEEPEST:
            self._say(one_line(" ".join(lines[at:])))
            return len(lines)
        if line.startswith(" "):
            stop = self._block(lines, at, indent_of(line))
            self._quotation(lines[at:stop], depth)
            return stop
        if depth == 0 and (after := self._heading(lines, at)):
            return after
        if _RULE.fullmatch(line) and not _follows(lines, at):
            self.listing.apart()
            return at + 1
        for begins, write in _KINDS:
            if begins(line):
                return write(self, lines, at, depth)
        if _follows(lines, at) and indent_of(lines[at + 1]) > 0 and not line.endswith("::"):
            return self._definitions(lines, at, depth)
        return self._paragraph(lines, at, depth)

    @staticmethod
    def _block(lines: Sequence[str], at: int, indent: int) -> int:
        """Behind the last line from `at` on that is indented so far; blank lines at its end do not count."""
        stop = last = at
        while stop < len(lines) and (not lines[stop].strip() or indent_of(lines[stop]) >= indent):
            stop += 1
            if lines[stop - 1].strip():
                last = stop
        return last

    def _content(self, lines: Sequence[str], at: int, least: int = 1) -> tuple[list[str], int]:
        """The indented lines below one, without their indent, and the line behind them."""
        stop = self._block(lines, at + 1, least)
        body = list(lines[at + 1 : stop])
        margin = min((indent_of(line) for line in body if line.strip()), default=0)
        return [line[margin:].rstrip() for line in body], max(stop, at + 1)

    def _say(self, text: str) -> None:
        self.listing.paragraph(text)

    def _heading(self, lines: Sequence[str], at: int) -> int:
        one, two, three = (
            lines[place].rstrip() if place < len(lines) else "" for place in (at, at + 1, at + 2)
        )
        if _RULE.fullmatch(one) and two.strip() and _RULE.fullmatch(three) and one[0] == three[0]:
            self._add_heading(one[0] * 2, two.strip())
            return at + 3
        if _RULE.fullmatch(two) and not _RULE.fullmatch(one) and len(two) + 4 >= len(one):
            self._add_heading(two[0], one)
            return at + 2
        return 0

    def _add_heading(self, style: str, title: str) -> None:
        if style not in self.styles:
            self.styles.append(style)
        self.builder.heading(
            self.styles.index(style) + 1, re.sub(r"\]\([^()]*\)", "]", inline(title, self.names))
        )
        self.listing.apart()

    def _paragraph(self, lines: Sequence[str], at: int, depth: int) -> int:
        stop = at
        while stop < len(lines) and lines[stop].strip() and (stop == at or not lines[stop].startswith(" ")):
            stop += 1
        text = "\n".join(line.rstrip() for line in lines[at:stop])
        literal = text.endswith("::")
        if literal:
            text = text[:-2].rstrip() if text.endswith(" ::") or text == "::" else text[:-1]
        self._say(inline(text, self.names))
        if not literal:
            return stop
        body, after = self._content(lines, stop - 1)
        self._code("", body)
        return after

    def _code(self, language: str, body: Sequence[str]) -> None:
        code = "\n".join(body).strip("\n")
        if code.strip():
            fence = "````" if "```" in code else "```"
            self.builder.block(f"{fence}{language.strip()}\n{code}\n{fence}", "code")
            self.listing.apart()

    def _quotation(self, lines: Sequence[str], depth: int) -> None:
        margin = min((indent_of(line) for line in lines if line.strip()), default=0)
        with self.builder.within("quotation"):
            self.read([line[margin:] for line in lines], depth + 1)

    def _bullets(self, lines: Sequence[str], at: int, depth: int) -> int:
        return self._items(lines, at, depth, _BULLET)

    def _numbers(self, lines: Sequence[str], at: int, depth: int) -> int:
        return self._items(lines, at, depth, _NUMBER)

    def _items(self, lines: Sequence[str], at: int, depth: int, mark: re.Pattern[str]) -> int:
        """A list of items with signs of one kind."""
        counter = 0
        with self.listing.list():
            while at < len(lines) and (match := mark.match(lines[at])):
                label = match[1] or lines[at][:1]
                width = len(label) + len(match[2] or " ")
                body, after = self._content(lines, at, min(width, 2))
                counter += 1
                numbered = mark is _NUMBER
                marker = (
                    f"{counter}. "
                    if "#" in label
                    else f"{label.strip('(').rstrip(').')}. "
                    if numbered
                    else "- "
                )
                with self.listing.item(marker, "step" if numbered else "item"):
                    self.read([lines[at][width:], *body], depth + 1)
                at = _behind_blanks(lines, after)
        return at

    def _definitions(self, lines: Sequence[str], at: int, depth: int) -> int:
        """Terms with their meanings below them, indented."""
        while _follows(lines, at) and not lines[at].startswith(" ") and indent_of(lines[at + 1]) > 0:
            term = lines[at].rstrip()
            if any(begins(term) for begins, _ in _KINDS):
                break
            body, after = self._content(lines, at)
            self._definition(inline(re.sub(r"\s+:\s+.*", "", term), self.names), body, depth)
            at = _behind_blanks(lines, after)
            if at < len(lines) and not (_follows(lines, at) and indent_of(lines[at + 1]) > 0):
                break
        self.listing.apart()
        return at

    def _definition(self, term: str, body: Sequence[str], depth: int) -> None:
        """A short meaning makes a pair, a long one the answer to its term."""
        text = "\n".join(body).strip()
        simple = "\n\n" not in text and not any(begins(line) for line in body if line for begins, _ in _KINDS)
        if simple and not term.endswith("?") and not text.endswith("::"):
            self.listing.line(f"{term.rstrip(':')}: {one_line(inline(text, self.names))}", "pair")
            return
        with self.listing.panel(term):
            self.read(body, depth + 1)

    def _fields(self, lines: Sequence[str], at: int, depth: int) -> int:
        """Fields at the very top are facts of the document too."""
        first = self.builder.length == 0
        while at < len(lines) and (match := _FIELD.match(lines[at])):
            body, after = self._content(lines, at)
            value = one_line(inline(" ".join([match[2] or "", *body]), self.names))
            name = one_line(inline(match[1].replace("\\:", ":"), self.names))
            if value:
                self.listing.line(f"{name[:1].upper()}{name[1:]}: {value}", "pair")
            if first:
                self.metadata[name.lower()] = value or None
            at = _behind_blanks(lines, after) if after > at + 1 else at + 1
        self.listing.apart()
        return at

    def _options(self, lines: Sequence[str], at: int, depth: int) -> int:
        """A list of command line options with what they do."""
        while at < len(lines) and (match := _OPTION_LIST.fullmatch(lines[at].rstrip())):
            body, after = self._content(lines, at)
            said = one_line(inline(" ".join([match[2] or "", *body]), self.names))
            self.listing.line(f"`{match[1]}`: {said}" if said else f"`{match[1]}`", "pair")
            at = _behind_blanks(lines, after)
        self.listing.apart()
        return at

    def _verse(self, lines: Sequence[str], at: int, depth: int) -> int:
        said = []
        while at < len(lines) and (match := _LINE.match(lines[at])):
            said.append(inline((match[1] or "").strip(), self.names))
            at += 1
        self._say("\n".join(said))
        return at

    def _session(self, lines: Sequence[str], at: int, depth: int) -> int:
        stop = at
        while stop < len(lines) and lines[stop].strip():
            stop += 1
        self._code("pycon", lines[at:stop])
        return stop

    def _drawn(self, lines: Sequence[str], at: int, depth: int) -> int:
        stop = at
        while stop < len(lines) and lines[stop][:1] in ("+", "|"):
            stop += 1
        if stop - at < 3:
            return self._paragraph(lines, at, depth)
        self._table(*tables.grid_table(lines[at:stop]))
        return stop

    def _columns(self, lines: Sequence[str], at: int, depth: int) -> int:
        rules, stop = 0, at
        for place in range(at, len(lines)):
            if tables.SIMPLE.fullmatch(lines[place]):
                rules, stop = rules + 1, place + 1
                if rules > 1 and (place + 1 >= len(lines) or not lines[place + 1].strip()):
                    break
        if rules < 2:
            return self._paragraph(lines, at, depth)
        self._table(*tables.simple_table(lines[at:stop]))
        return stop

    def _table(self, heads: int, rows: Sequence[Sequence[str]]) -> None:
        written = [[inline(cell, self.names) for cell in row] for row in rows]
        add_table(self.builder, tables.one_header(heads, written))
        self.listing.apart()

    def _explicit(self, lines: Sequence[str], at: int, depth: int) -> int:
        """Directives and notes; targets, substitutions and comments are no text."""
        line = lines[at].rstrip()
        body, after = self._content(lines, at)
        if match := _DIRECTIVE.fullmatch(line):
            self._directive(match[1], match[2] or "", body, depth)
        elif note := _NOTE.fullmatch(line):
            text = one_line(inline(" ".join([note[2] or "", *body]), self.names))
            if text:
                self.builder.block(f"{note_mark(self.names.label(note[1], 'note'))}: {text}", "footnote")
        return after

    def _directive(self, name: str, argument: str, body: list[str], depth: int) -> None:
        options, rest = _options_of(body)
        if "|" in argument and not argument.strip("| "):
            return
        plain = known.plain_name(name)
        if plain in known.CODE:
            self._say(inline(options.get("caption", ""), self.names))
            self._code(argument if plain != "prompt" else "", rest)
        elif plain in known.DROPPED or name in known.DROPPED:
            return
        elif plain in known.PICTURES:
            self._picture(options.get("alt", ""), rest, depth)
        elif plain in known.NOTES or plain in known.CHANGES:
            self._note(plain, argument, rest, depth)
        elif plain.endswith("table") and self._drawn_by_directive(plain, argument, options, rest, depth):
            return
        elif plain in known.QUOTED:
            with self.builder.within("quotation"):
                self._say(inline(argument, self.names))
                self.read(rest, depth + 1)
        elif plain in known.UNFOLDED and argument and any(map(str.strip, rest)):
            with self.listing.panel(inline(argument, self.names)):
                self.read(rest, depth + 1)
        elif plain in known.OBJECTS and argument:
            self._object(argument, rest, depth)
        else:
            self._say(inline(argument, self.names))
            self.read(rest, depth + 1)

    def _picture(self, words: str, rest: list[str], depth: int) -> None:
        caption = " ".join(rest).lower()
        if words and words.lower() not in caption:
            self._say(f"[Image: {inline(words, self.names)}]")
        self.read(rest, depth + 1)

    def _note(self, name: str, argument: str, rest: list[str], depth: int) -> None:
        """What kind of note it is stands before its first words."""
        if name in known.CHANGES:
            version, _, said = argument.partition(" ")
            kind, argument = known.CHANGES[name].format(version).strip(), said.strip()
        else:
            kind = known.NOTES[name]
        first, body = argument, list(rest)
        while not first and body and not body[0].strip():
            del body[0]
        while (
            body
            and body[0].strip()
            and not body[0].startswith(" ")
            and not any(b(body[0]) for b, _ in _KINDS)
        ):
            first += "\n" + body.pop(0)
        with self.builder.within("quotation"):
            self._say(f"{kind}: {inline(first.strip(), self.names)}" if first.strip() else kind)
            self.read(body, depth + 1)

    def _object(self, signature: str, rest: list[str], depth: int) -> None:
        if any(map(str.strip, rest)):
            with self.listing.panel(f"`{signature}`"):
                self.read(rest, depth + 1)
        else:
            self._say(f"`{signature}`")

    def _drawn_by_directive(
        self, name: str, argument: str, options: dict[str, str], rest: list[str], depth: int
    ) -> bool:
        """The tables that directives make; False for any other one."""
        if name not in ("list-table", "csv-table", "flat-table", "table"):
            return False
        self._say(inline(argument, self.names))
        heads = options.get("header-rows", "0")
        if name == "table":
            self.read(rest, depth + 1)
        elif name == "csv-table":
            self._table(*tables.csv_table(rest, options))
        else:
            self._table(*tables.list_table(rest, int(heads) if heads.isdecimal() else 0))
        return True


def _follows(lines: Sequence[str], at: int) -> bool:
    return at + 1 < len(lines) and bool(lines[at + 1].strip())


def _behind_blanks(lines: Sequence[str], at: int) -> int:
    while at < len(lines) and not lines[at].strip():
        at += 1
    return at


def _options_of(body: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    """The options at the top of a directive's content, and the rest."""
    options: dict[str, str] = {}
    at, name = 0, ""
    while at < len(body) and body[at].strip():
        if match := _OPTION.fullmatch(body[at]):
            name = match[1].strip().lower()
            options[name] = (match[2] or "").strip()
        elif name and body[at].startswith(" "):
            options[name] += " " + body[at].strip()
        else:
            break
        at += 1
    return options, list(body[at:])


_KINDS: Final[Sequence[tuple[Callable[[str], object], Callable[[Body, Sequence[str], int, int], int]]]] = (
    (_EXPLICIT.fullmatch, Body._explicit),
    (tables.GRID.fullmatch, Body._drawn),
    (tables.SIMPLE.fullmatch, Body._columns),
    (_BULLET.match, Body._bullets),
    (_NUMBER.match, Body._numbers),
    (_FIELD.match, Body._fields),
    (lambda line: line.startswith(">>> "), Body._session),
    (_LINE.match, Body._verse),
    (_OPTION_LIST.fullmatch, Body._options),
)
"""How what begins with a sign is told, and what writes it."""
