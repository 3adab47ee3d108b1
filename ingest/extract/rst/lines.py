"""Lines and their indents: what belongs below which line."""

import re
from collections.abc import Sequence
from typing import Final

_OPTION: Final = re.compile(r"\s*:([\w -]+):(?:\s+(.*))?")


def indent_of(line: str) -> int:
    """The number of blanks that a line begins with."""
    return len(line) - len(line.lstrip())


def follows(lines: Sequence[str], at: int) -> bool:
    """Whether a line with text comes right after."""
    return at + 1 < len(lines) and bool(lines[at + 1].strip())


def behind_blanks(lines: Sequence[str], at: int) -> int:
    """The next line with text, from `at` on."""
    while at < len(lines) and not lines[at].strip():
        at += 1
    return at


def block_end(lines: Sequence[str], at: int, indent: int) -> int:
    """Behind the last line from `at` on that is indented so far; blank lines at its end do not count."""
    stop = last = at
    while stop < len(lines) and (not lines[stop].strip() or indent_of(lines[stop]) >= indent):
        stop += 1
        if lines[stop - 1].strip():
            last = stop
    return last


def content(lines: Sequence[str], at: int, least: int = 1) -> tuple[list[str], int]:
    """The indented lines below one, without their indent, and the line behind them."""
    stop = block_end(lines, at + 1, least)
    return without_indent(lines[at + 1 : stop]), max(stop, at + 1)


def without_indent(lines: Sequence[str]) -> list[str]:
    """The lines without the blanks that all of them begin with."""
    margin = min((indent_of(line) for line in lines if line.strip()), default=0)
    return [line[margin:].rstrip() for line in lines]


def options_of(body: Sequence[str]) -> tuple[dict[str, str], list[str]]:
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
