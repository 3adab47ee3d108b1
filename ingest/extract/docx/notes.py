"""Footnotes, endnotes and comments: their words by id, the numbers that footnotes show, and who commented.

A comment that was resolved is over and not read. Word numbers footnotes as they come in the text; ids mean nothing.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from ingest.extract.clean import one_line
from ingest.extract.ooxml.counting import in_format
from ingest.extract.ooxml.names import W14, W15, W
from ingest.extract.ooxml.parts import Package

if TYPE_CHECKING:
    from lxml.etree import _Element as Element  # type: ignore[import-untyped]

_FORMATS: Final = {"footnotes": "decimal", "endnotes": "lowerRoman"}


class Notes:
    """The notes of one document, read when first asked for; `read` gives the words of a paragraph of a part."""

    def __init__(self, package: Package, main: str, read: "Callable[[str, Element], str]") -> None:
        self._package = package
        self._main = main
        self._words = read
        self._texts: dict[str, dict[str, str]] = {}
        self._labels: dict[str, dict[str, str]] = {}
        self._resolved: set[str] | None = None

    def note(self, kind: str, name: str) -> tuple[str, str]:
        """The label of a footnote or endnote, and its words the first time it is asked for, "" later."""
        labels = self._labels.setdefault(kind, {})
        if name in labels:
            return labels[name], ""
        labels[name] = in_format(len(labels) + 1, _FORMATS[kind])
        return labels[name], self._of(kind).get(name, "")

    def comment(self, name: str) -> str:
        """A comment with its author; "" for one that is resolved or empty."""
        return self._of("comments").get(name, "")

    def _of(self, kind: str) -> dict[str, str]:
        if kind not in self._texts:
            self._texts[kind] = {}
            for part in self._package.related(self._main, kind):
                root = self._package.part(part)
                if root is not None:
                    self._texts[kind] |= self._read(part, root)
        return self._texts[kind]

    def _read(self, part: str, root: "Element") -> dict[str, str]:
        found: dict[str, str] = {}
        for entry in root:
            if entry.get(W + "type") in ("separator", "continuationSeparator", "continuationNotice"):
                continue
            paragraphs = list(entry.iter(W + "p"))
            text = " ".join(
                filter(None, (one_line(self._words(part, paragraph)) for paragraph in paragraphs))
            )
            author = one_line(entry.get(W + "author") or "")
            if not text or any(p.get(f"{W14}paraId") in self._over() for p in paragraphs):
                continue
            by = f" by {author}" if author else ""
            found[entry.get(W + "id") or ""] = (
                f"[Comment{by}: {text}]" if entry.tag == W + "comment" else text
            )
        return found

    def _over(self) -> set[str]:
        """The paragraphs of comments that were resolved."""
        if self._resolved is None:
            self._resolved = {
                str(entry.get(f"{W15}paraId"))
                for root in self._package.roots(self._main, "commentsExtended")
                for entry in root
                if entry.get(f"{W15}done") in ("1", "true")
            }
        return self._resolved
