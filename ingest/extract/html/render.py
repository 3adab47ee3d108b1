"""From elements to blocks: paragraphs, lists, questions and answers, pairs, notes, tables, code, quotations."""

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

from ingest.extract.assembly.building import TextBuilder
from ingest.extract.assembly.listing import Listing
from ingest.extract.clean import one_line
from ingest.extract.html import titled
from ingest.extract.html.line import Facts
from ingest.extract.html.lists import Numbering
from ingest.extract.html.tables import add_html_table, is_layout
from ingest.extract.html.words import inline_text, line_of
from ragchat.documents import BlockKind

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

_BLANKS: Final = re.compile(r"[ \t]+")
_ANCHOR: Final = re.compile(r"(?<!\s)\s*[#¶§🔗]\s*$")
_LANGUAGE: Final = re.compile(r"(?:^|\s)(?:language|lang|highlight|brush:?)[-: ]([\w+#.-]{1,20})")
_NOTE: Final = re.compile(
    r"(?:^|\s)(?:admonition|callout|alert|notice|note|warning|infobox|tip)(?=$|\s|-block)", re.I
)
_HEADINGS: Final = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})


class Renderer:
    """Renders one element into a builder; what stands inside lines gathers until a block ends it."""

    def __init__(
        self, builder: TextBuilder, facts: Facts, nested: "Callable[[str], None] | None" = None
    ) -> None:
        self.builder = builder
        self.facts = facts
        self.line = line_of(facts, self._block)
        self._nested = nested
        self.listing = Listing(builder)
        self._numberings: list[Numbering] = []

    def render(self, root: "LexborNode") -> None:
        """Append the element's content to the builder."""
        self.children(root, 0)
        self.flush()

    def children(self, node: "LexborNode", depth: int) -> None:
        """Everything inside of an element."""
        self.line.children(node, depth)

    def _block(self, node: "LexborNode", tag: str, depth: int) -> None:
        self.flush()
        if node.mem_id in self.facts.panels.openers:
            return
        title = self.facts.panels.titles.get(node.mem_id, "")
        if title:
            self.titled(title, lambda: self.children(node, depth))
        elif not (label := self.facts.notes.label_of(node)) or not titled.footnote(self, node, label):
            self._plain_block(node, tag, depth)
        self.flush()

    def _plain_block(self, node: "LexborNode", tag: str, depth: int) -> None:
        write = _WRITERS.get(tag)
        if write is not None:
            write(self, node, depth)
        elif tag in _HEADINGS:
            title = _ANCHOR.sub("", inline_text(node, self.facts, links=False))
            shown = (
                _ANCHOR.sub("", inline_text(node, self.facts))
                if node.css_first("a[href]") is not None
                else ""
            )
            line = f"{'#' * int(tag[1])} {shown}" if shown and shown != title else ""
            self.builder.heading(int(tag[1]), title, line)
            self.listing.apart()
        elif _is_note(node):
            self._within("quotation", node, depth)
        elif node.attributes.get("role") == "img" and (
            words := one_line(node.attributes.get("aria-label") or "")
        ):
            self.listing.paragraph(f"[Image: {words}]")
        else:
            self.children(node, depth)

    def flush(self) -> None:
        """The line under way becomes a paragraph."""
        lines = [line.strip() for line in _BLANKS.sub(" ", self.line.take()).split("\n")]
        self.listing.paragraph("\n".join(lines).strip("\n"))

    def _paragraph(self, node: "LexborNode", depth: int) -> None:
        """A question in bold keeps its marks: what follows is its answer."""
        bold = _only_child(node)
        text = inline_text(bold, self.facts) if bold is not None and bold.tag in ("b", "strong") else ""
        if text.endswith("?") and not self.listing.depth:
            self.builder.block(f"**{text}**")
        elif (label := titled.footnote_label(self, node)) and not self.listing.depth:
            titled.footnote(self, node, label)
        else:
            self.children(node, depth)

    def titled(self, title: str, body: Callable[[], None]) -> None:
        """A title and what belongs to it: the answer of a question, a tab, what a click unfolds; without a title only
        the body."""
        self.flush()
        if not title:
            body()
            return
        outer, self._numberings = self._numberings, []
        with self.listing.panel(title):
            body()
            self.flush()
        self._numberings = outer

    def _list(self, node: "LexborNode", depth: int) -> None:
        self._numberings.append(Numbering.of(node))
        with self.listing.list():
            self.children(node, depth)
            self.flush()
        self._numberings.pop()

    def _item(self, node: "LexborNode", depth: int) -> None:
        if not self._numberings:  # an item without its list
            self._numberings.append(Numbering.of(None))
            with self.listing.list():
                self._item(node, depth)
            self._numberings.pop()
            return
        numbering = self._numberings[-1]
        with self.listing.item(numbering.marker(node), "step" if numbering.numbered else "item"):
            self.children(node, depth)
            self.flush()

    def _within(self, kind: BlockKind, node: "LexborNode", depth: int) -> None:
        with self.builder.within(kind):
            self.children(node, depth)
            self.flush()

    def _quotation(self, node: "LexborNode", depth: int) -> None:
        self._within("quotation", node, depth)

    def _preformatted(self, node: "LexborNode", depth: int) -> None:
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
        self.listing.apart()

    def _table(self, node: "LexborNode", depth: int) -> None:
        if is_layout(node):
            self.children(node, depth)
            return
        caption = next((part for part in node.iter() if part.tag == "caption"), None)
        if caption is not None:
            self.builder.block(inline_text(caption, self.facts))
        add_html_table(self.builder, node, self.facts)
        self.listing.apart()

    def _figure(self, node: "LexborNode", depth: int) -> None:
        """A caption that says what the description of the picture says is enough."""
        caption = node.css_first("figcaption")
        words = inline_text(caption, self.facts).lower() if caption is not None else ""
        for image in node.css("img[alt]"):
            if (image.attributes.get("alt") or "").strip().lower() in words:
                self.facts.dropped.add(image.mem_id)
        self.children(node, depth)

    def _label(self, node: "LexborNode", depth: int) -> None:
        self.children(node, depth)
        if value := self.facts.forms.labelled(node):
            self.line.say(f": {value}" if not value.startswith("[") else f" {value}")

    def _page_inside(self, node: "LexborNode", depth: int) -> None:
        source = node.attributes.get("srcdoc") if node.tag == "iframe" else _inner(node.html or "")
        shown = node.tag == "iframe" or "shadowrootmode" in node.attributes or "shadowroot" in node.attributes
        if source and shown and self._nested is not None:
            self._nested(source)


def _is_note(node: "LexborNode") -> bool:
    return node.tag in ("div", "section", "aside") and bool(_NOTE.search(node.attributes.get("class") or ""))


def _only_child(node: "LexborNode") -> "LexborNode | None":
    """The one thing that an element holds, None where it holds more or text."""
    parts: Iterator[LexborNode] = (
        part
        for part in node.iter(include_text=True)
        if part.tag != "-text" or (part.text_content or "").strip()
    )
    first, second = next(parts, None), next(parts, None)
    return first if first is not None and second is None and first.tag != "-text" else None


def _verbatim(node: "LexborNode") -> str:
    """Preformatted text; <br> and block elements (highlighters' line boxes) end lines."""
    parts: list[str] = []
    for part in node.traverse(include_text=True):
        if part.tag == "-text":
            parts.append(part.text_content or "")
        elif part.tag == "br" or (part.tag in ("div", "p") and parts and not parts[-1].endswith("\n")):
            parts.append("\n")
    return "".join(parts)


def _inner(source: str) -> str:
    """The markup between an element's tags (a template's content is no part of the tree)."""
    return source[source.find(">") + 1 : source.rfind("</")]


def _end_line(renderer: Renderer, node: "LexborNode", depth: int) -> None:
    renderer.listing.apart()


_WRITERS: "Final[dict[str, Callable[[Renderer, LexborNode, int], None]]]" = {
    "p": Renderer._paragraph,
    "ul": Renderer._list,
    "ol": Renderer._list,
    "menu": Renderer._list,
    "li": Renderer._item,
    "dl": titled.definition_list,
    "blockquote": Renderer._quotation,
    "pre": Renderer._preformatted,
    "table": Renderer._table,
    "details": titled.details,
    "figure": Renderer._figure,
    "label": Renderer._label,
    "hr": _end_line,
    "iframe": Renderer._page_inside,
    "template": Renderer._page_inside,
    "ac:structured-macro": titled.macro,
    "ac:plain-text-body": Renderer._preformatted,
    "ac:task": titled.task,
}
