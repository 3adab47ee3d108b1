"""An OpenDocument file opened: the roots of its content, its styles and its facts, and the objects inside of it.

A file is a zip of parts or one flat XML document with the same elements; what reads it sees no difference. Neither
entities nor addresses are followed.
"""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from lxml import etree  # type: ignore[import-untyped]

from ingest.extract.odf.names import FO, MANIFEST, OFFICE, STYLE
from ingest.extract.ooxml.parts import Package
from ingest.extract.package import damaged
from ragchat.errors import DocumentFailed

if TYPE_CHECKING:
    from lxml.etree import _Element as Element  # type: ignore[import-untyped]

_BINARY: Final = re.compile(rb"<office:binary-data>[^<]*</office:binary-data>")
"""Pictures in flat files: nothing to read, and longer than a parser takes."""
_IDS: Final = (etree.ErrorTypes.DTD_XMLID_VALUE, etree.ErrorTypes.DTD_ID_REDEFINED)
"""What a parser finds wrong with ids."""
_HOLDERS: Final = ("styles", "automatic-styles")


class Opened:
    """A file's parts; raises DocumentFailed damaged, encrypted or too_large."""

    def __init__(self, data: bytes) -> None:
        self._package: Package | None = None
        self._styles: Element | None = None
        self._objects: dict[str, Element | None] = {}
        if not data.startswith(b"PK"):
            self.content = self.meta = _flat(data)
            return
        self._package = package = Package(data)
        if _is_encrypted(package):
            raise DocumentFailed("is encrypted: it opens with a password only.", code="encrypted")
        if not package.has("content.xml"):
            raise damaged("its part content.xml is missing")
        self.content = _root(package.read("content.xml"), "its part content.xml is missing or broken")
        self._styles = package.part("styles.xml")
        self.meta = package.part("meta.xml")

    def body(self, kind: str) -> "Element | None":
        """The body of a text, a spreadsheet or a presentation; None where the file is none."""
        found: Element | None = self.content.find(f"{OFFICE}body/{OFFICE}{kind}")
        return found

    def holders(self) -> "Iterator[Element]":
        """The elements that hold styles, those of the content last: names of automatic styles are the content's (the
        ones in styles.xml are for headers, footers and master pages)."""
        if self._styles is not None:
            yield from self._styles.iterchildren(OFFICE + "styles")
        for name in _HOLDERS:
            yield from self.content.iterchildren(OFFICE + name)

    def has_coloured_pages(self) -> bool:
        """Whether a page layout has a colour or a picture below its text."""
        roots = [root for root in (self.content, self._styles) if root is not None]
        layouts = (node for root in roots for node in root.iter(STYLE + "page-layout-properties"))
        return any(
            (node.get(FO + "background-color") or "transparent").lower() not in ("transparent", "#ffffff")
            or node.find(STYLE + "background-image") is not None
            for node in layouts
        )

    def object(self, reference: str) -> "Element | None":
        """The root of the content of an object inside of the file."""
        name = f"{reference.removeprefix('./').rstrip('/')}/content.xml"
        if name not in self._objects:
            self._objects[name] = self._package.part(name) if self._package is not None else None
        return self._objects[name]


def _is_encrypted(package: Package) -> bool:
    manifest = package.part("META-INF/manifest.xml")
    return manifest is not None and next(manifest.iter(MANIFEST + "encryption-data"), None) is not None


def _flat(data: bytes) -> "Element":
    root = _root(_BINARY.sub(b"", data), "its XML is cut off or broken")
    if root.tag != OFFICE + "document":
        raise DocumentFailed("is no OpenDocument file.", code="unsupported")
    return root


def _root(content: bytes, failure: str) -> "Element":
    """The root of an XML document. Ids that are no names or stand twice break nothing that is read here."""
    settings = {"resolve_entities": False, "no_network": True, "remove_comments": True, "remove_pis": True}
    try:
        return etree.fromstring(content, etree.XMLParser(**settings))
    except etree.XMLSyntaxError as error:
        lenient = etree.XMLParser(recover=True, **settings)
        root = etree.fromstring(content, lenient)
        if root is None or any(entry.type not in _IDS for entry in lenient.error_log):
            raise damaged(failure) from error
        return root
