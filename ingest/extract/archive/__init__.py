"""Files that hold files: `members` unpacks archives within bounds, `parts` reads what is inside as documents of their
own, for archives and for the attachments of mail."""

from ingest.extract.archive.document import extract

__all__ = ["extract"]
