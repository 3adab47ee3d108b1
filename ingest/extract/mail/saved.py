"""A web page that a browser saved as one message (MHTML): only the page shows, as if it had been opened."""

from dataclasses import replace
from email.message import Message
from typing import Final

from ingest.extract.assembly.building import TextBuilder
from ingest.extract.clean import humanised
from ingest.extract.extracted import Extracted
from ingest.extract.html import declared_charset, extract_page
from ingest.extract.mail.kinds import MEDIA_TYPES
from ingest.extract.mail.parsing.content import characters, part_text
from ingest.extract.mail.parsing.headers import decoded_words, moment_of
from ingest.extract.mail.parsing.mending import parsed
from ragchat.documents import Scalar

_PAGES: Final = frozenset({"text/html", "application/xhtml+xml"})
MOST_FRAMES: Final = 50


def extract_saved(data: bytes, name: str) -> Extracted:
    """Title: the page's, else the subject of the message; its address and the day it was saved are metadata."""
    if data.lstrip(b"\xef\xbb\xbf\r\n\t ")[:1] == b"<":
        return extract_page(characters(data, declared_charset(data)), name)
    message = parsed(data)
    pages = _pages(message)
    if not pages:
        return Extracted("", humanised(name), MEDIA_TYPES["page"], reason="no page was saved in it")
    page = extract_page(part_text(pages[0]), name)
    if not page.text:
        page = _frames(page, pages[1:], name)
    subject = decoded_words(str(message.get("Subject", "")))
    if page.title == humanised(name) and subject and not page.headings:
        page = replace(page, title=subject)
    facts: dict[str, Scalar] = dict(page.metadata)
    address = _address(message, pages[0])
    if address and "url" not in facts:
        facts["url"] = address
    moment = moment_of(str(message.get("Date", "")))
    if moment is not None:
        facts.setdefault("created", moment.isoformat())
    return replace(page, media_type=MEDIA_TYPES["page"], metadata=facts)


def _pages(message: Message) -> list[Message]:
    """The pages among the parts, first the one that `start` names."""
    pages = [part for part in message.walk() if part.get_content_type() in _PAGES and not part.is_multipart()]
    start = str(message.get_param("start", "")).strip("<> ")
    return sorted(pages, key=lambda part: str(part.get("Content-ID", "")).strip("<> ") != (start or None))


def _frames(page: Extracted, parts: list[Message], name: str) -> Extracted:
    """A page that shows nothing itself (a frameset) as the pages in its frames."""
    builder = TextBuilder()
    for part in parts[:MOST_FRAMES]:
        frame = extract_page(part_text(part), name)
        builder.append(frame.text, frame.headings, frame.blocks)
    if not builder.length:
        return page
    headings = tuple(builder.headings)
    return replace(page, text=builder.text, headings=headings, blocks=builder.blocks, reason="")


def _address(message: Message, root: Message) -> str:
    for part, field in ((message, "Snapshot-Content-Location"), (root, "Content-Location")):
        address = decoded_words(str(part.get(field, "")))
        if address.startswith(("http://", "https://")):
            return address[:2000]
    return ""
