"""HTML: the main content as Markdown-like text, without hidden elements, navigation and other furniture.

Parsed by selectolax (lexbor, the browsers' own error recovery). Which part is content is decided in html_content,
how it becomes lines in html_render. Own code and not trafilatura, which shows hidden text and costs three times the
time for about the same words (bench/extract/README.md).
"""

import re
from typing import TYPE_CHECKING, Final

from ingest.extract.building import TextBuilder
from ingest.extract.charset import decode
from ingest.extract.clean import humanised, one_line
from ingest.extract.extracted import Extracted
from ingest.extract.html_content import content_root
from ingest.extract.html_render import Renderer
from ingest.extract.paragraphs import told_apart
from ragchat.documents import Scalar

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser

_META_CHARSET: Final = re.compile(
    rb"<meta\b[^>]{0,300}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]+)", re.IGNORECASE
)
_XML_CHARSET: Final = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9_.:-]+)", re.IGNORECASE)
_HEAD_BYTES: Final = 65_536
"""How far the charset declaration is looked for: browsers stop at 1,024 bytes, saved pages bury it deeper."""
_METAS: Final = {
    "author": ("author", "article:author", "dc.creator"),
    "description": ("description", "og:description", "dc.description"),
    "created": ("article:published_time", "date", "dc.date", "dcterms.created"),
    "modified": ("article:modified_time", "dcterms.modified", "last-modified"),
    "site": ("og:site_name", "application-name"),
    "keywords": ("keywords",),
}


def extract(data: bytes, name: str) -> Extracted:
    """Title: the title element (without the site's name where the first heading tells it), else the first heading."""
    return extract_page(decode(data, declared_charset(data)), name)


def extract_page(source: str, name: str) -> Extracted:
    """As `extract`, for a page that is already characters."""
    from selectolax.lexbor import LexborHTMLParser

    page = LexborHTMLParser(source)
    metadata = _metadata(page)
    builder = TextBuilder()
    declared = _declared_title(page)
    root = content_root(page)
    if root is not None:
        Renderer(builder).render(root)
    first = builder.headings[0].title if builder.headings else ""
    return Extracted(
        builder.text,
        _title(declared, first) or humanised(name),
        "text/html",
        headings=tuple(builder.headings),
        metadata=metadata,
        blocks=told_apart(builder.blocks, builder.text),
        reason="" if builder.length else "the page shows no text (it may be drawn by scripts)",
    )


def declared_charset(data: bytes) -> str:
    """The encoding that the page's own meta element or XML declaration names; "" for none."""
    head = _without_comments(data[:_HEAD_BYTES])
    match = _XML_CHARSET.search(head[:300]) or _META_CHARSET.search(head)
    return match[1].decode("ascii") if match else ""


def _without_comments(head: bytes) -> bytes:
    """A declaration inside a comment declares nothing. Not a regular expression: those are quadratic here."""
    kept, position = [], 0
    while (start := head.find(b"<!--", position)) >= 0 and (end := head.find(b"-->", start)) >= 0:
        kept.append(head[position:start])
        position = end + 3
    return b"".join(kept) + head[position:]


def _declared_title(page: "LexborHTMLParser") -> str:
    node = page.css_first("head > title") or page.css_first("title")
    return one_line(node.text()) if node is not None else ""


def _title(declared: str, first: str) -> str:
    """ "Timeouts - HTTPX" is "Timeouts" when that is the page's first heading."""
    if first and declared != first and declared.startswith(first) and len(first) > 3:
        return first
    return declared or first


def _metadata(page: "LexborHTMLParser") -> dict[str, Scalar]:
    contents: dict[str, str] = {}
    for meta in page.css("meta"):
        key = meta.attributes.get("name") or meta.attributes.get("property") or ""
        content = one_line(meta.attributes.get("content") or "")
        if key and content:
            contents.setdefault(key.lower(), content)
    facts: dict[str, Scalar] = {}
    for field, names in _METAS.items():
        if value := next((contents[name] for name in names if name in contents), ""):
            facts[field] = value[:2000]
    html = page.css_first("html")
    if html is not None and (language := one_line(html.attributes.get("lang") or "")):
        facts["language"] = language
    link = page.css_first('link[rel="canonical"]')
    if link is not None and (url := one_line(link.attributes.get("href") or "")):
        facts["url"] = url
    return facts
