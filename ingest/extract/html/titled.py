"""What has a title, term or label of its own: details, definitions, footnotes, the macros and tasks of Confluence.

Each is a function of the renderer, the element and its depth.
"""

import re
from contextlib import nullcontext
from typing import TYPE_CHECKING, Final

from ingest.extract.assembly.inline import note_mark
from ingest.extract.html.lists import definitions
from ingest.extract.html.words import inline_text

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

    from ingest.extract.html.render import Renderer

_NOTES: Final = "[epub\\:type~=footnote], [role=doc-footnote], [role=doc-endnote]"
_LONG: Final = "ul, ol, dl, table, pre, p + p, blockquote, details"
_MARK: Final = re.compile(
    r"\s*\[\^[^\]\s]{1,20}\][.):\s]*|\s*[\[(]?(\d{1,3}|[a-z]|[*†‡§]{1,3})[\])]?[.:]?\s+", re.IGNORECASE
)
_NOTE_MACROS: Final = frozenset({"info", "note", "warning", "tip", "panel", "excerpt"})
_SAID: Final = frozenset({"note", "warning", "tip"})
"""Kinds of notes that say something by themselves."""


def details(renderer: "Renderer", node: "LexborNode", depth: int) -> None:
    """The summary is the title of all the rest."""
    summary = next((part for part in node.iter() if part.tag == "summary"), None)
    title = inline_text(summary, renderer.facts, links=False) if summary is not None else ""

    def body() -> None:
        for part in node.iter(include_text=True):
            if summary is None or part.mem_id != summary.mem_id:
                renderer.line.child(part, depth)

    renderer.titled(title, body)


def definition_list(renderer: "Renderer", node: "LexborNode", depth: int) -> None:
    """Terms with their meanings as pairs; with a question or a long meaning as question and answer."""
    dropped = renderer.facts.dropped
    shown = [
        (
            [term for term in terms if term.mem_id not in dropped],
            [one for one in meanings if one.mem_id not in dropped],
        )
        for terms, meanings in definitions(node)
    ]
    groups = [group for group in shown if any(group)]
    pairs = [_pair(renderer, terms, meanings) for terms, meanings in groups]
    with renderer.builder.within("list") if all(pairs) else nullcontext():
        for (terms, meanings), pair in zip(groups, pairs, strict=True):
            if pair:
                renderer.listing.line(pair, "pair")
            else:
                title = ", ".join(inline_text(term, renderer.facts, links=False) for term in terms)
                _meaning(renderer, title, meanings, depth)
    renderer.listing.apart()


def _pair(renderer: "Renderer", terms: "list[LexborNode]", meanings: "list[LexborNode]") -> str:
    """ "Term: meaning" where both are short and no question; else ""."""
    titles = [inline_text(term, renderer.facts, links=False) for term in terms]
    if not any(titles) or any(title.endswith("?") for title in titles):
        return ""
    if any(part.css_first(_LONG) is not None for part in meanings):
        return ""
    said = "; ".join(filter(None, (inline_text(part, renderer.facts) for part in meanings)))
    return f"{', '.join(filter(None, titles)).rstrip(':')}: {said}" if said else ""


def _meaning(renderer: "Renderer", title: str, meanings: "list[LexborNode]", depth: int) -> None:
    def body() -> None:
        for meaning in meanings:
            renderer.children(meaning, depth)
            renderer.flush()

    if title and not meanings:
        renderer.listing.paragraph(title)
    else:
        renderer.titled(title, body)


def footnote_label(renderer: "Renderer", node: "LexborNode") -> str:
    """The label of a note that a paragraph begins with, raised; "" for any other paragraph."""
    first = next((part for part in node.iter(include_text=True) if (part.text() or "").strip()), None)
    label = first.text().strip() if first is not None and first.tag == "sup" else ""
    return label if label in renderer.facts.notes.numbered else ""


def footnote(renderer: "Renderer", node: "LexborNode", label: str) -> bool:
    """A note behind its mark; False for an element that only holds notes."""
    if any(note.mem_id != node.mem_id for note in node.css(_NOTES)):
        return False
    text = inline_text(node, renderer.facts)
    own = label.strip("[]() ")
    begins = _MARK.match(text)
    if begins and (begins[0].strip(" [^]().:") == own or begins[0].strip().startswith("[^")):
        text = text[begins.end() :]
    if text.strip():
        renderer.builder.block(f"{note_mark(label)}: {text.strip()}", "footnote")
    return True


def macro(renderer: "Renderer", node: "LexborNode", depth: int) -> None:
    """A macro of Confluence: notes, what unfolds, anything else as what it holds."""
    name = (node.attributes.get("ac:name") or "").lower()
    title = next(
        (
            part.text().strip()
            for part in node.iter()
            if part.tag == "ac:parameter" and part.attributes.get("ac:name") == "title"
        ),
        "",
    )
    if name == "expand":
        renderer.titled(title, lambda: renderer.children(node, depth))
    elif name in _NOTE_MACROS:
        with renderer.builder.within("quotation"):
            renderer.listing.paragraph(title or (name.capitalize() if name in _SAID else ""))
            renderer.children(node, depth)
            renderer.flush()
    else:
        renderer.children(node, depth)


def task(renderer: "Renderer", node: "LexborNode", depth: int) -> None:
    """A task of Confluence, done or open."""
    status, body = node.css_first("ac\\:task-status"), node.css_first("ac\\:task-body")
    done = status is not None and status.text().strip() == "complete"
    if body is not None:
        renderer.listing.line(f"- [{'x' if done else ' '}] {inline_text(body, renderer.facts)}", "item")
