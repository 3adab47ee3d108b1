"""What a page says to those who crawl: its links, its canonical address, and what it asks robots not to do."""

from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser

from ingest.remote.web.names import normal

MOST_LINKS = 5_000


@dataclass(frozen=True, slots=True)
class Page:
    """`links` in one spelling, in the order of the page; `canonical` "" where it names none."""

    links: tuple[str, ...] = ()
    canonical: str = ""
    indexed: bool = True


def page_of(content: bytes, address: str, robots_header: str = "") -> Page:
    """`robots_header` is the value of X-Robots-Tag."""
    tree = LexborHTMLParser(content)
    base = address
    if (node := tree.css_first("base[href]")) is not None:
        base = normal(node.attributes.get("href") or "", address) or address
    asked = {word.strip().lower() for word in robots_header.split(",")}
    for node in tree.css("meta[name][content]"):
        if (node.attributes.get("name") or "").lower() in ("robots", "ragchat"):
            asked |= {word.strip().lower() for word in (node.attributes.get("content") or "").split(",")}
    canonical = ""
    if (node := tree.css_first('link[rel="canonical"][href]')) is not None:
        canonical = normal(node.attributes.get("href") or "", base)
    follow = not asked & {"nofollow", "none"}
    links = _links(tree, base) if follow else ()
    return Page(links, canonical, indexed=not asked & {"noindex", "none"})


def _links(tree: LexborHTMLParser, base: str) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for node in tree.css("a[href], area[href], iframe[src]"):
        if "nofollow" in (node.attributes.get("rel") or "").lower().split():
            continue
        link = normal(node.attributes.get("href") or node.attributes.get("src") or "", base)
        if link:
            found[link] = None
        if len(found) >= MOST_LINKS:
            break
    return tuple(found)
