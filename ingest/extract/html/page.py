"""A page from its bytes: characters, head, content.

Parsed by selectolax (lexbor, the browsers' own error recovery). Own code and not trafilatura, which shows hidden text
and costs three times the time for about the same words (bench/extract/README.md).
"""

import re
from html import escape
from typing import TYPE_CHECKING, Final

from selectolax.lexbor import LexborHTMLParser

from ingest.extract.assembly.building import TextBuilder
from ingest.extract.assembly.paragraphs import told_apart
from ingest.extract.charset import decode
from ingest.extract.clean import humanised, one_line
from ingest.extract.extracted import Extracted
from ingest.extract.html.choosing.content import furniture
from ingest.extract.html.choosing.faint import faint_elements
from ingest.extract.html.choosing.hidden import find_panels, hidden_elements
from ingest.extract.html.choosing.styles import sheet_rules, styles_of
from ingest.extract.html.forms import forms_of
from ingest.extract.html.line import Facts
from ingest.extract.html.notes import notes_of
from ingest.extract.html.render import Renderer
from ingest.extract.unseen import left_out
from ragchat.documents import Scalar

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

MOST_NESTED_PAGES: Final = 3
MOST_STAND_INS: Final = 300
"""Elements for pages without scripts that are looked at; each is looked for in the whole text."""
FEW_LINKS: Final = 5
"""Links to other sites on a page up to which each keeps its address, however long its paragraph is."""
FEWEST_WORDS: Final = 4
_NO_CONTENT: Final = re.compile(r"java ?script|\bscripts?\b|\benable\b|\bbrowser|<\w", re.IGNORECASE)
"""Requests to turn scripts on, and advertisements written as escaped markup."""
_META_CHARSET: Final = re.compile(
    rb"<meta\b[^>]{0,300}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]+)", re.IGNORECASE
)
_XML_CHARSET: Final = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9_.:-]+)", re.IGNORECASE)
MOST_ATTRIBUTES: Final = 1_000
_LONG_TAG: Final = re.compile(rf"<[A-Za-z][^<>]{{{3 * MOST_ATTRIBUTES},}}")
_ATTRIBUTE: Final = re.compile(r"""[^\s"'=]+(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"']+))?""")
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


def extract_page(source: str, name: str, *, whole: bool = False) -> Extracted:
    """As `extract`, for a page that is already characters; `whole` for one that is all content (a book's chapter)."""
    page = LexborHTMLParser(without_crowds(with_character_data(source)))
    metadata = _metadata(page)
    builder = TextBuilder()
    declared = _declared_title(page)
    if page.body is not None:
        write_page(page, page.body, builder, whole=whole)
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


def extract_fragment(source: str, builder: TextBuilder) -> None:
    """Append a piece of HTML (inside of Markdown) that is all content."""
    page = LexborHTMLParser(without_crowds(with_character_data(source)))
    if page.body is not None:
        write_page(page, page.body, builder, whole=True)


def write_page(
    page: "LexborHTMLParser", body: "LexborNode", builder: TextBuilder, *, whole: bool, depth: int = 0
) -> None:
    """The content of a page into a builder; pages inside of it (iframe, shadow root) likewise."""
    _open_noscripts(body)
    rules = sheet_rules(page)
    styles = styles_of(page, rules)
    panels = find_panels(body)
    dropped = hidden_elements(body, panels, styles)
    for node, how in faint_elements(page, body, rules):
        if node.mem_id not in dropped:
            left_out(node.text(), how)
            dropped.add(node.mem_id)
    if not whole:
        dropped |= furniture(body, dropped)
    base = page.css_first("base[href]") or page.css_first('link[rel="canonical"]')
    address = (base.attributes.get("href") or "") if base is not None else ""
    outward = sum(link.mem_id not in dropped for link in body.css("a[href^=http]"))
    facts = Facts(dropped, panels, styles, notes_of(body), forms_of(body), address, outward <= FEW_LINKS)

    def nested(inner: str) -> None:
        inside = LexborHTMLParser(with_character_data(inner))
        if inside.body is not None and depth < MOST_NESTED_PAGES:
            write_page(inside, inside.body, builder, whole=True, depth=depth + 1)

    Renderer(builder, facts, nested).render(body)


def _open_noscripts(body: "LexborNode") -> None:
    """What a page shows without scripts is content, unless it says that scripts are needed or what is said already."""
    stand_ins = body.css("noscript")[:MOST_STAND_INS]
    said = one_line(body.text()) if stand_ins else ""
    for node in stand_ins:
        words = node.text(separator=" ").split()
        if (
            len(words) >= FEWEST_WORDS
            and not _NO_CONTENT.search(" ".join(words))
            and said.count(one_line(node.text())) < 2
        ):
            node.unwrap()


def with_character_data(source: str) -> str:
    """CDATA sections (XHTML, Confluence) as the text that they are: HTML's parser takes them for comments."""
    parts, position = [], 0
    while (start := source.find("<![CDATA[", position)) >= 0 and (end := source.find("]]>", start)) >= 0:
        parts += [source[position:start], escape(source[start + 9 : end], quote=False)]
        position = end + 3
    return "".join(parts) + source[position:] if parts else source


def without_crowds(source: str) -> str:
    """Elements with no more attributes than a person's page has: the parser compares each with all before it."""
    return _LONG_TAG.sub(_first_attributes, source)


def _first_attributes(tag: re.Match[str]) -> str:
    for number, attribute in enumerate(_ATTRIBUTE.finditer(tag[0], 1)):
        if number == MOST_ATTRIBUTES:
            return tag[0][: attribute.end()]
    return tag[0]


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
