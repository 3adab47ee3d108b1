"""Source code: the source as it is, with each class, function and type under its name as heading.

Definitions are found by how lines begin, as an editor's outline finds them; the words of a heading are those of the
definition, so that a question for a name finds it. Nothing is executed or parsed.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Final

from ingest.extract.charset import decode
from ingest.extract.clean import clean, one_line
from ingest.extract.extracted import Extracted
from ragchat.documents import Block, Heading, Span

_WORDS: Final = (
    r"(?:(?:export|default|public|private|protected|internal|static|final|abstract|async|sealed|open|override|virtual"
    r"|inline|pub(?:\([\w:]+\))?|unsafe|const|local|partial|data|suspend|extern)[ \t]+){0,6}"
)
_KEYWORDS: Final = (
    r"(?P<what>class|interface|struct|enum|trait|impl|record|module|namespace|object|protocol|extension|type|def|fn|func"
    r"|function|fun|sub|procedure|proc|macro_rules!|defmodule|defp)"
)
_NAME: Final = r"(?P<name>[A-Za-z_$][\w$.:]*)"
_DEFINITION: Final = re.compile(
    rf"^(?P<indent>[ \t]{{0,16}}){_WORDS}{_KEYWORDS}(?:[ \t]+|[ \t]*\*[ \t]*)(?:\([^)\n]{{0,80}}\)[ \t]*)?{_NAME}"
    r"(?=[ \t]*(?:[({<:=\[!;]|$|extends|implements|where|for\b|is\b|struct|interface|\w+[ \t]*[({=]))",
    re.MULTILINE,
)
_PYTHON: Final = re.compile(
    rf"^(?P<indent>[ \t]{{0,16}})(?:async[ \t]+)?(?P<what>class|def)[ \t]+{_NAME}(?=[ \t]*[\[(:])",
    re.MULTILINE,
)
_SQL: Final = re.compile(
    r"^(?P<indent>[ \t]{0,16})create[ \t]+(?:or[ \t]+replace[ \t]+)?(?:(?:temp|temporary|materialized|unique)[ \t]+)?"
    rf"(?P<what>table|view|function|procedure|index|trigger|type)[ \t]+(?:if[ \t]+not[ \t]+exists[ \t]+)?{_NAME}",
    re.IGNORECASE | re.MULTILINE,
)
_SHELL: Final = re.compile(
    r"^(?P<indent>)(?P<what>)(?P<name>[A-Za-z_][\w-]{0,80})[ \t]*\(\)[ \t]*\{", re.MULTILINE
)
_FUNCTION: Final = re.compile(
    r"^(?P<indent>[ \t]{0,8})(?P<what>)"
    r"(?!(?:return|else|if|for|foreach|while|do|switch|case|new|throw|catch|goto|delete|await|yield|using|lock)\b)"
    r"(?:[\w:<>,\[\]&*.@?]{1,80}[ \t]{1,8}[*&]{0,3}){1,8}?"
    r"(?P<name>[A-Za-z_]\w{0,80}(?:::~?\w{1,80}){0,4})[ \t]{0,4}"
    r"\((?:[^;{}()]|\([^;{}()]{0,80}\)){0,600}\)\s{0,40}"
    r"(?:(?:const|override|noexcept|final|throws[ \t]+[\w., \t]{1,200})\s{1,40}){0,3}\{",
    re.MULTILINE,
)
"""A function as C and its heirs write it, without a keyword: types, a name, parameters and its body."""
_WITHOUT_KEYWORD: Final = frozenset(
    {".c", ".h", ".cc", ".cpp", ".cxx", ".hpp", ".java", ".cs", ".m", ".dart", ".groovy"}
)
_PATTERNS: Final = {".py": _PYTHON, ".pyi": _PYTHON, ".sql": _SQL, ".sh": _SHELL, ".bash": _SHELL}
_STRETCH: Final = re.compile(r"\S[^\n]*(?:\n[^\S\n]*\S[^\n]*)*")
DEEPEST: Final = 8
"""Columns of indent from which on a definition is a detail of another one."""


def extract(data: bytes, name: str) -> Extracted:
    """The title is the file's name."""
    text = clean(decode(data))
    path = PurePosixPath(name.replace("\\", "/"))
    headings = tuple(_headings(text, path.suffix.lower()))
    return Extracted(
        text,
        one_line(path.name),
        "text/x-source",
        headings=headings,
        reason="" if text else "the file is empty",
        blocks=tuple(_blocks(text, headings)),
    )


def _headings(text: str, suffix: str) -> Iterator[Heading]:
    found = {match.start(): match for match in _PATTERNS.get(suffix, _DEFINITION).finditer(text)}
    if suffix in _WITHOUT_KEYWORD:
        found = {match.start(): match for match in _FUNCTION.finditer(text)} | found
    for _, match in sorted(found.items()):
        indent = len(match["indent"].expandtabs(4))
        if indent <= DEEPEST:
            what = f"{match['what'].lower()} " if match["what"] else ""
            yield Heading(match.start(), min(2 + indent // 4, 4), f"{what}{match['name'].rstrip(':.')}")


def _blocks(text: str, headings: tuple[Heading, ...]) -> Iterator[Block]:
    """What stands between blank lines is code; the line of a definition is its heading."""
    starts = {heading.offset: heading for heading in headings}
    offsets = [heading.offset for heading in headings]
    under: list[tuple[int, int]] = []
    number = 0
    for match in _STRETCH.finditer(text):
        place = match.start()
        while place < match.end():
            line_start = text.rfind("\n", 0, place) + 1
            heading = starts.get(line_start)
            if heading is not None:
                end = text.find("\n", place)
                end = match.end() if end < 0 or end > match.end() else end
                while under and under[-1][0] >= heading.level:
                    under.pop()
                yield _block("heading", text, place, end, under[-1][1] if under else -1)
                under.append((heading.level, number))
            else:
                later = bisect_right(offsets, place)
                end = min(offsets[later], match.end()) if later < len(offsets) else match.end()
                yield _block("code", text, place, end, under[-1][1] if under else -1)
            number += 1
            place = end
            while place < match.end() and text[place].isspace():
                place += 1


def _block(kind: str, text: str, start: int, end: int, parent: int) -> Block:
    body = text[start:end]
    left = len(body) - len(body.lstrip())
    return Block(kind, Span(start + left, start + len(body.rstrip())), parent)  # type: ignore[arg-type]
