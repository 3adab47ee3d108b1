"""Signs that site generators and note programs put into Markdown: short codes, tags of templates, lists of attributes,
links between notes, remarks. What they say to a reader stays (titles, captions, words of a link); code is not touched.
"""

import re
from typing import Final

from ingest.extract.clean import one_line
from ingest.extract.markdown.tags import attributes_of

_FENCE: Final = re.compile(r"[ \t>]{0,12}(`{3,}|~{3,})")
_TAKEN: Final = re.compile(r"\{[{%:#.]|\[\[|%%|\]: ?[#<]|\[TOC\]|\$\{toc\}|:{3,} ?\{", re.IGNORECASE)
_REMARK_BEGINS: Final = re.compile(r"[ \t]{0,12}\{%-?[ \t]{0,9}comment\b[^%]{0,200}%\}")
_REMARK_ENDS: Final = re.compile(r"\{%-?[ \t]{0,9}endcomment[ \t]{0,9}-?%\}")
_HIGHLIGHT: Final = re.compile(r"\s{0,3}\{%-?\s*(end)?highlight\s*([\w+#.-]*)[^%]{0,200}%\}\s*")
_SHORT_CODE: Final = re.compile(
    r"(?P<code>(?P<ticks>`+)[^`\n]{1,2000}(?P=ticks))|\{\{[<%](?P<facts>[^{}]{0,2000}?)[%>]\}\}"
)
_LIQUID_LINE: Final = re.compile(r"^[ \t]{0,12}\{%-?(?P<facts>[^{}%]{0,2000})-?%\}[ \t]*$")
_ATTRIBUTE_LINE: Final = re.compile(r"[ \t>]{0,12}\{:[^{}]{0,300}\}\s*")
_HEADING: Final = re.compile(r"[ \t]{0,3}#{1,6} ")
_OF_HEADING: Final = re.compile(r"\{:?[ \t]{0,9}[#.][^{}]{0,200}\}[ \t]{0,99}#{0,99}[ \t]{0,99}")
_REMARK: Final = re.compile(r"\s{0,3}\[(?://|comment)[^\]]{0,50}\]:\s?(?:#|<>)\s{0,9}[(\"'].*")
_NOTE_REMARK: Final = re.compile(r"%%[^%\n]{1,2000}%%")
_CONTENTS: Final = re.compile(r"\s{0,3}(?:\[TOC\]|\[\[_TOC_\]\]|\$\{toc\})\s*", re.IGNORECASE)
_NOTE_LINK: Final = re.compile(
    r"(?P<code>(?P<ticks>`+)[^`\n]{1,2000}(?P=ticks))"
    r"|(?<![\w)\]])(?P<shown>!?)\[\[(?P<page>[^\W\d_][^\[\]|\n]{0,200})(?:\|(?P<words>[^\[\]\n]{1,200}))?\]\]"
)
_DIV: Final = re.compile(r"^([ \t>]{0,12}:{3,})[ \t]?\{([^{}]{0,500})\}[ \t]*$")
_CLASS: Final = re.compile(r"\.(?:callout-)?([\w-]+)")
_SAYS: Final = ("title", "caption", "content", "text", "name", "label", "header", "alt")


def without_generator_signs(source: str) -> str:
    """The source as it is shown. Linear in its length."""
    if not _TAKEN.search(source):
        return source
    fence, out = "", []
    lines = source.split("\n")
    last_end = max((number for number, line in enumerate(lines) if _REMARK_ENDS.search(line)), default=-1)
    in_remark = False
    for number, line in enumerate(lines):
        opens = _FENCE.match(line)
        if not fence and (in_remark or (number <= last_end and _REMARK_BEGINS.match(line))):
            in_remark = not (ends := _REMARK_ENDS.search(line))
            line = line[ends.end() :] if ends else ""
        elif fence:
            fence = "" if opens and opens[1].startswith(fence) and not line.strip(" \t>`~") else fence
        elif opens:
            fence = opens[1]
        elif _TAKEN.search(line):
            line = _shown(line)
        out.append(line)
    return "\n".join(out)


def _shown(line: str) -> str:
    if _CONTENTS.fullmatch(line) or _ATTRIBUTE_LINE.fullmatch(line) or _REMARK.fullmatch(line):
        return ""
    if highlight := _HIGHLIGHT.fullmatch(line):
        return "```" if highlight[1] else f"```{highlight[2]}"
    if liquid := _LIQUID_LINE.match(line):
        return _said(liquid["facts"])
    if div := _DIV.match(line):
        return f"{div[1]} {_kind_and_title(div[2])}"
    line = _SHORT_CODE.sub(lambda match: match["code"] or _said(match["facts"]), line)
    line = _NOTE_LINK.sub(_linked, _NOTE_REMARK.sub("", line))
    start = line.rfind("{")
    if start > 0 and _HEADING.match(line) and _OF_HEADING.fullmatch(line, start):
        return line[:start].rstrip(" \t")
    return line


def _said(facts: str) -> str:
    """What a tag tells a reader: its title, caption or text."""
    values = attributes_of(facts)
    return one_line(next((values[name] for name in _SAYS if values.get(name)), ""))


def _kind_and_title(facts: str) -> str:
    kind = _CLASS.search(facts)
    return f"{kind[1] if kind else 'note'} {_said(facts)}".rstrip()


def _linked(match: re.Match[str]) -> str:
    """A link between notes as its words; a picture of the notes is not shown."""
    if match["code"]:
        return match["code"]
    if match["shown"]:
        return ""
    return match["words"] or match["page"]
