"""The parser behind Markdown's blocks: CommonMark with tables, and what MkDocs, Docusaurus and Sphinx write beside it.

Block rules only; nothing inside a paragraph is looked at. Definition lists, footnotes and `:::` come from
mdit-py-plugins; the rule for indented bodies (`!!! note`, `??? question`, `=== "Linux"`) is here, because the
plugin's knows no tabs.
"""

import re
from functools import cache
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from markdown_it import MarkdownIt
from mdit_py_plugins.container import container_plugin
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.footnote.index import footnote_def

if TYPE_CHECKING:
    from markdown_it.rules_block import StateBlock

Flavour: TypeAlias = Literal["markdown", "components", "loose", "plain"]
"""components: MDX, where what is indented stands inside a component and is no code; loose: text that may be Markdown or
not, where a ruler under a line makes no heading; plain: prose, where lists are seen but neither headings, tables nor
indented code."""

INDENT: Final = 4
"""Columns by which the body of a note or tab is indented."""
_OPENING: Final = re.compile(r'(!!!|\?\?\?\+?)[ \t]+([\w-][^\n]*)|(===[!+]*)[ \t]+(["\'][^\n]*)')


@cache
def block_parser(flavour: Flavour) -> "MarkdownIt":
    """A parser for the block structure of one flavour."""
    parser = MarkdownIt("commonmark").enable("table").disable("inline")
    match flavour:
        case "markdown":
            return _extended(parser)
        case "components":
            return _extended(parser).disable("code")
        case "loose":
            return _extended(parser).disable("lheading")
        case "plain":
            return parser.disable(["lheading", "heading", "code", "html_block", "table", "reference", "hr"])


def _extended(parser: "MarkdownIt") -> "MarkdownIt":
    parser.use(deflist_plugin)
    parser.use(container_plugin, "named", validate=_is_named, marker=":")
    rules, ends = parser.block.ruler, ["paragraph", "reference"]
    rules.before("reference", "footnote_def", footnote_def, {"alt": ends})
    rules.before("fence", "indented_body", _indented_body, {"alt": [*ends, "blockquote", "list"]})
    return parser


def _is_named(info: str, _markup: str) -> bool:
    return bool(info.strip())


def _indented_body(state: "StateBlock", first: int, end: int, silent: bool) -> bool:
    """A rule of markdown-it: an opening line, then lines that are blank or indented."""
    if state.is_code_block(first):
        return False
    opening = _OPENING.fullmatch(state.src, state.bMarks[first] + state.tShift[first], state.eMarks[first])
    if opening is None or silent:
        return opening is not None
    indent, last = state.sCount[first] + INDENT, first
    for line in range(first + 1, end):
        if not state.isEmpty(line):
            if state.sCount[line] < indent:
                break
            last = line
    token = state.push("indented_open", "div", 1)
    token.markup, token.info = opening[1] or opening[3], opening[2] or opening[4]
    token.map = [first, last + 1]
    outer = state.lineMax, state.blkIndent, state.parentType
    state.lineMax, state.blkIndent, state.parentType = last + 1, indent, "blockquote"
    state.md.block.tokenize(state, first + 1, last + 1)
    state.lineMax, state.blkIndent, state.parentType = outer
    state.push("indented_close", "div", -1)
    state.line = last + 1
    return True
