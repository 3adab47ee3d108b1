"""The headings of Markdown, with their inline markup removed; those in lists and quotations are none."""

import re
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from markdown_it import MarkdownIt

from ingest.extract.clean import one_line
from ragchat.documents import Heading

if TYPE_CHECKING:
    from markdown_it.token import Token

_PLAIN: Final = re.compile(r"[^\\`*_<&\[\]{}!:]*")
_MARKS: Final = frozenset({"html_inline", "em_open", "em_close", "strong_open", "strong_close"})


def headings_of(tokens: Sequence["Token"], starts: Sequence[int]) -> tuple[Heading, ...]:
    """The headings among a text's tokens; `starts` are the offsets of its lines."""
    found: list[Heading] = []
    for token, content in pairwise(tokens):
        if (
            token.type == "heading_open"
            and token.map
            and token.level == 0
            and (title := visible(content.content))
        ):
            found.append(Heading(starts[token.map[0]], int(token.tag[1:]), title))
    return tuple(found)


def visible(source: str) -> str:
    """The visible text of an inline source: no emphasis, link targets, HTML tags or attribute lists."""
    if _PLAIN.fullmatch(source):
        return one_line(source)
    tokens = _inline_parser().parseInline(source)
    children = tokens[0].children or [] if tokens else []
    text = "".join(
        child.content if child.type in ("text", "code_inline", "image", "text_special") else " "
        for child in children
        if child.type not in _MARKS and not child.type.startswith(("link_", "s_"))
    )
    return one_line(re.sub(r"(?<!\s)\s*\{[#.:][^{}]*\}\s*$", "", text))


@cache
def _inline_parser() -> "MarkdownIt":
    return MarkdownIt("commonmark")
