"""What style says about an element: hidden, struck out, raised or lowered; by its attribute or the page's own sheet.

Of what a style sheet hides only rules for one class or one id are read, and only those that no other rule and no script
speaks of: anything else may be shown by a click. What it strikes out or raises is asked of the page, rule by rule.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from selectolax.lexbor import SelectolaxError

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

Effect: TypeAlias = Literal["hidden", "struck", "raised", "lowered"]

MOST_STYLE: Final = 400_000
"""Characters of style sheets that are read."""
_EFFECTS: Final[tuple[tuple[Effect, re.Pattern[str]], ...]] = (
    ("hidden", re.compile(r"(?:^|[;\s])(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.I)),
    ("struck", re.compile(r"(?:^|[;\s])text-decoration(?:-line)?\s*:[^;]*line-through", re.I)),
    ("raised", re.compile(r"(?:^|[;\s])vertical-align\s*:\s*super", re.I)),
    ("lowered", re.compile(r"(?:^|[;\s])vertical-align\s*:\s*sub\b", re.I)),
)
_COMMENT: Final = re.compile(r"/\*(?:[^*]|\*(?!/))*+\*/")
_NAME: Final = re.compile(r"[.#][\w-]+")
_SHOWN: Final = re.compile(r"(?:^|[;\s])display\s*:\s*(?!none)[a-z]", re.I)
_SWITCH: Final = re.compile(r":(?:checked|target)\b")
_LAST_NAME: Final = re.compile(r"([.#][\w-]+)$")
_NOT_ALWAYS: Final = re.compile(r":(?!not\(|first-|last-|nth-|only-)", re.I)
"""Selectors of a state or of what is only drawn (`a:hover`, `li::before`)."""
MOST_SELECTORS: Final = 150
"""Selectors that the page is asked for, each of which looks at every element."""
_WORD: Final = re.compile(r"[\w-]+")
_HIDDEN_CLASSES: Final = frozenset(
    """hidden hide d-none invisible is-hidden u-hidden display-none sr-only sr_only visually-hidden visuallyhidden
    screen-reader-text screen-reader-only""".split()  # noqa: SIM905
)
_SHOWN_AGAIN: Final = re.compile(r"(?:^|-)(?:xs|sm|md|lg|xl|xxl|2xl)[:-]|^d-(?!none)|^visible")
"""Classes that show on some screens what another class hides: `d-none d-md-block`, `hidden md:block`."""
_STRUCK_CLASSES: Final = frozenset(
    {"line-through", "strikethrough", "strike", "text-strike", "text-decoration-line-through"}
)


@dataclass(frozen=True, slots=True)
class Styles:
    """What is hidden by selector (".name", "#id"), but for what a switch shows; other effects by element (`mem_id`)."""

    hidden: frozenset[str] = frozenset()
    switched: frozenset[str] = frozenset()
    drawn: dict[int, set[Effect]] = field(default_factory=dict)

    def effect(self, node: "LexborNode", wanted: Effect) -> bool:
        """Whether an element has an effect by its own style or the page's sheet."""
        attributes = node.attributes
        style = attributes.get("style")
        if style and any(effect == wanted and pattern.search(style) for effect, pattern in _EFFECTS):
            return True
        if wanted != "hidden":
            return wanted in self.drawn.get(node.mem_id, ())
        if not self.hidden:
            return False
        names = {f".{name}" for name in (attributes.get("class") or "").split()}
        names.add(f"#{attributes.get('id') or ''}")
        return not self.hidden.isdisjoint(names) and self.switched.isdisjoint(names)

    def strikes(self, node: "LexborNode") -> bool:
        """Whether an element strikes out what it holds."""
        return self.effect(node, "struck") or struck_by_class(node.attributes.get("class") or "")


def styles_of(page: "LexborHTMLParser", rules: "Sequence[tuple[str, str]]") -> Styles:
    """The effects that the page's style elements have for good; `rules` are those of `sheet_rules`."""
    if not rules:
        return Styles()
    said = Counter(name for selector, _ in rules for name in _NAME.findall(selector))
    scripts = set(_WORD.findall("\n".join(node.text() for node in page.css("script"))[:MOST_STYLE]))
    hidden: set[str] = set()
    switched: set[str] = set()
    drawn: dict[int, set[Effect]] = {}
    asked = 0
    for selector, body in rules:
        if _SWITCH.search(selector) and _SHOWN.search(body):
            switched.update(
                last[1] for one in selector.split(",") if (last := _LAST_NAME.search(one.strip()))
            )
        effect = next((effect for effect, pattern in _EFFECTS if pattern.search(body)), None)
        if effect == "hidden":
            hidden.update(
                name
                for name in map(str.strip, selector.split(","))
                if _NAME.fullmatch(name) and said[name] == 1 and name[1:] not in scripts
            )
        elif effect is not None and asked < MOST_SELECTORS:
            asked += selector.count(",") + 1
            for node in drawn_by(page, selector):
                drawn.setdefault(node.mem_id, set()).add(effect)
    return Styles(frozenset(hidden), frozenset(switched), drawn)


def sheet_rules(page: "LexborHTMLParser") -> "list[tuple[str, str]]":
    """Selectors and bodies of the rules in the page's style elements. To be read before they are dropped."""
    sheet = _COMMENT.sub("", "\n".join(node.text() for node in page.css("style"))[:MOST_STYLE])
    return _rules(sheet) if "{" in sheet else []


def drawn_by(page: "LexborHTMLParser", selector: str) -> "Iterator[LexborNode]":
    """The elements that a rule's selectors always mean; nothing for what the parser does not understand."""
    for one in map(str.strip, selector.split(",")):
        if one and not _NOT_ALWAYS.search(one):
            try:
                yield from page.css(one)
            except SelectolaxError:
                continue


def _rules(sheet: str) -> "list[tuple[str, str]]":
    """Selectors and bodies of the rules outside of @media and the like."""
    rules: list[tuple[str, str]] = []
    depth, start, selector = 0, 0, ""
    for mark in re.finditer(r"[{}]", sheet):
        if mark[0] == "{":
            if depth == 0:
                selector = sheet[start : mark.start()].rpartition(";")[2].strip()
            depth += 1
            start = mark.end()
        else:
            if depth == 1 and not selector.startswith("@"):
                rules.append((selector, sheet[start : mark.start()]))
            depth, start = max(depth - 1, 0), mark.end()
    return rules


def hidden_by_class(names: str) -> bool:
    """Whether a class attribute hides by the habits of the common frameworks."""
    tokens = names.split()
    return not _HIDDEN_CLASSES.isdisjoint(tokens) and not any(map(_SHOWN_AGAIN.search, tokens))


def struck_by_class(names: str) -> bool:
    """Whether a class attribute strikes out."""
    return not _STRUCK_CLASSES.isdisjoint(names.split())
