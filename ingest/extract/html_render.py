"""From a content element to lines: headings, paragraphs, lists, tables, code. Links become their text."""

import re
from typing import TYPE_CHECKING, Final

from ingest.extract.building import TextBuilder
from ingest.extract.rows import add_table

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

MAX_DEPTH: Final = 200
"""Element nesting that is followed; below it only the text is taken (Python's own stack is the limit)."""

_INLINE_TAGS: Final = (
    "a abbr acronym b bdi bdo big cite code data del dfn em font i img ins kbd label mark nobr q rp rt ruby s samp "
    "small span strike strong sub sup time tt u var wbr picture source math"
)
_INLINE: Final = frozenset(_INLINE_TAGS.split())
_HEADINGS: Final = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_CELL_BLOCKS: Final = "p, ul, ol, div, pre, table, h1, h2, h3, h4"
_WHITE: Final = re.compile(r"[ \t\r\n\f]+")
_BLANKS: Final = re.compile(r"[ \t]+")
_ANCHOR: Final = re.compile(r"\s*[#¶§🔗]\s*$")
_LANGUAGE: Final = re.compile(r"(?:^|\s)(?:language|lang|highlight|brush:?)[-: ]([\w+#.-]{1,20})")


class Renderer:
    """Renders one element into a builder; inline text gathers until a block ends it."""

    def __init__(self, builder: TextBuilder) -> None:
        self.builder = builder
        self._inline: list[str] = []
        self._lists: list[int | None] = []
        self._marker = ""
        self._said = True
        self._tight = False

    def render(self, root: "LexborNode") -> None:
        """Append the element's content to the builder."""
        self._children(root, 0)
        self._flush()

    def _children(self, node: "LexborNode", depth: int) -> None:
        for child in node.iter(include_text=True):
            tag = child.tag
            if tag == "-text":
                self._inline.append(_WHITE.sub(" ", child.text_content or ""))
            elif depth >= MAX_DEPTH:
                self._inline.append(_WHITE.sub(" ", child.text()))
            elif tag == "br":
                self._inline.append("\n")
            elif tag == "code" or tag == "kbd":
                self._code(child)
            elif tag in _INLINE:
                self._children(child, depth + 1)
            elif tag is not None and not tag.startswith(("-", "!")):
                self._block(child, tag, depth + 1)

    def _code(self, node: "LexborNode") -> None:
        text = _WHITE.sub(" ", node.text()).strip()
        if text:
            self._inline.append(f"`{text}`" if "`" not in text else text)

    def _block(self, node: "LexborNode", tag: str, depth: int) -> None:
        self._flush()
        if tag in _HEADINGS:
            self.builder.heading(int(tag[1]), _ANCHOR.sub("", _WHITE.sub(" ", node.text())))
            self._tight = False
        elif tag == "pre":
            self._preformatted(node)
        elif tag in ("ul", "ol", "menu"):
            self._list(node, tag == "ol", depth)
        elif tag == "blockquote":
            with self.builder.within("quotation"):
                self._children(node, depth)
                self._flush()
        elif tag == "li":
            self._item(node, depth)
        elif tag == "table":
            self._table(node, depth)
        elif tag == "dd":
            self._marker = self._marker or ("- " if self._lists else "")
            self._children(node, depth)
        elif tag == "hr":
            self._tight = False
        else:
            self._children(node, depth)
        self._flush()

    def _flush(self) -> None:
        text = "".join(self._inline)
        self._inline.clear()
        lines = [line.strip() for line in _BLANKS.sub(" ", text).split("\n")]
        text = "\n".join(lines).strip("\n")
        if not text.strip():
            return
        if self._lists:
            indent = "    " * (len(self._lists) - 1)
            text = " ".join(filter(None, lines))
            own = bool(self._marker) or not self._said
            text = f"{indent}{self._marker}{text}" if self._marker else f"{indent}  {text}"
            self._marker, self._said = "", True
            gap = "\n" if self._tight else "\n\n"
            if own and self.builder.inside("item", "step"):
                self.builder.write(text, gap=gap)
            else:
                self.builder.block(text, gap=gap)
            self._tight = True
        else:
            self.builder.block(text)
            self._tight = False

    def _list(self, node: "LexborNode", numbered: bool, depth: int) -> None:
        if not self._lists:
            self._tight = False
        start = node.attributes.get("start") or "1"
        self._lists.append((int(start) if start.isdecimal() else 1) if numbered else None)
        with self.builder.within("list"):
            self._children(node, depth)
            self._flush()
        self._lists.pop()
        if not self._lists:
            self._tight = False

    def _item(self, node: "LexborNode", depth: int) -> None:
        if not self._lists:  # an item without its list
            self._lists.append(None)
            with self.builder.within("list"):
                self._item(node, depth)
            self._lists.pop()
            return
        number = self._lists[-1]
        self._marker = "- " if number is None else f"{number}. "
        if number is not None:
            self._lists[-1] = number + 1
        self._said = False
        with self.builder.within("item" if number is None else "step"):
            self._children(node, depth)
            self._flush()
        self._marker, self._said = "", True

    def _preformatted(self, node: "LexborNode") -> None:
        text = _verbatim(node).replace("\r\n", "\n").strip("\n")
        if not text.strip():
            return
        code = node.css_first("code")
        names = " ".join(
            part.attributes.get("class") or "" for part in (code, node, node.parent) if part is not None
        )
        language = match[1] if (match := _LANGUAGE.search(names)) else ""
        fence = "````" if "```" in text else "```"
        self.builder.block(f"{fence}{language}\n{text}\n{fence}", "code")
        self._tight = False

    def _table(self, node: "LexborNode", depth: int) -> None:
        caption = node.css_first("caption")
        if _is_layout(node):
            self._children(node, depth)
            return
        if caption is not None:
            self.builder.block(_WHITE.sub(" ", caption.text()).strip())
        add_table(self.builder, _rows(node))
        self._tight = False


def _verbatim(node: "LexborNode") -> str:
    """Preformatted text; <br> and block elements (highlighters' line boxes) end lines."""
    parts: list[str] = []
    for part in node.traverse(include_text=True):
        if part.tag == "-text":
            parts.append(part.text_content or "")
        elif part.tag == "br" or (part.tag in ("div", "p") and parts and not parts[-1].endswith("\n")):
            parts.append("\n")
    return "".join(parts)


def _is_layout(table: "LexborNode") -> bool:
    """A table that places things: it holds tables, says so, has one column, or cells full of blocks."""
    if table.attributes.get("role") == "presentation" or len(table.css("table")) > 1:
        return True
    if table.css_first("th, thead, caption") is not None:
        return False
    rows = [[cell for cell in row.css("td") if cell.text().strip()] for row in table.css("tr")]
    if max(map(len, rows), default=0) < 2:
        return True
    return any(len(cell.css(_CELL_BLOCKS)) > 3 or len(cell.text()) > 1500 for row in rows for cell in row)


def _rows(table: "LexborNode") -> list[list[str]]:
    """Cell texts; a spanning cell is repeated in every place that it covers (at most 50 columns)."""
    rows: list[list[str]] = []
    below: dict[int, tuple[int, str]] = {}
    for row in table.css("tr"):
        cells: list[str] = []
        for cell in row.css("td, th"):
            _take_spans(cells, below)
            text = _WHITE.sub(" ", cell.text(separator=" ")).strip()
            for _ in range(_span(cell, "colspan")):
                if (down := _span(cell, "rowspan")) > 1:
                    below[len(cells)] = (down - 1, text)
                cells.append(text)
        _take_spans(cells, below)
        rows.append(cells)
    return rows


def _take_spans(cells: list[str], below: dict[int, tuple[int, str]]) -> None:
    while len(cells) in below:
        left, text = below.pop(len(cells))
        if left > 1:
            below[len(cells)] = (left - 1, text)
        cells.append(text)


def _span(cell: "LexborNode", name: str) -> int:
    value = cell.attributes.get(name) or "1"
    return min(max(int(value), 1), 50) if value.isdecimal() else 1
