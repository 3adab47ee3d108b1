"""Plain text, source code and logs: decoded and cleaned, nothing else. Their blocks are what is sure without markup."""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from ingest.extract.charset import decode
from ingest.extract.clean import clean, humanised, one_line
from ingest.extract.extracted import Extracted
from ingest.extract.markdown.blocks import markdown_blocks
from ragchat.documents import Block, Span

_STRETCH = re.compile(r"\S[^\n]*(?:\n[^\S\n]*\S[^\n]*)*")
_CODE_LOOK = re.compile(r"[={}();<>$\\]|^(?:>>>|\.\.\.|\$|#)")
_PROSE = frozenset({"", ".txt", ".text", ".log"})


def extract(data: bytes, name: str) -> Extracted:
    """The text as it is; files of prose get a humanised title, others (code, settings) keep their file name."""
    text = clean(decode(data))
    path = PurePosixPath(name.replace("\\", "/"))
    prose = path.suffix.lower() in _PROSE
    title = humanised(name) if prose else one_line(path.name)
    blocks = _with_code(markdown_blocks(text, "plain"), text) if prose else _code_blocks(text)
    return Extracted(text, title, "text/plain", reason="" if text else "the file is empty", blocks=blocks)


def _with_code(blocks: Sequence[Block], text: str) -> tuple[Block, ...]:
    """Paragraphs that are indented throughout and look like code become code."""
    return tuple(
        replace(block, kind="code") if block.kind == "paragraph" and _is_code(block.span, text) else block
        for block in blocks
    )


def _is_code(span: Span, text: str) -> bool:
    start = text.rfind("\n", 0, span.start) + 1
    lines = text[start : span.end].split("\n")
    return all(line.startswith(("    ", "\t")) for line in lines) and 2 * sum(
        map(bool, map(_CODE_LOOK.search, map(str.strip, lines)))
    ) >= len(lines)


def _code_blocks(text: str) -> tuple[Block, ...]:
    """Source code and settings: what stands between blank lines."""
    return tuple(
        Block("code", Span(match.start() + len(match[0]) - len(match[0].lstrip()), match.end()))
        for match in _STRETCH.finditer(text)
    )
