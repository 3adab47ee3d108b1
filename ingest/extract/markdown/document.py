"""A Markdown file from its bytes: facts, text, headings, blocks.

Keeping the source keeps quotes readable and spans exact (tables stay rows, code stays fenced). markdown-it-py finds
the headings, so that a "# comment" in a code block is none; only its block rules run over the whole file.
"""

import re
from typing import Final

from ingest.extract.assembly.paragraphs import told_apart
from ingest.extract.charset import decode
from ingest.extract.clean import clean, clean_characters, humanised, one_line
from ingest.extract.extracted import Extracted
from ingest.extract.markdown.blocks import markdown_build
from ingest.extract.markdown.front_matter import as_fields, split_front_matter
from ingest.extract.markdown.generators import without_generator_signs
from ingest.extract.markdown.source import readable
from ingest.extract.markdown.titles import with_readable_titles

_COMMENT_OR_CODE: Final = re.compile(r"<!--|`+|^ {0,3}~{3,}", re.MULTILINE)


def extract(data: bytes, name: str) -> Extracted:
    """Title: front matter, else the first level-1 heading, else the humanised file name."""
    metadata, source = split_front_matter(clean_characters(decode(data)).lstrip("\n"))
    title = one_line(str(metadata.pop("title", "") or ""))
    components = name.lower().endswith(".mdx")
    source = without_generator_signs(clean(without_comments(source)))
    body = readable(source, components=components)
    text = clean("\n\n".join(filter(str.strip, (as_fields(metadata), body))))
    build = markdown_build(text, "components" if components else "markdown")
    text, build = with_readable_titles(text, build)
    headings = build.headings
    first = next((heading.title for heading in headings if heading.level == 1), "")
    return Extracted(
        text,
        title or first or humanised(name),
        "text/markdown",
        headings=headings,
        metadata=metadata,
        reason="" if text else "no text but front matter and comments",
        blocks=told_apart(build.blocks, text),
    )


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
