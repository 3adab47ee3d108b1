"""Mail: messages as text with headings, fields and paragraphs, and the files that are attached to them.

In the order in which a message goes through them: `kinds` tells the four formats apart, `mailbox` cuts a file of many
messages, `mending` parses one in spite of what is broken in it, `parts` tells its bodies from its attachments with the
help of `headers` (addresses, dates, encoded words), `content` (bytes and characters of a part) and `armour` (what is no
text though it stands in one), `outlook` reads the same from Outlook's own format. Each gives a `letter`; `lines`
unwraps its plain text, `writing` makes blocks of it and `attached` gives its files. `saved` is the odd one: a web page
that was saved as a message and shows nothing of it. `document` puts them together.
"""

from ingest.extract.mail.document import attachments, extract

__all__ = ["attachments", "extract"]
