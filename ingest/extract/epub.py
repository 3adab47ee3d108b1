"""EPUB: the chapters of the spine in reading order, each read as HTML; navigation and covers left out."""

import posixpath
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from lxml import etree  # type: ignore[import-untyped]

from ingest.extract.assembly.building import TextBuilder
from ingest.extract.charset import decode
from ingest.extract.clean import humanised, one_line
from ingest.extract.extracted import Extracted
from ingest.extract.html import extract_page
from ingest.extract.package import check_package, damaged, read_part
from ragchat.documents import Scalar
from ragchat.errors import DocumentFailed

if TYPE_CHECKING:
    from lxml.etree import _Element as Element  # type: ignore[import-untyped]

MEDIA_TYPE: Final = "application/epub+zip"
_CONTAINER: Final = "META-INF/container.xml"
_ENCRYPTION: Final = "META-INF/encryption.xml"


def extract(data: bytes, name: str) -> Extracted:
    """Title and author: the package's Dublin Core; DocumentFailed encrypted for chapters under DRM."""
    parts = check_package(data)
    if _protected(data, parts):
        raise DocumentFailed(
            "is protected by DRM.", hint="Only books without DRM can be read.", code="encrypted"
        )
    package_path = _package_path(data)
    package = _xml(read_part(data, package_path), package_path)
    builder = TextBuilder()
    notes = []
    for path in _spine(package, posixpath.dirname(package_path)):
        if path not in parts:
            notes.append(f"chapter {path} is missing")
            continue
        _append(builder, extract_page(decode(read_part(data, path)), path, whole=True))
    facts = _facts(package)
    title = str(facts.pop("title", "")) or humanised(name)
    return Extracted(
        builder.text,
        title,
        MEDIA_TYPE,
        headings=tuple(builder.headings),
        metadata=facts,
        blocks=builder.blocks,
        reason="" if builder.length else "no chapter holds text",
        notes=tuple(notes),
    )


def _protected(data: bytes, parts: frozenset[str]) -> bool:
    """Whether more than fonts is encrypted (obfuscated fonts are common and harmless)."""
    if _ENCRYPTION not in parts:
        return False
    locked = _xml(read_part(data, _ENCRYPTION), _ENCRYPTION).iter("{*}CipherReference")
    return any(
        not (node.get("URI") or "").lower().endswith((".ttf", ".otf", ".woff", ".woff2")) for node in locked
    )


def _append(builder: TextBuilder, chapter: Extracted) -> None:
    builder.append(chapter.text, chapter.headings, chapter.blocks)


def _xml(content: bytes, path: str) -> "Element":
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, recover=True)
    root = etree.fromstring(content, parser)
    if root is None:
        raise damaged(f"its part {path} is no XML")
    return root


def _package_path(data: bytes) -> str:
    container = _xml(read_part(data, _CONTAINER), _CONTAINER)
    for node in container.iter("{*}rootfile"):
        if path := node.get("full-path"):
            return unquote(path)
    raise damaged("its container names no book")


def _spine(package: "Element", folder: str) -> list[str]:
    """The chapters in reading order, each once however often the book names it."""
    chapters: dict[str, str] = {}
    for item in package.iterfind("{*}manifest/{*}item"):
        is_page = (item.get("media-type") or "") in (
            "application/xhtml+xml",
            "text/html",
            "text/x-oeb1-document",
        )
        if is_page and "nav" not in (item.get("properties") or "").split():
            chapters[item.get("id") or ""] = posixpath.normpath(
                posixpath.join(folder, unquote(item.get("href") or ""))
            )
    order = [item.get("idref") or "" for item in package.iterfind("{*}spine/{*}itemref")]
    return list(dict.fromkeys(chapters[key] for key in order if key in chapters))


def _facts(package: "Element") -> dict[str, Scalar]:
    names = {"title": "title", "creator": "author", "language": "language", "date": "created"}
    facts: dict[str, Scalar] = {}
    for source, name in names.items():
        node = package.find("{*}metadata/{*}" + source)
        if node is not None and (text := one_line(node.text or "")):
            facts[name] = text
    return facts
