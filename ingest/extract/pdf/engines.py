"""The two PDF engines behind one reading: which engine reads what, and what they raise, stays in this module.

Both parse hostile bytes; pypdf raises anything (KeyError, RecursionError, ...) on them. `_attempt` is the one named
boundary where that is turned into "could not be read"; only memory exhaustion passes.
"""

import io
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import islice
from time import monotonic
from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar

from pypdfium2 import PdfDocument, PdfiumError, raw

from ingest.extract.clean import one_line
from ingest.extract.ocr.tesseract import paragraphs_of, program
from ingest.extract.pdf.page.glyphs import PageGlyphs, read_glyphs
from ingest.extract.pdf.page.overlays import Overlays, attached_file, read_overlays
from ragchat.documents import Scalar
from ragchat.errors import DocumentFailed

if TYPE_CHECKING:
    from pypdf import PdfReader

T = TypeVar("T")

Page: TypeAlias = PageGlyphs | str
"""What pdfium sees, with places, or pypdf's plain text."""
MAX_OUTLINE: Final = 2000
MOST_PAGES: Final = 20_000
"""Several times as many as are read in the time that a file may take; a tree that names one page again and again is
small and has any number of them."""
RECOGNITION_SECONDS: Final = 40.0
"""For all scanned pages of a file together: less than a file may take."""
RESOLUTION: Final = 300
"""Dots per inch at which a scanned page is read; MOST_PIXELS bounds a page as large as a wall."""
MOST_PIXELS: Final = 25_000_000
MAX_FILES: Final = 20
"""Embedded files that are read."""
_RIGHT_TO_LEFT: Final = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")
_UNMAPPED: Final = re.compile("[\x00-\x08\x0e-\x1f\ufffd\ue000-\uf8ff]")
_PDFIUM_PASSWORD: Final = 4  # FPDF_ERR_PASSWORD


@dataclass(slots=True)
class PdfReading:
    """Pages in order (None: no engine could read the page) and facts about the file.

    `scanned` counts pages that show pictures and no text, `recognised` those of them that OCR read; `outline` has
    (level from 1, page from 0, title); `files` are names and bytes of embedded files.
    """

    pages: list[Page | None] = field(default_factory=list)
    scanned: int = 0
    recognised: int = 0
    metadata: dict[str, Scalar] = field(default_factory=dict)
    outline: list[tuple[int, int, str]] = field(default_factory=list)
    files: list[tuple[str, bytes]] = field(default_factory=list)


def read_pdf(data: bytes) -> PdfReading:
    """Pages by pdfium, with pypdf's help where that is better; DocumentFailed encrypted, damaged or too_large."""
    pdfium, pypdf = _Pdfium(data), _Pypdf(data)
    try:
        count = _attempt(pdfium.count, 0) or pypdf.count()
        if count > MOST_PAGES:
            raise DocumentFailed(
                f"has {count:,} pages, more than the {MOST_PAGES:,} that a file may have.",
                hint="Split the file.",
                code="too_large",
            )
        reading, deadline = PdfReading(), monotonic() + RECOGNITION_SECONDS
        for index in range(count):
            page = _page(pdfium, pypdf, index)
            if _is_empty(page) and page is not None and pdfium.has_picture(index):
                reading.scanned += 1
                page = pdfium.words_on(index, deadline - monotonic()) or page
                reading.recognised += not _is_empty(page)
            reading.pages.append(page)
        reading.metadata, reading.outline = pypdf.metadata(), pypdf.outline()
        reading.files = pdfium.attachments()[:MAX_FILES]
        return reading
    finally:
        pdfium.close()


def _page(pdfium: "_Pdfium", pypdf: "_Pypdf", index: int) -> Page | None:
    """pdfium's glyphs; pypdf's text where there are none, most have no meaning, or they run from right to left."""
    glyphs = pdfium.glyphs(index)
    if glyphs is not None and (glyphs.atoms or glyphs.hidden):
        text = "".join(atom.text for atom in glyphs.atoms)
        unmapped = len(_UNMAPPED.findall(text))
        if len(_RIGHT_TO_LEFT.findall(text)) <= 0.1 * len(text) and unmapped <= 0.1 * len(text):
            return glyphs
        other = pypdf.text(index)
        return other if other and len(_UNMAPPED.findall(other)) <= unmapped else glyphs
    other = pypdf.text(index)
    return other if other is not None and (other.strip() or glyphs is None) else glyphs


def _is_empty(page: Page | None) -> bool:
    return not page.strip() if isinstance(page, str) else page is None or not page.atoms


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


class _Pypdf:
    """pypdf, opened when it is first needed; every answer is empty where it cannot open the file."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._reader: PdfReader | None = None
        self._failed = False

    def count(self) -> int:
        """Pages, 0 for a file that cannot be opened; DocumentFailed encrypted."""
        return _attempt(lambda: len(reader.pages) if (reader := self._open()) else 0, 0)

    def text(self, index: int) -> str | None:
        """A page's text in reading order, None where pypdf cannot read it."""
        return _attempt(
            lambda: reader.pages[index].extract_text() if (reader := self._open()) else None, None
        )

    def metadata(self) -> dict[str, Scalar]:
        return _attempt(lambda: _metadata(reader) if (reader := self._open()) else {}, {})

    def outline(self) -> list[tuple[int, int, str]]:
        """At most MAX_OUTLINE entries."""
        return _attempt(
            lambda: (
                list(islice(_outline(reader, reader.outline, 1), MAX_OUTLINE))
                if (reader := self._open())
                else []
            ),
            [],
        )

    def _open(self) -> "PdfReader | None":
        if self._reader is None and not self._failed:
            self._failed = True
            self._reader = _attempt(partial(_opened, self._data), None)
        return self._reader


def _opened(data: bytes) -> "PdfReader":
    from pypdf import PasswordType, PdfReader  # 170 ms: only where pdfium fails

    reader = PdfReader(io.BytesIO(data), strict=False)
    if reader.is_encrypted and reader.decrypt("") == PasswordType.NOT_DECRYPTED:
        raise _encrypted()
    return reader


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
    from pypdf.generic import Destination  # 170 ms: only where pdfium fails

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
        self._form: object | None = None
        self._failed = False
        self.files: list[tuple[str, bytes]] = []
        """Names and bytes of the files that the pages read so far hold."""

    def count(self) -> int:
        """Pages, 0 for a file that cannot be opened; DocumentFailed encrypted."""
        document = self._open()
        return 0 if document is None else len(document)

    def glyphs(self, index: int) -> PageGlyphs | None:
        """What stands on a page, None where pdfium cannot read it."""
        return _attempt(lambda: self._glyphs(index), None)

    def _glyphs(self, index: int) -> PageGlyphs | None:
        if (document := self._open()) is None:
            return None
        page = document[index]
        textpage = page.get_textpage()
        try:
            overlays = _attempt(lambda: read_overlays(document, page, self._form), Overlays())
            self.files += overlays.files
            return read_glyphs(page, textpage, overlays)
        finally:
            textpage.close()
            page.close()

    def has_picture(self, index: int) -> bool:
        """Whether the page shows an image."""
        return _attempt(lambda: self._has_picture(index), False)

    def _has_picture(self, index: int) -> bool:
        if (document := self._open()) is None:
            return False
        page = document[index]
        try:
            return any(True for _ in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=4))
        finally:
            page.close()

    def words_on(self, index: int, seconds: float) -> str | None:
        """What OCR reads on a page, None where there is none or it may take no longer."""
        if program() is None or seconds <= 0:
            return None
        return _attempt(lambda: self._words_on(index, seconds), None)

    def _words_on(self, index: int, seconds: float) -> str | None:
        if (document := self._open()) is None:
            return None
        page = document[index]
        try:
            most = (MOST_PIXELS / max(page.get_width() * page.get_height(), 1.0)) ** 0.5
            bitmap = page.render(scale=min(RESOLUTION / 72, most), grayscale=True)
            pixels = bitmap.to_numpy()
            picture = b"P5 %d %d 255\n" % (bitmap.width, bitmap.height) + pixels.tobytes()
            return "\n\n".join(paragraphs_of(picture, seconds) or ())
        finally:
            page.close()

    def _open(self) -> "PdfDocument | None":
        if self._document is None and not self._failed:
            try:
                self._document = PdfDocument(self._data)
                self._form = _attempt(lambda: _form_of(self._document), None)
            except PdfiumError as error:
                self._failed = True
                if getattr(error, "err_code", None) == _PDFIUM_PASSWORD:
                    raise _encrypted() from error
        return self._document

    def attachments(self) -> list[tuple[str, bytes]]:
        """Names and bytes of the files that the document holds."""
        none: list[tuple[str, bytes]] = []
        document = self._document
        return (
            _attempt(lambda: list(_attachments(document)) if document is not None else [], none) + self.files
        )

    def close(self) -> None:
        """Free the document."""
        if self._document is not None:
            self._document.close()


def _form_of(document: "PdfDocument | None") -> object | None:
    """pdfium's handle of the document's form, None where it has none."""
    if document is None or not document.get_formtype():
        return None
    document.init_forms()
    return document.formenv.raw if document.formenv is not None else None


def _attachments(document: "PdfDocument") -> Iterator[tuple[str, bytes]]:
    for index in range(min(raw.FPDFDoc_GetAttachmentCount(document.raw), MAX_FILES)):
        if held := attached_file(raw.FPDFDoc_GetAttachment(document.raw, index)):
            yield held
