"""Footnotes of a page: which marks point to which notes, so that a mark is no exponent and a note says whose it is."""

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

_MARK: Final = re.compile(r"[\[(]?(?:\d{1,3}|[a-z]|[*†‡§¶]{1,3}|[ivx]{1,5})[\])]?", re.IGNORECASE)
_BACK: Final = re.compile(r"^[\s↩↑^⏎⇑↵\ufe0e]+$")
_REFERS: Final = frozenset(
    {"noteref", "doc-noteref", "footnote", "footnote-ref", "footnote-reference", "fn-ref"}
)
_NOTES: Final = frozenset({"footnote", "endnote", "rearnote", "doc-footnote", "doc-endnote"})
_STARTS: Final = frozenset({"p", "li", "td", "div", "aside", "small", "section"})


@dataclass(slots=True)
class Notes:
    """`labels` by the id of the note's element; `numbered` are labels that stand raised at the start of a block."""

    labels: dict[str, str] = field(default_factory=dict)
    numbered: set[str] = field(default_factory=set)

    def label_of(self, node: "LexborNode") -> str:
        """The label of the note that an element is, "" when it is none."""
        attributes = node.attributes
        identity = attributes.get("id") or ""
        if identity in self.labels and (node.tag != "sup" and node.tag != "a"):
            return self.labels[identity]
        kinds = f"{attributes.get('epub:type') or ''} {attributes.get('role') or ''}".split()
        return "*" if not _NOTES.isdisjoint(kinds) else ""


def notes_of(body: "LexborNode") -> Notes:
    """The notes of a page by the links that point to them and by the raised labels that they begin with."""
    notes = Notes()
    for mark in body.css("a[href]"):
        target = mark.attributes.get("href") or ""
        if target.startswith("#") and is_reference(mark):
            notes.labels.setdefault(target[1:], mark.text().strip())
    starts, others = set[str](), set[str]()
    for raised in body.css("sup"):
        label = raised.text().strip()
        if _MARK.fullmatch(label):
            (starts if _begins(raised) else others).add(label)
    notes.numbered = starts & others
    return notes


def is_reference(link: "LexborNode") -> bool:
    """Whether a link within the page is the mark of a note."""
    attributes = link.attributes
    label = link.text().strip()
    if not label or not _MARK.fullmatch(label):
        return False
    said = f"{attributes.get('epub:type') or ''} {attributes.get('role') or ''} {attributes.get('class') or ''}".split()
    if not _REFERS.isdisjoint(said) or "data-footnote-ref" in attributes:
        return True
    parent = link.parent
    return link.css_first("sup") is not None or (parent is not None and parent.tag == "sup")


def is_way_back(link: "LexborNode") -> bool:
    """Whether a link only leads from a note back to its mark."""
    attributes = link.attributes
    if "data-footnote-backref" in attributes or attributes.get("role") == "doc-backlink":
        return True
    return (attributes.get("href") or "").startswith("#") and bool(_BACK.match(link.text()))


def _begins(node: "LexborNode") -> bool:
    """Whether an element is the first thing of its paragraph."""
    for _ in range(3):
        before = node.prev
        while before is not None:
            if before.tag != "-text" or (before.text_content or "").strip():
                return False
            before = before.prev
        parent = node.parent
        if parent is None:
            return False
        if parent.tag in _STARTS:
            return True
        node = parent
    return False
