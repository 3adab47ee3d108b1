"""What style says about an element: hidden, struck out, raised or lowered; by its attribute or the page's own sheet.

Of a style sheet only rules for one class or one id are read, and only those that no other rule and no script speaks
of: anything else may be shown by a click.
"""

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

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
_LAST_NAME: Final = re.compile(r"(?:^|[\s>\w])([.#][\w-]+)$")
"""The class that a selector ends with: `.price .old`, `td.old`."""
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
    """Effects by selector (".name", "#id")."""

    rules: dict[str, Effect]

    def effect(self, node: "LexborNode", wanted: Effect) -> bool:
        """Whether an element has an effect by its own style or the page's sheet."""
        attributes = node.attributes
        style = attributes.get("style")
        if style and any(effect == wanted and pattern.search(style) for effect, pattern in _EFFECTS):
            return True
        if not self.rules:
            return False
        names = [f".{name}" for name in (attributes.get("class") or "").split()]
        names.append(f"#{attributes.get('id') or ''}")
        return any(self.rules.get(name) == wanted for name in names)


def styles_of(page: "LexborHTMLParser") -> Styles:
    """The effects that the page's style elements have for good. To be read before they are dropped."""
    sheet = _COMMENT.sub("", "\n".join(node.text() for node in page.css("style"))[:MOST_STYLE])
    rules = list(_rules(sheet)) if "{" in sheet else []
    if not rules:
        return Styles({})
    said = Counter(name for selector, _ in rules for name in _NAME.findall(selector))
    scripts = set(_WORD.findall("\n".join(node.text() for node in page.css("script"))[:MOST_STYLE]))
    found: dict[str, Effect] = {}
    for selector, body in rules:
        effect = next((effect for effect, pattern in _EFFECTS if pattern.search(body)), None)
        if effect is None:
            continue
        for name in map(str.strip, selector.split(",")):
            if effect == "hidden":
                if _NAME.fullmatch(name) and said[name] == 1 and name[1:] not in scripts:
                    found[name] = effect
            elif last := _LAST_NAME.search(name):
                found[last[1]] = effect
    return Styles(found)


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
