"""The two PDF engines behind one reading: which engine reads what, and what they raise, stays in this module.

Both parse hostile bytes; pypdf raises anything (KeyError, RecursionError, ...) on them. `_attempt` is the one named
boundary where that is turned into "could not be read"; only memory exhaustion passes.
"""

import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Final, TypeVar

from ingest.extract.clean import one_line
from ragchat.documents import Scalar
from ragchat.errors import DocumentFailed

if TYPE_CHECKING:
    from pypdf import PageObject, PdfReader
    from pypdfium2 import PdfDocument

T = TypeVar("T")

MAX_OUTLINE: Final = 2000
_PDFIUM_PASSWORD: Final = 4  # FPDF_ERR_PASSWORD


@dataclass(slots=True)
class PdfReading:
    """Raw page texts in order (None: no engine could read the page) and facts about the file.

    `scanned` counts pages that show pictures and no text; `outline` has (level from 1, page from 0, title).
    """

    pages: list[str | None] = field(default_factory=list)
    scanned: int = 0
    metadata: dict[str, Scalar] = field(default_factory=dict)
    outline: list[tuple[int, int, str]] = field(default_factory=list)


def read_pdf(data: bytes) -> PdfReading:
    """By pypdf with pdfium's help for single pages, else by pdfium alone; DocumentFailed encrypted or damaged."""
    pdfium = _Pdfium(data)
    try:
        return _attempt(lambda: _read_pypdf(data, pdfium), None) or pdfium.read()
    finally:
        pdfium.close()


def _attempt(read: Callable[[], T], otherwise: T) -> T:
    try:
        return read()
    except (DocumentFailed, MemoryError):
        raise
    except Exception:  # noqa: BLE001 - the boundary to parsers of hostile bytes, see the module's docstring
        return otherwise


def _encrypted() -> DocumentFailed:
    return DocumentFailed(
        "is encrypted: it needs a password.",
        hint="Save it without a password and ingest it again.",
        code="encrypted",
    )


def _read_pypdf(data: bytes, pdfium: "_Pdfium") -> PdfReading:
    from pypdf import PasswordType, PdfReader

    reader = PdfReader(io.BytesIO(data), strict=False)
    if reader.is_encrypted and reader.decrypt("") == PasswordType.NOT_DECRYPTED:
        raise _encrypted()
    reading = PdfReading()
    for index in range(len(reader.pages)):
        page = _attempt(partial(reader.pages.__getitem__, index), None)
        _read_page(reading, page, index, pdfium)
    reading.metadata = _attempt(lambda: _metadata(reader), {})
    reading.outline = _attempt(lambda: list(islice(_outline(reader, reader.outline, 1), MAX_OUTLINE)), [])
    return reading


def _read_page(reading: PdfReading, page: "PageObject | None", index: int, pdfium: "_Pdfium") -> None:
    text = _attempt(page.extract_text, None) if page is not None else None
    if not (text or "").strip():
        second = pdfium.page_text(index)
        text = text if second is None else second
    if text is not None and not text.strip() and pdfium.has_picture(index):
        reading.scanned += 1
    reading.pages.append(text)


def _metadata(reader: "PdfReader") -> dict[str, Scalar]:
    facts: dict[str, Scalar] = {}
    if (info := reader.metadata) is not None:
        for name, value in (("title", info.title), ("author", info.author), ("description", info.subject)):
            if value and (line := one_line(value)):
                facts[name] = line
        for name, read in (
            ("created", lambda: info.creation_date),
            ("modified", lambda: info.modification_date),
        ):
            if isinstance(date := _attempt(read, None), datetime):
                facts[name] = date.date().isoformat()
    language = reader.root_object.get("/Lang")
    if language and (line := one_line(str(language))):
        facts["language"] = line
    return facts


def _outline(reader: "PdfReader", entries: "Iterable[object]", level: int) -> Iterator[tuple[int, int, str]]:
    from pypdf.generic import Destination

    for entry in entries:
        if isinstance(entry, list):
            yield from _outline(reader, entry, level + 1)
        elif isinstance(entry, Destination):
            page = _attempt(partial(reader.get_destination_page_number, entry), None)
            if page is not None and entry.title:
                yield level, page, str(entry.title)


class _Pdfium:
    """pdfium, opened when it is first needed."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._document: PdfDocument | None = None
        self._failed = False

    def read(self) -> PdfReading:
        """Every page by pdfium alone; DocumentFailed where it cannot open the file either."""
        document = self._open()
        if document is None:
            return PdfReading()
        reading = PdfReading()
        for index in range(len(document)):
            text = self.page_text(index)
            if text is not None and not text.strip() and self.has_picture(index):
                reading.scanned += 1
            reading.pages.append(text)
        return reading

    def page_text(self, index: int) -> str | None:
        """A page's text, "" for none, None where pdfium cannot read it."""
        return _attempt(lambda: self._page_text(index), None)

    def _page_text(self, index: int) -> str | None:
        if (document := self._open()) is None:
            return None
        page = document[index]
        textpage = page.get_textpage()
        try:
            return str(textpage.get_text_bounded()).replace("\x02", "-\n").replace("\ufffe", "-\n")
        finally:
            textpage.close()
            page.close()

    def has_picture(self, index: int) -> bool:
        """Whether the page shows an image."""
        return _attempt(lambda: self._has_picture(index), False)

    def _has_picture(self, index: int) -> bool:
        from pypdfium2 import raw

        if (document := self._open()) is None:
            return False
        page = document[index]
        try:
            return any(True for _ in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=4))
        finally:
            page.close()

    def _open(self) -> "PdfDocument | None":
        from pypdfium2 import PdfDocument, PdfiumError

        if self._document is None and not self._failed:
            try:
                self._document = PdfDocument(self._data)
            except PdfiumError as error:
                self._failed = True
                if getattr(error, "err_code", None) == _PDFIUM_PASSWORD:
                    raise _encrypted() from error
        return self._document

    def close(self) -> None:
        """Free the document."""
        if self._document is not None:
            self._document.close()
