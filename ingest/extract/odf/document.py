"""An OpenDocument file as a document: what its body is says who reads it; title and facts are told alike."""

from typing import Final

from ingest.extract.assembly.titles import file_title
from ingest.extract.clean import humanised
from ingest.extract.extracted import Extracted
from ingest.extract.odf.facts import facts_of
from ingest.extract.odf.opening import Opened
from ingest.extract.odf.sheets import read_workbook
from ingest.extract.odf.slides import read_slides
from ingest.extract.odf.text import read_text
from ragchat.errors import DocumentFailed

_MEDIA_TYPE: Final = "application/vnd.oasis.opendocument."
_READERS: Final = {"text": read_text, "spreadsheet": read_workbook, "presentation": read_slides}


def extract(data: bytes, name: str) -> Extracted:
    """Title: the one in the file's facts, else what its body tells (`Held.title`); see `file_title`.

    Raises DocumentFailed damaged, encrypted, too_large, or unsupported for drawings and databases.
    """
    opened = Opened(data)
    for kind, read in _READERS.items():
        body = opened.body(kind)
        if body is None:
            continue
        held = read(opened, body)
        facts = facts_of(opened)
        title = _title((str(facts.pop("title", "")), held.title), name)
        return Extracted(
            held.builder.text,
            title,
            _MEDIA_TYPE + kind,
            pages=tuple(held.builder.pages),
            headings=tuple(held.builder.headings),
            metadata=facts,
            reason="" if held.builder.length else held.reason,
            notes=held.notes,
            blocks=held.builder.blocks,
        )
    raise DocumentFailed("is no OpenDocument text, spreadsheet or presentation.", code="unsupported")


def _title(told: tuple[str, ...], name: str) -> str:
    """The first title that no program left there, else the file's name."""
    titles = (file_title(title, name) for title in told)
    return next((title for title in titles if title != humanised(name)), humanised(name))
