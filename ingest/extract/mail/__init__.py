"""Mail: messages as text with headings, fields and paragraphs, and the files that are attached to them.

In the order in which a message goes through them: `kinds` tells the four formats apart, `mailbox` cuts a file of many
messages, `mending` parses one in spite of what is broken in it, `parts` tells its bodies from its attachments with the
help of `headers` (addresses, dates, encoded words) and `content` (bytes and characters of a part), `outlook` reads the
same from Outlook's own format. Each gives a `letter`; `lines` unwraps its plain text and `writing` makes blocks of it.
`saved` is the odd one: a web page that was saved as a message and shows nothing of it. `attached` names the files.
"""

from ingest.extract.mail.document import attachments, extract

__all__ = ["attachments", "extract"]
