"""Rich Text Format: `tokens` cuts the source, `reading` follows its groups and gives paragraphs and cells, `document`
makes blocks of them."""

from ingest.extract.rtf.document import extract

__all__ = ["extract"]
