"""Markdown: canonical text is the source itself, without front matter and HTML comments.

Keeping the source keeps quotes readable and spans exact (tables stay rows, code stays fenced). markdown-it-py finds
the headings, so that a "# comment" in a code block is none; only its block rules run over the whole file.
"""

import re
from functools import cache
from itertools import zip_longest
from typing import TYPE_CHECKING, Final

from ingest.extract.charset import decode
from ingest.extract.clean import clean, clean_characters, humanised, one_line
from ingest.extract.extracted import Extracted
from ingest.extract.markdown_blocks import markdown_blocks
from ragchat.documents import Heading, Scalar

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_FRONT_MATTER: Final = re.compile(r"(---|\+\+\+)[ \t]*\n(.*?)^\1[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_FIELD: Final = re.compile(r"([A-Za-z][\w .-]*?)[ \t]*[:=][ \t]*(.*)")
_COMMENT_OR_CODE: Final = re.compile(r"<!--|`+|^ {0,3}~{3,}", re.MULTILINE)
_HTML_HEADING: Final = re.compile(r"<h([1-6])\b[^>]*>([^<]+)</h\1>", re.IGNORECASE)
_NUMBER: Final = re.compile(r"-?\d{1,15}(\.\d{1,6})?")


def extract(data: bytes, name: str) -> Extracted:
    """Title: front matter, else the first level-1 heading, else the humanised file name."""
    source = clean_characters(decode(data)).lstrip("\n")
    metadata: dict[str, Scalar] = {}
    if front := _FRONT_MATTER.match(source):
        metadata = front_matter(front[2])
        source = source[front.end() :]
    text = clean(without_comments(source))
    headings = headings_of(text)
    first = next((heading.title for heading in headings if heading.level == 1), "")
    title = one_line(str(metadata.pop("title", "") or "")) or first or humanised(name)
    reason = "" if text else "no text but front matter and comments"
    blocks = markdown_blocks(text)
    return Extracted(
        text, title, "text/markdown", headings=headings, metadata=metadata, reason=reason, blocks=blocks
    )


def front_matter(block: str) -> dict[str, Scalar]:
    """Top-level "key: value" (YAML) or "key = value" (TOML) scalars and one-line lists; the rest is left out."""
    fields: dict[str, Scalar] = {}
    for line in block.split("\n"):
        match = _FIELD.fullmatch(line.rstrip())
        if match and (value := _scalar(match[2])) is not None:
            fields[match[1].lower()] = value
    return fields


def _scalar(raw: str) -> Scalar:
    raw = raw.strip()
    if raw.startswith("[") and raw.endswith("]"):
        return ", ".join(part.strip().strip("\"'") for part in raw[1:-1].split(",") if part.strip()) or None
    if len(raw) > 1 and raw[0] == raw[-1] and raw[0] in "\"'":
        return one_line(raw[1:-1])
    if raw.lower() in ("true", "false"):
        return raw.lower() == "true"
    if number := _NUMBER.fullmatch(raw):
        return float(raw) if number[1] else int(raw)
    return one_line(raw) if raw and raw[0] not in "|>{&*!" else None


def without_comments(source: str) -> str:
    """Without `<!-- … -->`, but for those inside code; an unclosed one stays as text."""
    if "<!--" not in source:
        return source
    kept: list[str] = []
    position = 0
    while match := _COMMENT_OR_CODE.search(source, position):
        end = _end_of(source, match)
        if end < 0:
            break
        is_comment = match[0] == "<!--"
        kept.append(source[position : match.start() if is_comment else end])
        position = end
    return "".join(kept) + source[position:]


def _end_of(source: str, match: re.Match[str]) -> int:
    """Where a comment, a fenced block or a code span ends: -1 for a comment that never does, else behind its mark."""
    mark = match[0]
    if mark == "<!--":
        close = source.find("-->", match.end())
        return close + 3 if close >= 0 else -1
    fence = mark.strip()
    line_start = source.rfind("\n", 0, match.start()) + 1
    if len(fence) >= 3 and not source[line_start : match.start()].strip(" >-*\t"):
        close_fence = re.compile(rf"\n[ \t>]*{fence}").search(source, match.end())
        return close_fence.end() if close_fence else match.end()
    line_end = source.find("\n", match.end())
    close = source.find(mark, match.end(), line_end if line_end >= 0 else len(source))
    return close + len(mark) if close >= 0 else match.end()


def headings_of(text: str) -> tuple[Heading, ...]:
    """ATX, setext and HTML headings in text order, with their inline markup removed."""
    return _headings(text, setext=True)


def atx_headings(text: str) -> tuple[Heading, ...]:
    """Only "# …" headings, for text that may be Markdown or not: a ruler under a line makes no heading there."""
    return _headings(text, setext=False) if text.startswith("#") or "\n#" in text else ()


def _headings(text: str, *, setext: bool) -> tuple[Heading, ...]:
    parser = _parser(setext)
    starts = _line_starts(text)
    tokens = parser.parse(text)
    found: list[Heading] = []
    for token, content in zip_longest(tokens, tokens[1:]):
        if token.type == "heading_open" and token.map and token.level == 0:
            if content is not None and (title := _plain(content.content)):
                found.append(Heading(starts[token.map[0]], int(token.tag[1:]), title))
        elif token.type == "html_block" and token.map and setext:
            found.extend(_html_headings(token, starts[token.map[0]]))
    return tuple(found)


def _html_headings(token: "Token", start: int) -> list[Heading]:
    return [
        Heading(start + match.start(), int(match[1]), title)
        for match in _HTML_HEADING.finditer(token.content)
        if (title := one_line(match[2]))
    ]


def _line_starts(text: str) -> list[int]:
    starts = [0]
    starts.extend(match.end() for match in re.finditer("\n", text))
    return starts


def _plain(source: str) -> str:
    """The visible text of an inline source: no emphasis, link targets, HTML tags or attribute lists."""
    tokens = _inline_parser().parseInline(source)
    children = tokens[0].children or [] if tokens else []
    text = "".join(
        child.content if child.type in ("text", "code_inline", "image", "text_special") else " "
        for child in children
        if child.type not in ("html_inline", "em_open", "em_close", "strong_open", "strong_close")
        and not child.type.startswith(("link_", "s_"))
    )
    return one_line(re.sub(r"\s*\{[#.:][^}]*\}\s*$", "", text))


@cache
def _parser(setext: bool) -> "MarkdownIt":
    """Block structure only; inline parsing happens for headings alone."""
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark").enable("table").disable("inline")
    return parser if setext else parser.disable("lheading")


@cache
def _inline_parser() -> "MarkdownIt":
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark")
