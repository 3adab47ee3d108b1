"""Which part of a page is its content: hidden and furniture elements removed, then the densest container found.

Order matters: what authors state (main, article, role, hidden) first, then names of classes, then the density of
prose against links, after readability (Arc90, 2009). Where all of that finds too little, the whole body is taken:
losing content is worse than keeping a menu.
"""

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

_NEVER: Final = (
    "script, style, noscript, template, iframe, object, embed, svg, canvas, audio, video, input, select, textarea, "
    "button, dialog, head, link, meta, datalist, progress, meter, map, [hidden]:not([hidden='until-found']), "
    "[aria-hidden='true'], [role='navigation'], [role='search'], [role='banner'], [role='contentinfo'], "
    "[role='complementary'], [role='menu'], [role='menubar'], [role='toolbar'], [role='dialog'], [role='alertdialog'], "
    "nav, a.headerlink, a.anchor-link, a.hash-link, [itemprop='breadcrumb']"
)
_HIDDEN: Final = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
_FURNITURE: Final = re.compile(
    r"(?:^|[\s_-])(?:nav(?:bar|igation|igate)?|menus?|side-?bar|breadcrumbs?|cookies?|consent|gdpr|share(?:bar|daddy)?|"
    r"sharing|social|socials|related|recirc\w*|recommend\w*|promo\w*|sponsor\w*|advert\w*|ads?|adsense|banner|"
    r"newsletter|subscri\w+|paywall|footer|masthead|site-?header|page-?header|paginat\w+|pager|prevnext|popups?|"
    r"modal|overlay|skip|skip-?links?|toolbar|widget|login|signup|sign-?in|print|hidden|invisible|sr-only|"
    r"visually-?hidden|screen-reader-text|comments?|comment-?(?:list|form|box|section)|disqus\w*|respond|"
    r"byline-?social|teasers?|outbrain|taboola|most-?read|trending|tag-?cloud|rss|feedback|utility|tools)(?=$|[\s_-])",
    re.IGNORECASE,
)
_CONTENT: Final = re.compile(
    r"(?:^|[\s_-])(?:article|body|content|entry|main|post|story|text|page|markdown|doc(?:ument)?s?|prose|blog)"
    r"(?=$|[\s_-])",
    re.IGNORECASE,
)
_NEVER_NAMED: Final = frozenset(
    {"body", "html", "main", "article", "pre", "code", "h1", "h2", "h3", "p", "span", "a", "td", "th"}
)
"""Elements whose class is no ground to drop them: the content itself, or too small to be a menu."""
NAMED_SHARE: Final = 0.5
"""Names that would take half of the prose mean something else on this page."""
_STATED: Final = ("article", "main", "[role='main']", "[role='article']", "[itemprop='articleBody']")
ENOUGH_SHARE: Final = 0.4
"""A container is the content when it holds this share of the prose of the body."""
SMALL: Final = 600
"""A body with fewer characters of prose is taken whole: there is no furniture left worth a guess."""


def content_root(page: "LexborHTMLParser") -> "LexborNode | None":
    """The node whose rendering is the page's content (the page's tree is changed); None for no body."""
    body = page.body
    if body is None:
        return None
    _drop(body.css(_NEVER))
    _drop(node for node in body.css("[style]") if _HIDDEN.search(node.attributes.get("style") or ""))
    total = _prose(body)
    _drop_furniture(body, total)
    root = _stated(body) or (_densest(body) if _prose(body) >= SMALL else None)
    if root is None or _prose(root) < ENOUGH_SHARE * _prose(body):
        root = body
    _drop_link_lists(root)
    return root


def _drop(nodes: "object") -> None:
    for node in list(nodes):  # type: ignore[call-overload]
        node.decompose()


def _names(node: "LexborNode") -> str:
    attributes = node.attributes
    return f"{attributes.get('class') or ''} {attributes.get('id') or ''}"


def _drop_furniture(body: "LexborNode", total: int) -> None:
    """Elements that are or are named furniture, unless they hold much of the prose or the heading of the page."""
    for node in body.css("footer, aside, header"):
        structural = node.tag != "header" or not _inside_article(node)
        if node.parent is not None and structural and _is_small(node, total) and not _has_title(node):
            node.decompose()
    named = [
        node for node in body.css("[class], [id]") if _is_named_furniture(node) and _is_small(node, total)
    ]
    if sum(_prose(node) for node in _outermost(named)) < NAMED_SHARE * total:
        _drop(_outermost(named))


def _is_named_furniture(node: "LexborNode") -> bool:
    return node.tag not in _NEVER_NAMED and bool(_FURNITURE.search(_names(node))) and not _has_title(node)


def _is_small(node: "LexborNode", total: int) -> bool:
    share = _prose(node) / max(total, 1)
    return share < (0.15 if _CONTENT.search(_names(node)) else 0.33)


def _outermost(nodes: "list[LexborNode]") -> "list[LexborNode]":
    """Without those inside another one of the list (which comes in document order)."""
    kept: list[LexborNode] = []
    inside: set[int] = set()
    for node in nodes:
        if node.mem_id not in inside:
            kept.append(node)
            inside.update(below.mem_id for below in node.css("*"))
    return kept


def _has_title(node: "LexborNode") -> bool:
    return node.tag == "header" and node.css_first("h1") is not None


def _inside_article(node: "LexborNode") -> bool:
    parent = node.parent
    while parent is not None:
        if parent.tag in ("article", "main", "section"):
            return True
        parent = parent.parent
    return False


def _text_length(node: "LexborNode") -> int:
    return len("".join(node.text().split()))


def _prose(node: "LexborNode") -> int:
    """Characters of text that is not linked."""
    return max(_text_length(node) - sum(_text_length(link) for link in node.css("a")), 0)


def _stated(body: "LexborNode") -> "LexborNode | None":
    """What the author calls the content; where there are several (a list of posts), the one that holds the most."""
    total = _prose(body)
    for selector in _STATED:
        found = body.css(selector)
        if found:
            best = max(found, key=_prose)
            if _prose(best) >= 0.6 * total:
                return best
    return None


def _densest(body: "LexborNode") -> "LexborNode | None":
    """Paragraphs give points to their parent and half to its parent; links take them away."""
    scores: dict[int, float] = {}
    nodes: dict[int, LexborNode] = {}
    for paragraph in body.css("p, pre, td, blockquote, li, dd"):
        length = _prose(paragraph)
        if length < 25:
            continue
        points = 1 + paragraph.text().count(",") + min(length / 100, 3)
        parent, share = paragraph.parent, 1.0
        for _ in range(3):
            if parent is None or parent.tag in ("html",):
                break
            scores[parent.mem_id] = scores.get(parent.mem_id, 0.0) + points * share
            nodes[parent.mem_id] = parent
            parent, share = parent.parent, share / 2
    if not scores:
        return None
    best = max(scores, key=lambda key: scores[key] * (1 - _link_density(nodes[key])))
    return _widened(nodes[best], body)


def _widened(node: "LexborNode", body: "LexborNode") -> "LexborNode":
    """The container grows while its parent adds much prose (a text cut into several boxes)."""
    while (parent := node.parent) is not None and node.mem_id != body.mem_id:
        if _prose(parent) < 1.25 * _prose(node):
            break
        node = parent
    return node


def _link_density(node: "LexborNode") -> float:
    total = _text_length(node)
    return 1 - _prose(node) / total if total else 0.0


def _drop_link_lists(root: "LexborNode") -> None:
    """Blocks that are nearly all links: menus, tag clouds, "read more" lists."""
    for node in root.css("div, section, ul, ol, dl, table, p, form"):
        if node.parent is None or node.mem_id == root.mem_id:
            continue
        links = len(node.css("a"))
        if links >= 3 and _link_density(node) > 0.8 and _prose(node) < 200:
            node.decompose()
