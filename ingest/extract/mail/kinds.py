"""Which of the four formats of mail a file is: its bytes decide, its name only where they leave it open."""

import re
from pathlib import PurePosixPath
from typing import Final, Literal, TypeAlias

from ingest.extract.mail.mailbox import starts_as_mailbox

Kind: TypeAlias = Literal["message", "page", "mailbox", "outlook"]

MEDIA_TYPES: Final[dict[Kind, str]] = {
    "message": "message/rfc822",
    "page": "multipart/related",
    "mailbox": "application/mbox",
    "outlook": "application/vnd.ms-outlook",
}
OLE_MAGIC: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
HEAD_BYTES: Final = 16_384
"""How far the end of a message's header is looked for."""
_END_OF_HEADER: Final = re.compile(rb"\r?\n[ \t]*\r?\n")
_SAVED: Final = re.compile(
    rb"^(?:Snapshot-Content-Location[ \t]*:|From[ \t]*:[ \t]*\"?<?Saved by )", re.IGNORECASE | re.MULTILINE
)
_RELATED: Final = re.compile(rb"^Content-Type[ \t]*:\s{0,9}(?:multipart/related|text/html)", re.I | re.M)
_PERSONAL: Final = re.compile(rb"^(?:To|Cc|Received|Delivered-To|Return-Path)[ \t]*:", re.I | re.M)


def kind_of(data: bytes, name: str) -> Kind:
    """A saved page is told by the browser's own fields, or by its name where it is addressed to nobody."""
    suffix = PurePosixPath(name.replace("\\", "/")).suffix.lower()
    if data.startswith(OLE_MAGIC):
        return "outlook"
    if starts_as_mailbox(data):
        return "message" if suffix in (".eml", ".msg") else "mailbox"
    head = _END_OF_HEADER.split(data[:HEAD_BYTES].lstrip(), maxsplit=1)[0]
    if _SAVED.search(head):
        return "page"
    if suffix in (".mht", ".mhtml"):
        bare = data.lstrip()[:1] == b"<"
        return "page" if bare or (_RELATED.search(head) and not _PERSONAL.search(head)) else "message"
    return "message"
