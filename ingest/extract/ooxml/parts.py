"""A package's parts and the references between them, read one by one and never more than a document holds.

Strict Open XML has other names for the same things: they become the usual ones before parsing. Templates and files
with macros are no other format here. A reference to a part that is not there is no reference.
"""

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from lxml import etree  # type: ignore[import-untyped]

from ingest.extract.package import MAX_MEMBER, check_package, damaged
from ragchat.errors import DocumentFailed

if TYPE_CHECKING:
    from lxml.etree import _Element as Element  # type: ignore[import-untyped]

_STRICT: Final = re.compile(rb"http://purl\.oclc\.org/ooxml/(\w+)/")


@dataclass(frozen=True, slots=True)
class Relation:
    """A reference of one part: the last word of its type, and a part's name or (external) an address."""

    kind: str
    target: str
    external: bool


class Package:
    """An opened OOXML file; raises DocumentFailed damaged, encrypted or too_large."""

    def __init__(self, data: bytes) -> None:
        check_package(data)
        self._archive = zipfile.ZipFile(io.BytesIO(data))
        self._names = {_folded(name): name for name in self._archive.namelist()}
        self._relations: dict[str, Mapping[str, Relation]] = {}

    def main(self, fallback: str) -> str:
        """The name of the part that holds the document; `fallback` where the package does not say."""
        told = next((r.target for r in self.relations("").values() if r.kind == "officeDocument"), fallback)
        return told if self.has(told) else fallback

    def has(self, name: str) -> bool:
        """Whether there is such a part."""
        return _folded(name) in self._names

    def read(self, name: str) -> bytes:
        """The bytes of a part; DocumentFailed damaged where it is missing or broken."""
        try:
            with self._archive.open(self._names[_folded(name)]) as part:
                content = part.read(MAX_MEMBER + 1)
        except (zipfile.BadZipFile, zlib.error, KeyError, EOFError, ValueError, NotImplementedError) as error:
            raise damaged(f"its part {name} is missing or broken") from error
        if len(content) > MAX_MEMBER:
            raise DocumentFailed("unpacks to far more than a document holds.", code="too_large")
        return (
            _STRICT.sub(rb"http://schemas.openxmlformats.org/\1/2006/", content)
            if b"purl.oclc" in content
            else content
        )

    def root(self, name: str) -> "Element":
        """The root of a part that the document cannot do without; DocumentFailed damaged."""
        try:
            return etree.fromstring(self.read(name), _parser())
        except etree.XMLSyntaxError as error:
            raise damaged(f"its part {name} is missing or broken") from error

    def part(self, name: str) -> "Element | None":
        """The root of a part, None where it is missing or broken."""
        try:
            return self.root(name) if self.has(name) else None
        except DocumentFailed:
            return None

    def relations(self, name: str) -> Mapping[str, Relation]:
        """The references of a part ("": of the package) by their ids."""
        if name not in self._relations:
            self._relations[name] = dict(self._read_relations(name))
        return self._relations[name]

    def related(self, name: str, kind: str) -> list[str]:
        """The parts that a part refers to by references of a kind, in the order of the ids."""
        return [
            relation.target
            for relation in self.relations(name).values()
            if relation.kind == kind and not relation.external and self.has(relation.target)
        ]

    def roots(self, name: str, kind: str) -> "Iterator[Element]":
        """The roots of the related parts that can be read."""
        for part in self.related(name, kind):
            if (root := self.part(part)) is not None:
                yield root

    def _read_relations(self, name: str) -> Iterator[tuple[str, Relation]]:
        folder, base = posixpath.split(name)
        root = self.part(posixpath.join(folder, "_rels", f"{base}.rels"))
        for entry in root if root is not None else ():
            if not isinstance(entry.tag, str):
                continue
            target = entry.get("Target") or ""
            external = entry.get("TargetMode") == "External"
            kind = (entry.get("Type") or "").rpartition("/")[2]
            yield (
                entry.get("Id") or "",
                Relation(kind, target if external else _resolved(folder, target), external),
            )


def _folded(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").casefold()


def _resolved(folder: str, target: str) -> str:
    target = unquote(target.replace("\\", "/").partition("#")[0])
    return posixpath.normpath(
        target.lstrip("/") if target.startswith("/") else posixpath.join(folder, target)
    )


def _parser() -> "etree.XMLParser":
    return etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True)
