"""reStructuredText, line by line: headings, code and tables in Markdown's signs, markup that is no content dropped.

Not docutils: it executes what a document asks for (include, raw) and fails on Sphinx's roles; this reads structure
only. Directives with prose (notes, warnings) keep it; comments, link targets, options and toctrees go.
"""

import re
from typing import Final

from ingest.extract.building import TextBuilder
from ingest.extract.charset import decode
from ingest.extract.clean import clean_characters, humanised, one_line
from ingest.extract.extracted import Extracted
from ingest.extract.markdown.blocks import markdown_blocks
from ragchat.documents import Scalar

_RULE: Final = re.compile(r"([!-/:-@\[-`{-~])\1{2,}\s*")
_DIRECTIVE: Final = re.compile(r"(\s*)\.\. (?:\|[^|]+\| )?([\w:+.-]+?)::(?:\s+(.*))?")
_EXPLICIT: Final = re.compile(r"\s*\.\.(?:\s.*)?")
_OPTION: Final = re.compile(r"\s+:([\w -]+):(?:\s+(.*))?")
_DOCINFO: Final = re.compile(r":([A-Za-z][\w -]*):\s+(.+)")
_ROLE: Final = re.compile(r"(?::[\w:+.-]+:)`([^`<]+?)(?:\s*<[^`>]+>)?`")
_LINK: Final = re.compile(r"`([^`<]+?)\s*<[^`>]+>`__?")
_REFERENCE: Final = re.compile(r"`([^`]+)`__?(?!\w)")
_LITERAL: Final = re.compile(r"``(.+?)``")
_CODE: Final = frozenset(
    {"code", "code-block", "sourcecode", "highlight", "parsed-literal", "doctest", "prompt"}
)
_DROPPED: Final = frozenset(
    {
        "toctree",
        "contents",
        "include",
        "raw",
        "image",
        "index",
        "meta",
        "highlight",
        "currentmodule",
        "module",
    }
    | {
        "automodule",
        "autoclass",
        "autofunction",
        "automethod",
        "sectnum",
        "default-role",
        "role",
        "testsetup",
    }
)


def extract(data: bytes, name: str) -> Extracted:
    """Title: the first heading, else the humanised file name; leading field lists become metadata."""
    lines = clean_characters(decode(data)).expandtabs(4).split("\n")
    reader = _Reader(lines)
    reader.run()
    builder = reader.builder
    top = builder.headings[0].title if builder.headings else humanised(name)
    reason = "" if builder.length else "no text but comments and directives"
    return Extracted(
        builder.text,
        top,
        "text/x-rst",
        headings=tuple(builder.headings),
        metadata=reader.metadata,
        reason=reason,
        blocks=markdown_blocks(builder.text, "loose"),
    )


class _Reader:
    """Walks the lines once; `styles` are the adornments met so far, the outermost first."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self.at = 0
        self.styles: list[str] = []
        self.builder = TextBuilder()
        self.paragraph: list[str] = []
        self.metadata: dict[str, Scalar] = {}

    def run(self) -> None:
        while self.at < len(self.lines):
            line = self.lines[self.at]
            if not line.strip():
                self._flush()
                self.at += 1
            elif not (self._heading() or self._docinfo(line) or self._explicit(line)):
                self._text(line)
        self._flush()

    def _line(self, index: int) -> str:
        return self.lines[index].rstrip() if index < len(self.lines) else ""

    def _heading(self) -> bool:
        one, two, three = (self._line(self.at + ahead) for ahead in range(3))
        if self.paragraph:
            return False
        if _RULE.fullmatch(one) and two and _RULE.fullmatch(three) and one[0] == three[0]:
            self._add_heading(one[0] * 2, two)
            self.at += 3
            return True
        if _RULE.fullmatch(one) and not two:
            self.at += 1  # a transition
            return True
        if _RULE.fullmatch(two) and not one.startswith(" ") and len(two) + 4 >= len(one):
            self._add_heading(two[0], one)
            self.at += 2
            return True
        return False

    def _add_heading(self, style: str, title: str) -> None:
        if style not in self.styles:
            self.styles.append(style)
        self.builder.heading(self.styles.index(style) + 1, inline(title))

    def _docinfo(self, line: str) -> bool:
        match = _DOCINFO.fullmatch(line)
        if not match or self.paragraph or len(self.builder.parts) > 1:
            return False
        self.metadata[match[1].lower()] = one_line(inline(match[2]))
        self.at += 1
        return True

    def _explicit(self, line: str) -> bool:
        if match := _DIRECTIVE.fullmatch(line.rstrip()):
            self._flush()
            self._directive(match[2].lower(), match[3] or "", len(match[1]))
            return True
        if _EXPLICIT.fullmatch(line) and not line.lstrip().startswith(".. ["):
            self._flush()
            self._skip_block(len(line) - len(line.lstrip()))
            return True
        return False

    def _directive(self, name: str, argument: str, indent: int) -> None:
        name = name.rpartition(":")[2]
        self.at += 1
        while _OPTION.fullmatch(self._line(self.at)):
            self.at += 1
        if name in _CODE:
            self._fenced(argument, indent)
        elif name in _DROPPED:
            self._skip_body(indent)
        elif argument and name not in ("function", "class", "method", "attribute", "data"):
            self.paragraph.append(inline(argument))
        elif argument:
            self.paragraph.append(f"`{argument}`")

    def _skip_block(self, indent: int) -> None:
        self.at += 1
        self._skip_body(indent)

    def _skip_body(self, indent: int) -> None:
        while self.at < len(self.lines) and (
            not self.lines[self.at].strip() or _indent(self.lines[self.at]) > indent
        ):
            self.at += 1

    def _fenced(self, language: str, indent: int) -> None:
        start = self.at
        self._skip_body(indent)
        body = self.lines[start : self.at]
        margin = min((_indent(line) for line in body if line.strip()), default=0)
        code = "\n".join(line[margin:] for line in body).strip("\n")
        if code:
            self.builder.block(f"```{language.strip()}\n{code}\n```")

    def _text(self, line: str) -> None:
        self.at += 1
        stripped = line.rstrip()
        literal = stripped.endswith("::") and not self._line(self.at)
        if literal:
            stripped = stripped[:-1] if stripped.strip() != "::" else ""
        if stripped:
            self.paragraph.append(inline(stripped))
        if literal:
            self._flush()
            self._fenced("", _indent(line))

    def _flush(self) -> None:
        margin = min((_indent(line) for line in self.paragraph), default=0)
        self.builder.block("\n".join(line[margin:] for line in self.paragraph))
        self.paragraph.clear()


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def inline(text: str) -> str:
    """Roles and links as their text, literals in single backticks."""
    if "`" not in text:
        return text
    text = _LITERAL.sub("\0\\1\0", text)
    text = _REFERENCE.sub(r"\1", _LINK.sub(r"\1", _ROLE.sub(r"\1", text)))
    return text.replace("\0", "`")
