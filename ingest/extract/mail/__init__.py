"""Mail: messages as text with headings, fields and paragraphs, and the files that are attached to them.

In the order in which a message goes through them: `kinds` tells the four formats apart, `mailbox` cuts a file of many
messages, `parsing` reads one in spite of what is broken in it, `outlook` reads the same from Outlook's own format. Each
gives a `letter`; `lines` unwraps its plain text, `writing` makes blocks of it and `attached` gives its files, which are
documents of their own. `saved` is the odd one: a web page that was saved as a message and shows nothing of it.
`document` puts them together.
"""

from dataclasses import replace

from ingest.extract.archive.parts import parts_of
from ingest.extract.extracted import Extracted
from ingest.extract.mail.document import attachments
from ingest.extract.mail.document import extract as extract_text

__all__ = ["attachments", "extract"]


def extract(data: bytes, name: str) -> Extracted:
    """The text of a message, mailbox or saved page, and its attachments as parts. DocumentFailed damaged."""
    parts, _ = parts_of(attachments(data, name))
    return replace(extract_text(data, name), parts=tuple(parts))
