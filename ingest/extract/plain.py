"""Plain text, source code and logs: decoded and cleaned, nothing else."""

import re
from pathlib import PurePosixPath

from ingest.extract.charset import decode
from ingest.extract.clean import clean, humanised, one_line
from ingest.extract.extracted import Extracted
from ingest.extract.markdown_blocks import markdown_blocks
from ragchat.documents import Block, Span

_STRETCH = re.compile(r"\S[^\n]*(?:\n[^\S\n]*\S[^\n]*)*")
_PROSE = frozenset({"", ".txt", ".text", ".log"})


def extract(data: bytes, name: str) -> Extracted:
    """The text as it is; files of prose get a humanised title, others (code, settings) keep their file name."""
    text = clean(decode(data))
    path = PurePosixPath(name.replace("\\", "/"))
    prose = path.suffix.lower() in _PROSE
    title = humanised(name) if prose else one_line(path.name)
    blocks = markdown_blocks(text, "plain") if prose else _code_blocks(text)
    return Extracted(text, title, "text/plain", reason="" if text else "the file is empty", blocks=blocks)


def _code_blocks(text: str) -> tuple[Block, ...]:
    """Source code and settings: what stands between blank lines."""
    return tuple(
        Block("code", Span(match.start() + len(match[0]) - len(match[0].lstrip()), match.end()))
        for match in _STRETCH.finditer(text)
    )
