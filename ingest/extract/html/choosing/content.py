"""Which part of a page is its content: what stands around it is furniture, by position and density.

What authors state (main, article, role) and the density of prose against links find the middle of the page; inside of
it only what is nearly all links or controls goes, whatever its class is called; around it only what reads as prose
stays. A wrong keep costs a little, a wrong delete costs the answer.
"""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from ingest.extract.html.choosing.measure import Size, Sizes

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

_FURNITURE: Final = re.compile(
    r"(?:^|[\s_-])(?:nav(?:bar|igation|igate)?|menus?|side-?bar|breadcrumbs?|cookies?|consent|gdpr|share(?:bar|daddy)?|"
    r"sharing|social|socials|related|recirc\w*|recommend\w*|promo\w*|sponsor\w*|advert\w*|ads?|adsense|banner|"
    r"newsletter|subscri\w+|paywall|footer|masthead|site-?header|page-?header|paginat\w+|pager|prevnext|popups?|"
    r"modal|overlay|skip|skip-?links?|toolbar|widget|login|signup|sign-?in|print|comments?|comment-?(?:list|form|box|"
    r"section)|disqus\w*|respond|byline-?social|teasers?|outbrain|taboola|most-?read|trending|tag-?cloud|rss|feedback|"
    r"utility|tools)(?=$|[\s_-])",
    re.IGNORECASE,
)
"""Names that furniture has; a ground to drop only together with position or density."""
_CONSENT: Final = re.compile(r"cookie|consent|gdpr", re.IGNORECASE)
_NEVER_NAMED: Final = frozenset(
    {
        "body",
        "html",
        "main",
        "article",
        "pre",
        "code",
        "h1",
        "h2",
        "h3",
        "p",
        "span",
        "a",
        "td",
        "th",
        "tr",
        "tbody",
    }
)
_STRUCTURAL: Final = (
    "nav, header, footer, aside, menu, [role=navigation], [role=search], [role=banner], [role=contentinfo], "
    "[role=complementary], [role=menu], [role=menubar], [role=toolbar], [itemprop=breadcrumb]"
)
_ALWAYS: Final = (
    "[role=search], [role=menu], [role=menubar], [role=toolbar], [itemprop=breadcrumb], [role=tablist], "
    ".mw-editsection, a.headerlink, a.anchor-link, a.hash-link, [role=doc-backlink]"
)
_STATED: Final = ("article", "main", "[role=main]", "[role=article]", "[itemprop=articleBody]")
_CARDS: Final = "a div, a h2, a h3, a h4, a p, a img, a button"
"""Links around blocks or pictures: teasers of other pages."""
_HEADINGS: Final = frozenset({"h2", "h3", "h4", "h5", "h6"})
_BOILERPLATE: Final = re.compile(r"^\W*(?:©|\(c\)|copyright\b|all rights reserved)", re.IGNORECASE)
_PROSE_TAGS: Final = "p, pre, td, blockquote, li, dd"
ENOUGH_SHARE: Final = 0.4
"""A container is the content when it holds this share of the prose of the body."""
SMALL: Final = 600
"""A body with fewer characters of prose is taken whole: there is too little to tell a middle from what is around it."""
MOST_ABOVE: Final = 100
"""Elements around one that are looked at."""
LEAST_PROSE: Final = 12
"""Characters of prose that something around the content needs to be kept."""


def furniture(body: "LexborNode", hidden: set[int]) -> set[int]:
    """The elements of a page that are no content, by `mem_id`; the tree stays as it is."""
    sizes = Sizes(body, hidden)
    total = sizes.of(body).prose
    root = _stated(body, sizes) or (_densest(body, sizes) if total >= SMALL else None)
    if root is None or sizes.of(root).prose < ENOUGH_SHARE * total:
        root = body
    found = {node.mem_id for node in body.css(_ALWAYS)}
    found.update(_inside(root, body, sizes))
    if root.mem_id != body.mem_id:
        found.update(_around(root, body, sizes))
    return found


def _names(node: "LexborNode") -> str:
    attributes = node.attributes
    return f"{attributes.get('class') or ''} {attributes.get('id') or ''}"


def _is_named(node: "LexborNode") -> bool:
    return node.tag not in _NEVER_NAMED and bool(_FURNITURE.search(_names(node)))


def _inside(root: "LexborNode", body: "LexborNode", sizes: Sizes) -> Iterator[int]:
    """Inside the content only menus, bars of controls and lists of links go."""
    for node in body.css(_STRUCTURAL):
        outside = root.mem_id == body.mem_id and not _in_section(node)
        size = sizes.of(node)
        if node.mem_id != root.mem_id and (
            _is_bar(node, size) or (outside and not _reads_as_content(node, size))
        ):
            yield node.mem_id
    for node in root.css("[class], [id]"):
        if node.mem_id != root.mem_id and _is_named(node) and _is_empty_talk(_names(node), sizes.of(node)):
            yield node.mem_id
    for node in root.css("div, section, ul, ol, dl, table, p, form"):
        if node.mem_id != root.mem_id and _is_link_list(node, sizes.of(node), root):
            yield node.mem_id
            if (title := _title_before(node, sizes)) is not None:
                yield title.mem_id


def _is_empty_talk(names: str, size: Size) -> bool:
    """Of what is named like furniture: nearly all links, fields, a button with hardly a sentence, consent asked."""
    if size.controls and size.prose < 300 and not size.headings:
        told = size.stops > 0 and size.digits > 0
        return (size.fields > 0 and not told) or not size.stops or _CONSENT.search(names) is not None
    return size.links > 0 and (
        (size.density > 0.5 and size.prose < 200) or (not size.stops and size.prose < 120)
    )


def _is_bar(node: "LexborNode", size: Size) -> bool:
    """A menu or a strip of links and buttons."""
    if node.tag == "nav" or node.attributes.get("role") == "navigation":
        return (size.links + size.controls > 0 and (size.prose < 80 or size.density > 0.5)) or not size.stops
    if node.tag == "menu":
        return size.controls > 0 and size.prose < LEAST_PROSE
    few = size.prose < 200 and not size.headings
    return size.links + size.controls > 0 and few and (size.density > 0.5 or size.prose < LEAST_PROSE)


def _is_link_list(node: "LexborNode", size: Size, root: "LexborNode") -> bool:
    if size.links < 3 or size.density <= 0.8 or size.prose >= 200:
        return False
    if size.stops >= size.links <= size.digits and not _is_named(node):
        return False  # cards that each tell a fact
    if root.tag in ("main", "article") or root.attributes.get("role") == "main":
        return size.anchors == size.links or _is_named(node) or node.css_first(_CARDS) is not None
    return True


def _title_before(node: "LexborNode", sizes: Sizes) -> "LexborNode | None":
    """The heading of a list of links that nothing else stands under."""
    before, after = node.prev, node.next
    while before is not None and sizes.of(before).text == 0:
        before = before.prev
    while after is not None and sizes.of(after).text == 0:
        after = after.next
    if before is None or not (before.tag in _HEADINGS or sizes.of(before).headings):
        return None
    alone = after is None or after.tag in _HEADINGS
    return before if alone and sizes.of(before).text <= 60 and before.css_first("h1") is None else None


def _in_section(node: "LexborNode") -> bool:
    above = node.parent
    for _ in range(MOST_ABOVE):
        if above is None or above.tag in ("article", "main", "section"):
            return above is not None
        above = above.parent
    return False


def _around(root: "LexborNode", body: "LexborNode", sizes: Sizes) -> Iterator[int]:
    """What stands beside the way from the body to the content, but for what reads as content."""
    below = root
    while below.mem_id != body.mem_id and (parent := below.parent) is not None:
        for node in parent.iter(include_text=True):
            if node.mem_id == below.mem_id:
                continue
            if node.tag == "-text":
                kept = _is_sentence(node.text_content or "")
            else:
                size = sizes.of(node)
                kept = (_holds_title(node) and size.density < 0.5) or _reads_as_content(node, size)
            if not kept:
                yield node.mem_id
        below = parent


def _is_sentence(text: str) -> bool:
    return len(text.strip()) >= LEAST_PROSE and text.rstrip()[-1:] in ".!?:"


def _holds_title(node: "LexborNode") -> bool:
    return node.tag in ("h1", "header") and (node.tag == "h1" or node.css_first("h1") is not None)


def _reads_as_content(node: "LexborNode", size: Size) -> bool:
    """Prose or facts, hardly a link, no controls, and neither the place nor the name of furniture with links."""
    if size.prose < LEAST_PROSE or size.controls or not (size.stops or size.headings or size.digits):
        return False
    structural = node.css_matches(_STRUCTURAL)
    if structural or _is_named(node):
        few = size.links == 0 or (structural and size.links < 3 and size.density < 0.25 and size.stops > 0)
        return few and not _BOILERPLATE.search(_beginning(node))
    return size.density < 0.25


def _beginning(node: "LexborNode") -> str:
    """The first words of an element."""
    words = ""
    for part in node.traverse(include_text=True):
        if part.tag == "-text":
            words += (part.text_content or "").lstrip()
            if len(words) > 40:
                break
    return words


def _stated(body: "LexborNode", sizes: Sizes) -> "LexborNode | None":
    """What the author calls the content; where there are several (a list of posts), the one that holds the most."""
    total = sizes.of(body).prose
    for selector in _STATED:
        found = body.css(selector)
        if found:
            best = max(found, key=lambda node: sizes.of(node).prose)
            if sizes.of(best).prose >= 0.6 * total:
                return best
    return None


def _densest(body: "LexborNode", sizes: Sizes) -> "LexborNode | None":
    """Paragraphs give points to their parent and half to its parent, links take them away (after readability)."""
    scores: dict[int, float] = {}
    nodes: dict[int, LexborNode] = {}
    for paragraph in body.css(_PROSE_TAGS):
        length = sizes.of(paragraph).prose
        if length < 25:
            continue
        points = 1 + sizes.of(paragraph).stops + min(length / 100, 3)
        parent, share = paragraph.parent, 1.0
        for _ in range(3):
            if parent is None or parent.tag == "html":
                break
            scores[parent.mem_id] = scores.get(parent.mem_id, 0.0) + points * share
            nodes[parent.mem_id] = parent
            parent, share = parent.parent, share / 2
    if not scores:
        return None
    best = max(scores, key=lambda key: scores[key] * (1 - sizes.of(nodes[key]).density))
    return _widened(nodes[best], body, sizes)


def _widened(node: "LexborNode", body: "LexborNode", sizes: Sizes) -> "LexborNode":
    """The container grows while its parent adds much prose (a text cut into several boxes)."""
    while (parent := node.parent) is not None and node.mem_id != body.mem_id:
        if sizes.of(parent).prose < 1.25 * sizes.of(node).prose:
            break
        node = parent
    return node
