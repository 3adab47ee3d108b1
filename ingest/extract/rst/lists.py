"""Lists of all kinds: items and steps, terms with meanings, fields, command line options.

Each is a function of the body, its lines, where to begin and how deep it is; it gives the line behind what it read.
"""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from ingest.extract.clean import one_line
from ingest.extract.rst.lines import behind_blanks, content, follows, indent_of

if TYPE_CHECKING:
    from ingest.extract.rst.body import Body

BULLET: Final = re.compile(r"([-*+•‣])(\s+)\S|[-*+•‣]$")
NUMBER: Final = re.compile(r"(\(?(?:\d{1,4}|[A-Za-z]|#|[ivxlcdmIVXLCDM]{2,7})[.)])(\s+)\S")
FIELD: Final = re.compile(r":((?:\\:|[^:\s])(?:\\:|[^:\n]){0,80}):(?:\s+(.*)|\s*$)")
_CLASSIFIER: Final = re.compile(r"(?<!\s)\s+:\s+.*")
_FLAG: Final = r"(?:--?|/)[\w?][^\s,]*(?:[ =]<?[\w.]+>?)?"
OPTION: Final = re.compile(rf"({_FLAG}(?:, {_FLAG})*)(?:\s{{2,}}(.*)|\s*)")


def bullets(body: "Body", lines: Sequence[str], at: int, depth: int) -> int:
    """Items without numbers."""
    with body.listing.list():
        while at < len(lines) and (match := BULLET.match(lines[at])):
            width = 1 + len(match[2] or " ")
            at = _item(body, lines, at, depth, "- ", width)
    return at


def numbers(body: "Body", lines: Sequence[str], at: int, depth: int) -> int:
    """Steps; "#" counts by itself."""
    count = 0
    with body.listing.list():
        while at < len(lines) and (match := NUMBER.match(lines[at])):
            count += 1
            label = match[1].strip("().")
            marker = f"{count if label == '#' else label}. "
            at = _item(body, lines, at, depth, marker, len(match[1]) + len(match[2]))
    return at


def _item(body: "Body", lines: Sequence[str], at: int, depth: int, marker: str, width: int) -> int:
    below, after = content(lines, at, min(width, 2))
    with body.listing.item(marker, "item" if marker == "- " else "step"):
        body.read([lines[at][width:], *below], depth + 1)
    return behind_blanks(lines, after)


def is_term(lines: Sequence[str], at: int) -> bool:
    """Whether a line has an indented one right below it, and is no lead-in of code."""
    return follows(lines, at) and indent_of(lines[at + 1]) > indent_of(lines[at]) == 0


def definitions(body: "Body", lines: Sequence[str], at: int, depth: int) -> int:
    """Terms with their meanings below them: a short one makes a pair, a long one the answer to its term."""
    while at < len(lines) and is_term(lines, at) and not body.begins(lines[at]):
        if lines[at].rstrip().endswith("::"):
            break
        below, after = content(lines, at)
        term = body.inline(_CLASSIFIER.sub("", lines[at].rstrip()))
        text = "\n".join(below).strip()
        simple = "\n\n" not in text and not any(body.begins(line) for line in below if line)
        if simple and not term.endswith("?") and not text.endswith("::"):
            body.listing.line(f"{term.rstrip(':')}: {one_line(body.inline(text))}", "pair")
        else:
            with body.listing.panel(term):
                body.read(below, depth + 1)
        at = behind_blanks(lines, after)
    body.listing.apart()
    return at


def fields(body: "Body", lines: Sequence[str], at: int, depth: int) -> int:
    """Fields as pairs; at the very top they are facts of the document too."""
    first = body.builder.length == 0
    while at < len(lines) and (match := FIELD.match(lines[at])):
        below, after = content(lines, at)
        value = one_line(body.inline(" ".join([match[2] or "", *below])))
        name = one_line(body.inline(match[1].replace("\\:", ":")))
        if value:
            body.listing.line(f"{name[:1].upper()}{name[1:]}: {value}", "pair")
        if first and value:
            body.metadata[name.lower()] = value
        at = behind_blanks(lines, after) if after > at + 1 else at + 1
    body.listing.apart()
    return at


def options(body: "Body", lines: Sequence[str], at: int, depth: int) -> int:
    """Options of a command with what they do."""
    while at < len(lines) and (match := OPTION.fullmatch(lines[at].rstrip())):
        below, after = content(lines, at)
        said = one_line(body.inline(" ".join([match[2] or "", *below])))
        body.listing.line(f"`{match[1]}`: {said}" if said else f"`{match[1]}`", "pair")
        at = behind_blanks(lines, after)
    body.listing.apart()
    return at
