"""The opening lines of notes, tabs and folded parts as people read them: "Danger: High voltage", "Linux".

`!!! danger "High voltage"`, `=== "Linux"`, `:::details More` are marks for a program. They are rewritten after the
blocks were found, and every span moves with the text.
"""

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ingest.extract.markdown.blocks import Build
from ingest.extract.markdown.parser import INDENT
from ragchat.documents import Block, Heading, Span

_INDENTED: Final = re.compile(r"(!!!|\?\?\?\+?|===[!+]*)[ \t]+([^\n]*)")
_COLONS: Final = re.compile(r":{3,}[ \t]*(\{?)([\w-]+)\}?[ \t]*([^\n]*)")
_FENCE: Final = re.compile(r"[`~:]{3,}[ \t]*\{([\w-]+)\}[ \t]*([^\n]*)")
_CLOSERS: Final = re.compile(
    r"(?<!\s)[ \t]*(?:\n[ \t]*)*\n[ \t]*:{3,}[ \t]*(?=\n|$)(?:(?:\n[ \t]*)*\n[ \t]*:{3,}[ \t]*(?=\n|$))*"
)
_LAST_FENCE: Final = re.compile(r"\n[ \t>]*(?:`{3,}|~{3,})[ \t]*$")
_OPENERS: Final = (":::", "!!!", "???", "===", "```", "~~~")
_QUOTED: Final = re.compile(r"""["']([^"'\n]*)["']""")
_SILENT: Final = frozenset(
    {"details", "dropdown", "tab", "tab-item", "tabs", "collapse", "accordion", "admonition", "card"}
)
"""Kinds that say nothing beside a title."""


@dataclass(frozen=True, slots=True)
class Edit:
    """A stretch of the text and what stands in its place."""

    span: Span
    text: str


def readable_title(line: str) -> str:
    """An opening line as people read it; the line itself when it is none."""
    if match := _INDENTED.fullmatch(line):
        title = _QUOTED.search(match[2])
        kind = "" if match[1].startswith("===") else match[2].partition('"')[0].split(" ")[0]
        return _said(kind, title[1] if title else "" if kind else match[2])
    match = _FENCE.fullmatch(line) or None
    if match:
        return _said(match[1], match[2])
    if colons := _COLONS.fullmatch(line):
        return _said(colons[2], colons[3].strip().strip("[]").removeprefix('"').removesuffix('"'))
    return line


def _said(kind: str, title: str) -> str:
    title = re.sub(r"^title\s*=\s*", "", title.strip()).strip("\"'")
    kind = "" if kind.lower() in _SILENT and title else kind.replace("-", " ").capitalize()
    return f"{kind}: {title}" if kind and title and kind.lower() != title.lower() else title or kind


def with_readable_titles(text: str, build: Build) -> tuple[str, Build]:
    """The text with readable titles, without closing marks and the indent of bodies, and what it is built of there."""
    edits = _edits(text, build.blocks)
    if not edits:
        return text, build
    shifted = _Shifted(text, edits)
    headings = tuple(shifted.heading(heading) for heading in build.headings)
    return shifted.text, Build(shifted.blocks(build.blocks), headings)


def _edits(text: str, blocks: Sequence[Block]) -> list[Edit]:
    edits: list[Edit] = []
    indents: dict[int, int] = defaultdict(int)
    code = [block.span for block in blocks if block.kind == "code"]
    starts = [span.start for span in code]
    for index, block in enumerate(blocks):
        line = block.span.of(text) if block.kind in ("paragraph", "question") else ""
        if not line.startswith(_OPENERS) or "\n" in line or (title := readable_title(line)) == line:
            continue
        edits.append(Edit(block.span, title))
        body = _body(blocks, index)
        if line.startswith(("!!!", "???", "===")):
            _take_indent(text, body, indents)
        elif line.startswith(("`", "~")) and (fence := _LAST_FENCE.search(text, body.start, body.end)):
            edits.append(Edit(Span(fence.start(), fence.end()), ""))
    for closer in _CLOSERS.finditer(text) if ":::" in text else ():
        place = bisect_right(starts, closer.start()) - 1
        if place < 0 or code[place].end <= closer.start():
            following = text[closer.end() : closer.end() + 2]
            edits.append(
                Edit(Span(closer.start(), closer.end()), "" if following in ("", "\n", "\n\n") else "\n")
            )
    edits += [Edit(Span(start, start + width), "") for start, width in indents.items()]
    return sorted(edits, key=lambda edit: edit.span)


def _body(blocks: Sequence[Block], index: int) -> Span:
    """What stands under a title: the rest of its quotation, or the answer behind it."""
    title = blocks[index].span
    if index + 1 < len(blocks) and blocks[index + 1].kind == "answer" and blocks[index + 1].lead == title:
        return Span(title.end, blocks[index + 1].span.end)
    parent = blocks[index].parent
    return Span(title.end, blocks[parent].span.end if parent >= 0 else title.end)


def _take_indent(text: str, body: Span, indents: dict[int, int]) -> None:
    """Notes what goes at the start of each line of a body; bodies inside of bodies lose it once for each."""
    start = text.find("\n", body.start, body.end) + 1
    while 0 < start < body.end:
        taken = start + indents[start]
        width = 0
        while width < INDENT and text[taken + width : taken + width + 1] == " ":
            width += 1
        if width:
            indents[start] += width
        start = text.find("\n", start, body.end) + 1


class _Shifted:
    """A text after edits; offsets of the old one lead to the new one."""

    def __init__(self, text: str, edits: Sequence[Edit]) -> None:
        parts: list[str] = []
        self._starts: list[int] = []
        self._ends: list[int] = []
        self._new: list[tuple[int, int]] = []
        position = length = 0
        for edit in edits:
            if edit.span.start < position:
                continue
            kept = text[position : edit.span.start]
            parts += [kept, edit.text]
            length += len(kept)
            self._starts.append(edit.span.start)
            self._ends.append(edit.span.end)
            self._new.append((length, length + len(edit.text)))
            length += len(edit.text)
            position = edit.span.end
        parts.append(text[position:])
        self.text = "".join(parts).rstrip()

    def _offset(self, old: int, *, end: bool) -> int:
        place = bisect_right(self._starts, old if not end else old - 1) - 1
        if place < 0:
            return old
        start, stop = self._new[place]
        if old >= self._ends[place]:
            return stop + old - self._ends[place]
        return stop if end else start

    def span(self, old: Span) -> Span:
        """The span where it is now, without white space at the ends."""
        start, end = self._offset(old.start, end=False), min(self._offset(old.end, end=True), len(self.text))
        while start < end and self.text[start].isspace():
            start += 1
        while end > start and self.text[end - 1].isspace():
            end -= 1
        return Span(start, end)

    def heading(self, old: Heading) -> Heading:
        return Heading(self._offset(old.offset, end=False), old.level, old.title)

    def blocks(self, blocks: Sequence[Block]) -> tuple[Block, ...]:
        """The blocks that still hold something."""
        moved: list[Block] = []
        places: list[int] = []
        for block in blocks:
            parent = places[block.parent] if block.parent >= 0 else -1
            span = self.span(block.span)
            if not span or (block.parent >= 0 and parent < 0 and blocks[block.parent].kind != "heading"):
                places.append(-1)
                continue
            lead = self.span(block.lead) if block.lead is not None else None
            places.append(len(moved))
            moved.append(Block(block.kind, span, parent, lead if lead else None))
        return tuple(moved)
