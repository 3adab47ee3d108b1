"""What nobody sees is left out; what a click unfolds is kept, with the title that unfolds it.

Tabs, accordions and dialogs are hidden in the same ways as menus and drafts. What tells them apart is a control: a
button, tab or link that names the hidden part, or a title right before it.
"""

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from ingest.extract.clean import one_line
from ingest.extract.html.choosing.colours import way_of_hiding
from ingest.extract.html.choosing.styles import Styles, hidden_by_class
from ingest.extract.html.notes import is_reference
from ingest.extract.unseen import left_out

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

LONGEST_TITLE: Final = 300
_CONTROLS: Final = (
    "[aria-controls], [data-target], [data-bs-target], [data-toggle][href], [data-bs-toggle][href], [role=tab][href], "
    "[popovertarget], [commandfor], [onclick], [aria-expanded][href]"
)
_TARGETS: Final = (
    "aria-controls", "data-target", "data-bs-target", "href", "popovertarget", "commandfor", "onclick"
)  # fmt: skip
_NAME: Final = re.compile(r"[\w:.-]+")
_WORD: Final = re.compile(r"[\w-]+")
_TITLES: Final = frozenset({"h1", "h2", "h3", "h4", "h5", "h6", "dt", "summary"})
_OPENER: Final = re.compile(
    r"accordion|toggl|question|faq|collaps|panel-?(?:title|head)|expand|trigger|spoiler|tab-?(?:title|head)",
    re.I,
)
_FOLDED: Final = frozenset(
    {"div", "dd", "section", "article", "ul", "ol", "table", "dl", "tbody", "tr", "dialog"}
)
_UNFOLDS: Final = re.compile(
    r"(?:^|[\s_-])(?:answer|faq|collaps\w*|accordion|more|read-?more|show-?more|full-?text|slides?|carousel-?item|step|"
    r"tab-?(?:pane|panel|content)|expandable)(?=$|[\s_-])",
    re.I,
)
"""Names of what a click or the next step shows."""
_OVERLAY: Final = re.compile(
    r"(?:^|[\s_-])(?:modal|offcanvas|pop-?up|overlay|drawer|lightbox|nav|menu)(?=$|[\s_-])", re.I
)
_CANDIDATES: Final = (
    "[hidden], [aria-hidden=true], [style], [class], [id], dialog, [role=dialog], [role=alertdialog]"
)


@dataclass(slots=True)
class Panels:
    """What a click unfolds: `titles` of panels by `mem_id` ("" where a heading right before is the title).

    `openers` are the elements that are shown as those titles and nowhere else; `links` are the texts of links to places
    of the page, "" for the marks of notes.
    """

    titles: dict[int, str] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    openers: set[int] = field(default_factory=set)


def find_panels(body: "LexborNode") -> Panels:
    """Every part of the page that a control names."""
    panels = Panels()
    named = {node.attributes.get("id") or "": node for node in body.css("[id]")}
    for control in body.css(_CONTROLS):
        target = _target(control, named)
        if target is None or panels.titles.get(target.mem_id) or not _folds(control, target):
            continue
        title = _title_of(control)
        if _stands_in_title(control):
            panels.titles.setdefault(target.mem_id, "")
        elif title and len(title) <= LONGEST_TITLE:
            panels.titles[target.mem_id] = title
            panels.openers.add(control.mem_id)
    for panel in body.css("[aria-labelledby][hidden], [role=tabpanel][aria-labelledby]"):
        label = named.get(panel.attributes.get("aria-labelledby") or "")
        if label is not None and not panels.titles.get(panel.mem_id):
            shown = label.tag in _TITLES or _stands_in_title(label)
            panels.titles[panel.mem_id] = "" if shown else _title_of(label)
    for link in body.css("a[href]"):
        mark, place = (link.attributes.get("href") or "#")[:1], (link.attributes.get("href") or "#")[1:]
        if mark == "#" and place in named:
            panels.links.setdefault(place, "" if is_reference(link) else _title_of(link))
    return panels


def _folds(control: "LexborNode", target: "LexborNode") -> bool:
    """Whether a control shows and hides what it names, and does not only move or filter it."""
    of_control, of_target = control.attributes, target.attributes
    kinds = f"{of_control.get('data-toggle') or ''} {of_control.get('data-bs-toggle') or ''}"
    return (
        not {"aria-expanded", "data-target", "data-bs-target", "popovertarget", "commandfor"}.isdisjoint(
            of_control
        )
        or of_control.get("role") == "tab"
        or of_target.get("role") == "tabpanel"
        or any(kind in kinds for kind in ("collapse", "tab", "pill", "modal", "accordion"))
        or not {"hidden", "popover"}.isdisjoint(of_target)
        or of_target.get("aria-hidden") == "true"
        or target.tag == "dialog"
        or "none" in (of_target.get("style") or "")
        or hidden_by_class(of_target.get("class") or "")
        or _OPENER.search(_names(target)) is not None
    )


def _target(control: "LexborNode", named: "dict[str, LexborNode]") -> "LexborNode | None":
    attributes = control.attributes
    for attribute in _TARGETS:
        names = _WORD if attribute == "onclick" else _NAME
        for name in names.findall((attributes.get(attribute) or "")[:500]):
            target = named.get(name)
            if (
                target is not None
                and target.tag not in ("body", "html", "main")
                and not _within(control, target)
            ):
                return target
    return None


def _within(node: "LexborNode", other: "LexborNode") -> bool:
    above = node
    for _ in range(64):
        if above.mem_id == other.mem_id:
            return True
        if above.parent is None:
            return False
        above = above.parent
    return True


def _title_of(control: "LexborNode") -> str:
    return one_line(control.text()) or one_line(control.attributes.get("aria-label") or "")


def _stands_in_title(control: "LexborNode") -> bool:
    above: LexborNode | None = control
    for _ in range(4):
        if above is None:
            return False
        if above.tag in _TITLES:
            return True
        above = above.parent
    return False


def hidden_elements(body: "LexborNode", panels: Panels, styles: Styles) -> set[int]:
    """What is hidden for good, by `mem_id`; `panels` learns of what is only folded."""
    found: set[int] = set()
    for node in body.css(_CANDIDATES):
        if node.tag in ("body", "html") or node.css_first("math") is not None:
            continue
        if _is_hidden(node, styles):
            if not _is_folded(node, panels):
                left_out(node.text(), "hidden by its style", usual=True)
                found.add(node.mem_id)
        elif how := way_of_hiding(node):
            left_out(node.text(), how)
            found.add(node.mem_id)
    return found


def _is_hidden(node: "LexborNode", styles: Styles) -> bool:
    attributes = node.attributes
    if "hidden" in attributes and attributes.get("hidden") != "until-found":
        return True
    if _is_dialog(node):
        return True
    if attributes.get("aria-hidden") == "true" and (node.tag not in _FOLDED or _OVERLAY.search(_names(node))):
        return True  # what holds blocks is seen all the same
    return hidden_by_class(attributes.get("class") or "") or styles.effect(node, "hidden")


def _is_dialog(node: "LexborNode") -> bool:
    return node.tag == "dialog" or node.attributes.get("role") in ("dialog", "alertdialog")


def _is_folded(node: "LexborNode", panels: Panels) -> bool:
    """Whether a control names it, or the element before is a title that nothing else belongs to."""
    if node.mem_id in panels.titles or node.attributes.get("role") == "tabpanel":
        return True
    identity = node.attributes.get("id") or ""
    if identity in panels.links and not _is_dialog(node) and not _OVERLAY.search(_names(node)):
        panels.titles[node.mem_id] = panels.links[identity]
        return True
    if _is_dialog(node) or _OVERLAY.search(_names(node)):
        return False
    before = _element_before(node)
    if _UNFOLDS.search(_names(node)) and (node.tag not in _FOLDED or before is None or not _opens(before)):
        return True
    if before is None or node.tag not in _FOLDED:
        return node.tag == "p" and before is not None and _title_of(before).endswith(("?", "？"))
    if before.tag in _TITLES:
        panels.titles.setdefault(node.mem_id, "")
        return True
    title = _title_of(before)
    if not title or len(title) > LONGEST_TITLE or not _opens(before):
        return False
    panels.titles[node.mem_id] = title
    panels.openers.add(before.mem_id)
    return True


def _element_before(node: "LexborNode") -> "LexborNode | None":
    before = node.prev
    while before is not None and (before.tag or "-").startswith(("-", "!")):
        if before.tag == "-text" and (before.text_content or "").strip():
            return None
        before = before.prev
    return before


def _opens(node: "LexborNode") -> bool:
    attributes = node.attributes
    if node.tag in ("button", "label") or not {
        "aria-expanded",
        "data-toggle",
        "data-bs-toggle",
        "onclick",
    }.isdisjoint(attributes):
        return True
    return bool(_OPENER.search(_names(node))) or node.css_first("h1, h2, h3, h4, h5, h6, button") is not None


def _names(node: "LexborNode") -> str:
    return f"{node.attributes.get('class') or ''} {node.attributes.get('id') or ''}"
