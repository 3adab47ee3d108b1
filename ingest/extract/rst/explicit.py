"""What begins with two dots: directives by what they are for a reader, and notes.

Targets, substitutions and comments are no text; nothing is fetched or executed.
"""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from ingest.extract.assembly.inline import note_mark
from ingest.extract.clean import one_line
from ingest.extract.rst import directives as known
from ingest.extract.rst import tables
from ingest.extract.rst.lines import content, options_of

if TYPE_CHECKING:
    from ingest.extract.rst.body import Body

EXPLICIT: Final = re.compile(r"(?:\.\.|__)(?:\s.*)?")
_DIRECTIVE: Final = re.compile(r"\.\. (?:\|[^|]+\| )?([A-Za-z][\w:+.-]*?)::(?:\s+(.*))?")
_NOTE: Final = re.compile(r"\.\. \[(#[\w.-]*|\d{1,4}|\*|[A-Za-z][\w.-]*)\](?:\s+(.*))?")
_TABLES: Final = frozenset({"list-table", "csv-table", "flat-table", "table"})


def explicit(body: "Body", lines: Sequence[str], at: int, depth: int) -> int:
    """A directive or note; the line behind it."""
    line = lines[at].rstrip()
    below, after = content(lines, at)
    if match := _DIRECTIVE.fullmatch(line):
        if not line.startswith(".. |"):
            _directive(body, match[1], match[2] or "", below, depth)
    elif note := _NOTE.fullmatch(line):
        text = one_line(body.inline(" ".join([note[2] or "", *below])))
        if text:
            label = body.names.label(note[1], "note")
            body.builder.block(f"{note_mark(label)}: {text}", "footnote")
    return after


def _directive(body: "Body", name: str, argument: str, below: list[str], depth: int) -> None:
    options, rest = options_of(below)
    plain = known.plain_name(name)
    if plain in known.DROPPED or name in known.DROPPED:
        return
    if plain in known.CODE:
        body.say(options.get("caption", ""))
        body.code(argument if plain != "prompt" else "", rest)
    elif plain in known.PICTURES:
        _picture(body, options.get("alt", ""), rest, depth)
    elif plain in known.NOTES or plain in known.CHANGES:
        _note(body, plain, argument, rest, depth)
    elif plain in _TABLES:
        _table(body, plain, argument, options, rest, depth)
    elif plain in known.QUOTED:
        with body.builder.within("quotation"):
            body.say(argument)
            body.read(rest, depth + 1)
    elif plain in known.UNFOLDED | known.OBJECTS and argument:
        _titled(body, f"`{argument}`" if plain in known.OBJECTS else body.inline(argument), rest, depth)
    else:
        body.say(argument)
        body.read(rest, depth + 1)


def _picture(body: "Body", words: str, rest: list[str], depth: int) -> None:
    """What a picture shows, unless its caption says it."""
    if words and words.lower() not in " ".join(rest).lower():
        body.say(f"[Image: {words}]")
    body.read(rest, depth + 1)


def _note(body: "Body", name: str, argument: str, rest: list[str], depth: int) -> None:
    """What kind of note it is stands before its first words."""
    kind, first = known.NOTES.get(name, ""), argument
    if name in known.CHANGES:
        version, _, first = argument.partition(" ")
        kind = known.CHANGES[name].format(version).strip()
    while not first and rest and not rest[0].strip():
        rest = rest[1:]
    while rest and rest[0].strip() and not rest[0].startswith(" ") and not body.begins(rest[0]):
        first, rest = f"{first}\n{rest[0]}", rest[1:]
    with body.builder.within("quotation"):
        body.say(f"{kind}: {first.strip()}" if first.strip() else kind)
        body.read(rest, depth + 1)


def _titled(body: "Body", title: str, rest: list[str], depth: int) -> None:
    """A tab, what unfolds, or something described by its signature."""
    if not any(map(str.strip, rest)):
        body.listing.paragraph(title)
        return
    with body.listing.panel(title):
        body.read(rest, depth + 1)


def _table(
    body: "Body", name: str, caption: str, options: dict[str, str], rest: list[str], depth: int
) -> None:
    body.say(caption)
    heads = options.get("header-rows", "0")
    match name:
        case "table":
            body.read(rest, depth + 1)
        case "csv-table":
            body.table(*tables.csv_table(rest, options))
        case _:
            body.table(*tables.list_table(rest, int(heads) if heads.isdecimal() else 0))
